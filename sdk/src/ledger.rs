//! What a ledger does for a client: it is read, and transactions are sent to it. A Solana cluster
//! ([`crate::rpc`]) and the in-process SVM ([`crate::embedded`]) both do it.

#[cfg(feature = "embedded")]
mod embedded_error;
#[cfg(any(feature = "rpc", feature = "embedded"))]
mod failure;
mod feed;
mod filter;
pub(crate) mod nonce;
pub mod offline;
mod program;
mod send_layer;
mod signing;
mod submission;
mod traffic;
mod transactions;
mod watcher;

#[cfg(feature = "embedded")]
pub use embedded_error::EmbeddedError;
#[cfg(any(feature = "rpc", feature = "embedded"))]
pub(crate) use failure::{failed, instructions_of, Sent};
pub(crate) use signing::{payer, sign};
pub use {
    feed::{ProgramFeed, ProgramUpdate},
    filter::Filter,
    program::check_program,
    send_layer::SendLayer,
    signing::SignedMessage,
    submission::Submission,
    traffic::{RequestOutcome, Traffic},
    transactions::{
        BlockEntry, Call, Finality, SignatureEntry, SignaturePage, TransactionEntry, MAX_PAGE_LEN,
    },
    watcher::AccountWatcher,
};

use {
    crate::error::EbbError,
    async_trait::async_trait,
    feed::NoFeed,
    solana_program::{hash::Hash, instruction::Instruction, pubkey::Pubkey},
    solana_sdk::{
        account::Account,
        signature::Signature,
        signer::Signer,
        transaction::{TransactionError, VersionedTransaction},
    },
    watcher::NoWatcher,
};

/// The longest transaction that a cluster takes, in bytes.
pub const MAX_TRANSACTION_LEN: usize = 1_232;

/// The chain's idea of now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The slot.
    pub slot: u64,
    /// The Clock sysvar's time, in Unix seconds.
    pub time: i64,
}

/// An accepted transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its first signature.
    pub signature: Signature,
    /// The slot it landed in.
    pub slot: u64,
    /// Compute units it consumed, where the ledger reports it.
    pub compute_units: Option<u64>,
    /// Its fee in lamports, where the ledger reports it.
    pub fee: Option<u64>,
    /// Its log lines, where the ledger reports it.
    pub logs: Vec<String>,
}

/// What a transaction would do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulation {
    /// Compute units it would consume.
    pub compute_units: u64,
    /// The fee in lamports it would cost.
    pub fee: u64,
    /// Its log lines.
    pub logs: Vec<String>,
}

/// Why a ledger did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The program refused an instruction. Nothing was written.
    #[error("{error}")]
    Refused {
        /// The rule.
        error: EbbError,
        /// Which instruction of those sent, from 0.
        instruction: usize,
        /// The transaction's log lines.
        logs: Vec<String>,
    },
    /// The transaction failed otherwise, as for want of lamports. Nothing was written.
    #[error("the transaction failed: {error}")]
    Failed {
        /// What the runtime says.
        error: TransactionError,
        /// The transaction's log lines.
        logs: Vec<String>,
    },
    /// An account's bytes are not what this program writes.
    #[error("account {address}: {error}")]
    Account {
        /// The account.
        address: Pubkey,
        /// What is wrong with it.
        error: EbbError,
    },
    /// The cluster cannot be reached.
    #[error("cannot reach {url}: {reason}")]
    Unreachable {
        /// Which.
        url: String,
        /// Why.
        reason: String,
    },
    /// Every node that answered knows less than this client has seen.
    #[error("{url}: {}", node_behind(*.slot, *.seen))]
    Behind {
        /// The cluster.
        url: String,
        /// The slot of the last node that answered, where it said.
        slot: Option<u64>,
        /// The newest slot that was seen.
        seen: u64,
    },
    /// The node answers, and refuses to serve this client.
    #[error("{url} refuses access: {message}")]
    Denied {
        /// The cluster.
        url: String,
        /// The status, and what the node says.
        message: String,
    },
    /// It stayed unknown whether the transaction landed: it was sent and neither confirmed nor expired in time.
    #[error(
        "transaction {0} was sent and not confirmed in time; check its status before sending it again"
    )]
    Unconfirmed(Signature),
    /// The cluster let every blockhash it was signed with expire. It did not run and will not.
    #[error("the cluster dropped the transaction {attempts} times; nothing was written")]
    Dropped {
        /// How often it was signed with a fresh blockhash.
        attempts: u32,
    },
    /// A signer failed, as a hardware wallet may, or one that must sign is missing.
    #[error("cannot sign: {0}")]
    Signer(String),
    /// A signature that was made elsewhere does not fit the transaction.
    #[error("the signature given for {0} is of another transaction")]
    ForeignSignature(Pubkey),
    /// A transaction was to be sent by a ledger whose transactions are signed only.
    #[error("transactions are signed only here, and none is sent")]
    NotSent,
    /// The program is not on this ledger.
    #[error("there is no program at {0} on this ledger")]
    NoProgram(Pubkey),
    /// The account at a program's address is another one's.
    #[error("the account at {address} is no program that can be called; its owner is {owner}")]
    NotAProgram {
        /// The address.
        address: Pubkey,
        /// The owner of the account.
        owner: Pubkey,
    },
    /// The program's id is the development id, which was not chosen, and this is a cluster that everybody uses.
    #[error(
        "the private key of the development id {id} is public, so on {cluster} the program there may be anybody's",
        id = crate::ID
    )]
    DevelopmentId {
        /// The cluster's name.
        cluster: &'static str,
    },
    /// The node does not have the transaction at which a list was to begin or end.
    #[error("{url} does not have the transaction from which a list of transactions was to go on")]
    UnknownAnchor {
        /// The cluster.
        url: String,
    },
    /// Anything else the ledger answered.
    #[error("{0}")]
    Other(String),
    /// The embedded ledger's folder cannot be used.
    #[cfg(feature = "embedded")]
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
}

impl LedgerError {
    /// Whether the cluster did not answer, or no node of it that knows what was seen; that may pass.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Behind { .. })
    }

    /// Whether the transaction may not have landed and may be sent again: after the ledger was read again, as it may have.
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Unconfirmed(_) | Self::Dropped { .. })
    }

    /// Whether the transaction may have landed, or may land yet.
    pub fn may_land(&self) -> bool {
        matches!(self, Self::Unconfirmed(_))
    }
}

/// That a node is at `slot`, as far as it says, and knows less than was `seen`.
pub(crate) fn node_behind(slot: Option<u64>, seen: u64) -> String {
    match slot {
        Some(slot) => format!("the node is at slot {slot}, behind slot {seen}, which was seen"),
        None => format!("the node is behind slot {seen}, which was seen"),
    }
}

fn without_history() -> LedgerError {
    LedgerError::Other("this ledger keeps no history of transactions".into())
}

/// Takes the accounts of a list, one after another.
pub type Visit<'a> = dyn FnMut(Pubkey, Account) + Send + 'a;

/// A ledger that a client reads and sends transactions to.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// The accounts at these addresses, in their order; `None` where there is none. Takes any number of addresses.
    async fn accounts(&self, addresses: &[Pubkey]) -> Result<Vec<Option<Account>>, LedgerError>;

    /// Hands over the accounts that a program owns and that pass every filter, each as soon as the ledger has sent it, in
    /// no order. Returns the slot that they are of. After an error, those handed over are not all there are.
    async fn visit_program_accounts(
        &self,
        program_id: &Pubkey,
        filters: &[Filter],
        visit: &mut Visit<'_>,
    ) -> Result<u64, LedgerError>;

    /// The same accounts, all at once and in the order of their addresses.
    async fn program_accounts(
        &self,
        program_id: &Pubkey,
        filters: &[Filter],
    ) -> Result<Vec<(Pubkey, Account)>, LedgerError> {
        let mut accounts = vec![];
        let mut collect = |address, account| accounts.push((address, account));
        self.visit_program_accounts(program_id, filters, &mut collect)
            .await?;
        accounts.sort_unstable_by_key(|(address, _)| *address);
        Ok(accounts)
    }

    /// What distinguishes this ledger from every other: a cluster's genesis hash, and for an embedded ledger a
    /// hash of its default key, which is made with it.
    async fn genesis(&self) -> Result<Hash, LedgerError>;

    /// The chain's slot and time.
    async fn now(&self) -> Result<Now, LedgerError>;

    /// What is another one whenever any account is; `None` where the ledger cannot say, as a cluster.
    async fn stamp(&self) -> Result<Option<Hash>, LedgerError> {
        Ok(None)
    }

    /// The newest slot that the ledger itself reports, at its commitment; `None` where all there is can be read, as
    /// in process.
    async fn newest_slot(&self) -> Result<Option<u64>, LedgerError> {
        Ok(None)
    }

    /// The newest slot that the ledger can no longer drop.
    async fn final_slot(&self) -> Result<u64, LedgerError> {
        Ok(self.now().await?.slot)
    }

    /// From now on, believes nothing that is older than the newest slot that the ledger itself reports now. What a
    /// client sees after that was so then or later, whichever node answers.
    ///
    /// Without it, nothing is believed that is older than what this client has seen, its own transactions included. A
    /// node that is behind is asked again for half a minute.
    async fn catch_up(&self) -> Result<(), LedgerError> {
        Ok(())
    }

    /// The oldest slot at which accounts were read so far, where the ledger says at which slots it answers.
    fn oldest_read(&self) -> Option<u64> {
        None
    }

    /// What was asked of a cluster so far; nothing in process.
    fn traffic(&self) -> Traffic {
        Traffic::default()
    }

    /// Lamports that keep an account of `len` bytes.
    async fn rent(&self, len: usize) -> Result<u64, LedgerError>;

    /// What a transaction of these instructions would do now. Signatures are not asked for.
    async fn simulate(
        &self,
        instructions: &[Instruction],
        fee_payer: &Pubkey,
    ) -> Result<Simulation, LedgerError>;

    /// Sends one transaction and waits until it is accepted at the ledger's commitment. It runs at
    /// most once, whatever happens in between.
    ///
    /// `signers` holds the fee payer first; each signer once or more often.
    async fn send(
        &self,
        instructions: &[Instruction],
        signers: &[&(dyn Signer + Sync)],
    ) -> Result<Receipt, LedgerError>;

    /// Does with one transaction what this ledger's transactions are for: sends it, as [`Ledger::send`] does, or signs it
    /// only.
    async fn submit(
        &self,
        instructions: &[Instruction],
        signers: &[&(dyn Signer + Sync)],
    ) -> Result<Submission, LedgerError> {
        let receipt = self.send(instructions, signers).await?;
        Ok(Submission::Accepted(receipt))
    }

    /// Fails if a program that these instructions call is not there, is no program, or is not to be called on this
    /// ledger. What is sent is checked in any case; this is for who signs before that.
    async fn check_programs(&self, _instructions: &[Instruction]) -> Result<(), LedgerError> {
        Ok(())
    }

    /// A blockhash that a transaction may be signed with now.
    async fn latest_blockhash(&self) -> Result<Hash, LedgerError>;

    /// Sends a transaction as it was signed and waits until it is accepted, as [`Ledger::send`] does.
    /// A refusal counts the instructions from the transaction's first. One that landed before, whoever sent it, does not
    /// run again: its receipt is returned, or the error that it met. Where the ledger does not have it and its blockhash
    /// or nonce is not valid, it fails with `BlockhashNotFound`.
    async fn send_transaction(
        &self,
        transaction: VersionedTransaction,
    ) -> Result<Receipt, LedgerError>;

    /// Signatures of the transactions that name `address`, newest first.
    ///
    /// # Errors
    /// [`LedgerError::UnknownAnchor`] where the page begins or ends at a transaction that the node does not have.
    async fn signatures(
        &self,
        _address: &Pubkey,
        _page: &SignaturePage,
    ) -> Result<Vec<SignatureEntry>, LedgerError> {
        Err(without_history())
    }

    /// A transaction with its logs; `None` if the node does not have it: it was pruned, dropped, or is not there yet.
    async fn transaction(
        &self,
        _signature: &Signature,
        _finality: Finality,
    ) -> Result<Option<TransactionEntry>, LedgerError> {
        Err(without_history())
    }

    /// The first final block in a slot or after it, of those that the node has: whether it has all in between, the block's
    /// parent says. `None` where it has none yet, or serves no blocks.
    async fn block_from(&self, _slot: u64) -> Result<Option<BlockEntry>, LedgerError> {
        Ok(None)
    }

    /// Watches accounts from now on, as well as the ledger can.
    fn watch(&self, _addresses: &[Pubkey]) -> Box<dyn AccountWatcher> {
        Box::new(NoWatcher)
    }

    /// Watches every account that a program owns from now on, as well as the ledger can.
    fn watch_program(&self, _program_id: &Pubkey) -> Box<dyn AccountWatcher> {
        Box::new(NoWatcher)
    }

    /// Follows every account that a program owns from now on, as well as the ledger can.
    fn follow_program(&self, _program_id: &Pubkey) -> Box<dyn ProgramFeed> {
        Box::new(NoFeed)
    }
}
