//! A ledger that is a Solana cluster, reached by JSON RPC.
//!
//! A read is one request, or one for every 100 accounts. [`Ledger::send`] simulates, asks for the
//! compute units that the simulation used plus a [margin](compute_unit_limit), and sends the
//! transaction until it is confirmed or can never land any more: it runs at most once,
//! whatever is lost in between.
//!
//! The URL may be a load balancer's, with nodes behind it that are far apart. No answer is believed that is older than
//! what this client has seen: see [`Ledger::catch_up`].

mod accounts;
mod block;
mod compute_budget;
pub mod deploy;
mod details;
mod endpoint;
mod failure;
mod feed;
mod history;
mod lifetime;
mod list;
mod programs;
mod send;
mod simulate;
#[cfg(test)]
mod tests;
mod transport;
mod watcher;

pub use {
    compute_budget::compute_unit_limit, endpoint::SecretUrl,
    solana_client::rpc_config::CommitmentConfig, transport::Delay,
};

use {
    crate::ledger::{
        instructions_of, AccountWatcher, BlockEntry, Filter, Finality, Ledger, LedgerError, Now,
        ProgramFeed, Receipt, SignatureEntry, SignaturePage, Simulation, Traffic, TransactionEntry,
        Visit,
    },
    async_trait::async_trait,
    failure::Failure,
    feed::PubsubFeed,
    programs::Programs,
    solana_client::{
        nonblocking::rpc_client::RpcClient, rpc_client::RpcClientConfig, rpc_sender::RpcSender,
    },
    solana_program::{hash::Hash, instruction::Instruction, pubkey::Pubkey},
    solana_sdk::{
        account::Account, signature::Signature, signer::Signer, transaction::VersionedTransaction,
    },
    solana_sdk_ids::sysvar,
    std::{
        sync::{atomic::AtomicU32, Arc},
        time::Duration,
    },
    tokio::sync::OnceCell,
    transport::{Http, SharedTransport, Transport},
    watcher::{PubsubWatcher, Subscription},
};

/// How long a request may take, a node may be silent, and a connection is kept, as with Solana's own client.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A Solana cluster.
pub struct RpcLedger {
    client: RpcClient,
    /// Beneath the client, what every request goes through.
    transport: Arc<Transport>,
    url: SecretUrl,
    commitment: CommitmentConfig,
    program_id: Pubkey,
    programs: Programs,
    compute_unit_price: u64,
    /// How many transactions were sent, from a random number on: other processes have theirs.
    sends: AtomicU32,
    websocket_url: Option<SecretUrl>,
    /// Whether it has caught up, if it is to before it reads.
    caught_up: Option<OnceCell<()>>,
}

impl RpcLedger {
    /// The cluster behind an HTTP URL. What is read, and what is waited for, has this commitment.
    pub fn new(url: impl Into<String>, commitment: CommitmentConfig) -> Self {
        let http = Http::new(url.into());
        Self::over(Transport::http(http, commitment), commitment)
    }

    /// The cluster behind a sender of the caller's. Its answers come in whole, those with long lists too.
    pub fn with_sender(
        sender: impl RpcSender + Send + Sync + 'static,
        commitment: CommitmentConfig,
    ) -> Self {
        Self::over(Transport::other(sender, commitment), commitment)
    }

    fn over(transport: Transport, commitment: CommitmentConfig) -> Self {
        let transport = Arc::new(transport);
        let sender = SharedTransport(Arc::clone(&transport));
        let url = SecretUrl::new(sender.url());
        let config = RpcClientConfig::with_commitment(commitment);
        Self {
            client: RpcClient::new_sender(sender, config),
            transport,
            url,
            commitment,
            program_id: crate::ID,
            programs: Programs::default(),
            compute_unit_price: 0,
            sends: AtomicU32::new(compute_budget::random()),
            websocket_url: None,
            caught_up: None,
        }
    }

    /// Catches up before it reads for the first time, as [`Ledger::catch_up`] does: for who is about to change what is
    /// read. By default what is read first may be as old as the node that answers.
    pub fn catch_up_first(self) -> Self {
        let caught_up = Some(OnceCell::new());
        Self { caught_up, ..self }
    }

    /// Calls `on_delay` when a request has to wait for two seconds or more before it is made again. By default nobody
    /// hears of it.
    pub fn on_delay(self, on_delay: impl Fn(&Delay) + Send + Sync + 'static) -> Self {
        self.transport.on_delay(Box::new(on_delay));
        self
    }

    /// Where the cluster reports changes of accounts. By default it is not asked to.
    pub fn websocket_url(self, websocket_url: impl Into<String>) -> Self {
        Self {
            websocket_url: Some(SecretUrl::new(websocket_url.into())),
            ..self
        }
    }

    /// The address the program runs at, whose errors are to be understood. By default [`crate::ID`], to which nothing is
    /// sent on mainnet, testnet and devnet unless it is named here.
    pub fn program_id(mut self, program_id: Pubkey) -> Self {
        self.program_id = program_id;
        self.programs.is_chosen = true;
        self
    }

    /// The priority fee, in micro-lamports a compute unit. By default none.
    pub fn compute_unit_price(self, compute_unit_price: u64) -> Self {
        Self {
            compute_unit_price,
            ..self
        }
    }

    /// The cluster's URL.
    pub fn url(&self) -> &SecretUrl {
        &self.url
    }

    /// The error of a request that is no transaction.
    fn unanswered(&self, error: impl Into<Failure>) -> LedgerError {
        let (url, redact) = (self.url.to_string(), |text: String| self.url.redact(&text));
        match error.into() {
            Failure::Rejected { error, logs } => LedgerError::Failed { error, logs },
            Failure::Behind { slot, seen } => LedgerError::Behind { url, slot, seen },
            Failure::Denied(message) => LedgerError::Denied {
                url,
                message: redact(message),
            },
            Failure::NoProxy { proxy, reason } => LedgerError::Unreachable {
                url: format!("the proxy {proxy} in front of {url}"),
                reason,
            },
            Failure::Answered { code, message } => {
                LedgerError::Other(format!("{url} answered: {} ({code})", redact(message)))
            }
            failure @ (Failure::NotSent(_)
            | Failure::NoAnswer(_)
            | Failure::Broken(_)
            | Failure::TooSoon { .. }) => self.unreachable(failure.to_string()),
        }
    }

    fn unreachable(&self, reason: String) -> LedgerError {
        LedgerError::Unreachable {
            url: self.url.to_string(),
            reason: self.url.redact(&reason),
        }
    }

    fn watcher(&self, to: Subscription) -> Box<dyn AccountWatcher> {
        let (url, meter) = (
            self.websocket_url.clone(),
            Arc::clone(&self.transport.meter),
        );
        Box::new(PubsubWatcher::new(url, to, self.commitment, meter))
    }

    async fn before_reading(&self) -> Result<(), LedgerError> {
        if let Some(caught_up) = &self.caught_up {
            caught_up.get_or_try_init(|| self.catch_up()).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Ledger for RpcLedger {
    async fn accounts(&self, addresses: &[Pubkey]) -> Result<Vec<Option<Account>>, LedgerError> {
        self.before_reading().await?;
        self.accounts_at(addresses).await
    }

    async fn visit_program_accounts(
        &self,
        program_id: &Pubkey,
        filters: &[Filter],
        visit: &mut Visit<'_>,
    ) -> Result<u64, LedgerError> {
        self.before_reading().await?;
        self.list(program_id, filters, visit).await
    }

    async fn genesis(&self) -> Result<Hash, LedgerError> {
        let genesis = self.client.get_genesis_hash().await;
        genesis.map_err(|error| self.unanswered(error))
    }

    async fn now(&self) -> Result<Now, LedgerError> {
        let clock = self.accounts(&[sysvar::clock::ID]).await?;
        let data = clock.iter().flatten().next().map(|clock| &clock.data);
        data.and_then(|data| clock_reading(data))
            .ok_or_else(|| LedgerError::Other(format!("{} sent an unreadable clock", self.url)))
    }

    async fn newest_slot(&self) -> Result<Option<u64>, LedgerError> {
        self.slot_of(self.commitment).await.map(Some)
    }

    async fn final_slot(&self) -> Result<u64, LedgerError> {
        self.slot_of(CommitmentConfig::finalized()).await
    }

    async fn catch_up(&self) -> Result<(), LedgerError> {
        let newest = self.slot_of(self.commitment).await?;
        self.transport.saw(newest);
        Ok(())
    }

    fn oldest_read(&self) -> Option<u64> {
        self.transport.oldest_read()
    }

    fn traffic(&self) -> Traffic {
        self.transport.meter.read()
    }

    async fn rent(&self, len: usize) -> Result<u64, LedgerError> {
        self.client
            .get_minimum_balance_for_rent_exemption(len)
            .await
            .map_err(|error| self.unanswered(error))
    }

    async fn simulate(
        &self,
        instructions: &[Instruction],
        fee_payer: &Pubkey,
    ) -> Result<Simulation, LedgerError> {
        self.simulate_until_callable(instructions, fee_payer).await
    }

    async fn send(
        &self,
        instructions: &[Instruction],
        signers: &[&(dyn Signer + Sync)],
    ) -> Result<Receipt, LedgerError> {
        self.check_called(instructions).await?;
        self.send_and_confirm(instructions, signers).await
    }

    async fn latest_blockhash(&self) -> Result<Hash, LedgerError> {
        Ok(self.blockhash_to_sign_with().await?.0)
    }

    async fn send_transaction(
        &self,
        transaction: VersionedTransaction,
    ) -> Result<Receipt, LedgerError> {
        self.check_called(&instructions_of(&transaction.message))
            .await?;
        self.send_signed(transaction).await
    }

    async fn check_programs(&self, instructions: &[Instruction]) -> Result<(), LedgerError> {
        self.check_called(instructions).await
    }

    async fn signatures(
        &self,
        address: &Pubkey,
        page: &SignaturePage,
    ) -> Result<Vec<SignatureEntry>, LedgerError> {
        self.signatures_of(address, page).await
    }

    async fn transaction(
        &self,
        signature: &Signature,
        finality: Finality,
    ) -> Result<Option<TransactionEntry>, LedgerError> {
        self.transaction_of(signature, finality).await
    }

    async fn block_from(&self, slot: u64) -> Result<Option<BlockEntry>, LedgerError> {
        self.first_block_from(slot).await
    }

    fn watch(&self, addresses: &[Pubkey]) -> Box<dyn AccountWatcher> {
        self.watcher(Subscription::Accounts(addresses.to_vec()))
    }

    fn watch_program(&self, program_id: &Pubkey) -> Box<dyn AccountWatcher> {
        self.watcher(Subscription::Program(*program_id))
    }

    fn follow_program(&self, program_id: &Pubkey) -> Box<dyn ProgramFeed> {
        let (url, meter) = (self.websocket_url.clone(), self.transport.meter.clone());
        Box::new(PubsubFeed::new(url, *program_id, self.commitment, meter))
    }
}

impl std::fmt::Debug for RpcLedger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RpcLedger")
            .field("url", &self.url)
            .field("commitment", &self.commitment)
            .field("program_id", &self.program_id)
            .finish_non_exhaustive()
    }
}

/// Slot and time in the Clock sysvar's data, where they come first and last.
fn clock_reading(data: &[u8]) -> Option<Now> {
    Some(Now {
        slot: u64::from_le_bytes(*data.first_chunk()?),
        time: i64::from_le_bytes(*data.last_chunk()?),
    })
}
