use {
    crate::{permit::Permit, ports::Ports, scheduler},
    ebb_sdk::{
        elf::PROGRAM_FILE,
        rpc::{CommitmentConfig, RpcLedger},
    },
    solana_client::{
        nonblocking::rpc_client::RpcClient,
        rpc_config::{RpcBlockConfig, TransactionDetails},
    },
    solana_sdk::{
        native_token::LAMPORTS_PER_SOL, pubkey::Pubkey, signature::Keypair, signer::Signer,
    },
    std::{
        env,
        ffi::OsString,
        fs,
        future::Future,
        io::{BufRead, BufReader},
        path::{Path, PathBuf},
        process::{Child, Command, Stdio},
        thread,
        time::{Duration, Instant},
    },
    tempfile::TempDir,
};

/// Names the validator's binary.
const BINARY: &str = "EBB_TEST_VALIDATOR";
/// How long anything that is waited for may take.
const TIMEOUT: Duration = Duration::from_secs(180);
/// How long a validator on a busy machine may take for the blocks after which it prunes.
const PRUNING: Duration = Duration::from_secs(600);
/// How often it is checked.
const POLL: Duration = Duration::from_millis(50);
/// A quarter of a cluster's: a slot takes 100 ms, and a blockhash lives for 15 s.
const TICKS_PER_SLOT: &str = "16";
/// What a validator that prunes keeps: the shreds of some fifty blocks.
const SHREDS: &str = "100";
/// Runs its arguments, prints their process id, and kills them once its input ends: that happens however this process ends.
const GUARD: &str = r#"
trap '' INT TERM HUP
exec 3<&0
"$@" 3<&- >/dev/null &
validator=$!
echo "$validator"
exec >&-
{ cat >/dev/null; kill -9 "$validator"; } <&3 &
exec 3<&-
wait "$validator"
"#;

/// What a validator starts with.
#[derive(Default)]
pub struct Options {
    arguments: Vec<OsString>,
}

impl Options {
    /// With the program at an address, as `--upgradeable-program` puts it there.
    pub fn program(mut self, program_id: &Pubkey, authority: &Pubkey) -> Self {
        self.arguments.extend([
            "--upgradeable-program".into(),
            program_id.to_string().into(),
            PROGRAM_FILE.into(),
            authority.to_string().into(),
        ]);
        self
    }

    /// With all there is at the start on one account.
    pub fn mint(mut self, mint: &Pubkey) -> Self {
        self.arguments
            .extend(["--mint".into(), mint.to_string().into()]);
        self
    }

    /// With another option and its value.
    pub fn argument(mut self, option: &str, value: &str) -> Self {
        self.arguments.extend([option.into(), value.into()]);
        self
    }

    /// Keeping a few blocks. A validator counts those that are in its files, where a restart puts what was in its memory, and
    /// prunes every 512 slots.
    pub fn pruning(self) -> Self {
        self.argument("--limit-ledger-size", SHREDS)
    }

    /// With the accounts whose JSON files are in a folder.
    pub fn accounts(mut self, folder: &Path) -> Self {
        self.arguments
            .extend(["--account-dir".into(), folder.into()]);
        self
    }
}

/// A validator with the program at an address, and its upgrade authority.
pub fn preloaded(program_id: &Pubkey) -> (Validator, Keypair) {
    let authority = Keypair::new();
    let options = Options::default().program(program_id, &authority.pubkey());
    (Validator::start(options), authority)
}

/// The process that ends the validator's.
struct Guard {
    process: Child,
    /// The validator's process id.
    validator: String,
}

/// A validator process. Dropping it ends it.
pub struct Validator {
    _permit: Permit,
    folder: TempDir,
    ports: Ports,
    arguments: Vec<OsString>,
    guard: Option<Guard>,
    /// The last block that was seen of it, so that it is not taken for ready before it is there again.
    height: u64,
}

impl Validator {
    /// Starts one on a new ledger and waits until it takes transactions.
    pub fn start(options: Options) -> Self {
        let mut validator = Self::start_only(options);
        validator.until_ready();
        validator
    }

    /// Starts one on a new ledger.
    pub fn start_only(options: Options) -> Self {
        let mut validator = Self {
            _permit: Permit::wait(),
            folder: tempfile::tempdir().expect("a folder for the ledger"),
            ports: Ports::claim(),
            arguments: options.arguments,
            guard: None,
            height: 0,
        };
        validator.guard = Some(validator.spawn());
        validator
    }

    /// Kills it at once, as a crash would. It writes its ledger behind, so what it has confirmed by
    /// now is let through to the disk first: a block without one before it would not count.
    pub fn kill(&mut self) {
        if self.guard.is_some() {
            self.height = self.ask(|client| async move {
                until_written(&client).await;
                client.get_block_height().await.expect("it answers")
            });
        }
        self.end();
    }

    /// Starts it again on its ledger, and waits until it takes transactions and knows what it knew.
    pub fn restart(&mut self) {
        self.end();
        self.guard = Some(self.spawn());
        self.until_ready();
    }

    /// Restarts it, and waits until it has pruned all that is confirmed by now, which takes [`Options::pruning`].
    pub fn prune(&mut self) {
        let newest = self.ask(|client| async move { client.get_slot().await });
        let newest = newest.expect("it answers");
        self.kill();
        self.restart();
        self.ask(|client| async move {
            until_within(PRUNING, "it has pruned", || async {
                let first = client.get_first_available_block().await;
                first.expect("it answers") > newest
            })
            .await;
        });
    }

    fn until_ready(&mut self) {
        let started = Instant::now();
        while self.height().is_none_or(|height| height <= self.height) {
            let guard = self.guard.as_mut().expect("it was spawned");
            let ended = guard.process.try_wait().expect("the guard can be asked");
            assert!(
                ended.is_none() && started.elapsed() < TIMEOUT,
                "the validator did not start ({ended:?}); its log ends:\n{}",
                self.log_end()
            );
            thread::sleep(POLL);
        }
        let guard = self.guard.as_ref().expect("it was spawned");
        scheduler::yield_to_others(&guard.validator);
    }

    /// Its process id.
    pub fn process(&self) -> u32 {
        let guard = self.guard.as_ref().expect("it was spawned");
        guard
            .validator
            .parse()
            .expect("the guard prints a process id")
    }

    /// Its JSON RPC endpoint.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.rpc())
    }

    /// Where it reports changes.
    pub fn websocket_url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.ports.rpc() + 1)
    }

    /// A plain client of it, for what the SDK does not ask.
    pub fn client(&self) -> RpcClient {
        RpcClient::new_with_commitment(self.url(), CommitmentConfig::confirmed())
    }

    /// It as a ledger.
    pub fn ledger(&self) -> RpcLedger {
        RpcLedger::new(self.url(), CommitmentConfig::confirmed())
    }

    /// A key with a hundred SOL from the faucet.
    pub async fn funded(&self) -> Keypair {
        let key = Keypair::new();
        self.fund(&key.pubkey()).await;
        key
    }

    /// Gives an account a hundred SOL from the faucet.
    pub async fn fund(&self, to: &Pubkey) {
        let before = self.balance(to).await;
        let lamports = 100 * LAMPORTS_PER_SOL;
        let airdrop = self.client().request_airdrop(to, lamports).await;
        airdrop.expect("the faucet gives");
        until("the airdrop has landed", || async {
            self.balance(to).await == before + lamports
        })
        .await;
    }

    /// Waits until what is confirmed by now is rooted: then no crash can roll it back.
    pub async fn until_final(&self) {
        let client = self.client();
        let slot = client.get_slot().await.expect("it answers");
        until("what is confirmed is final", || async {
            let rooted = CommitmentConfig::finalized();
            let root = client.get_slot_with_commitment(rooted).await;
            root.expect("it answers") >= slot
        })
        .await;
    }

    /// The lamports of an account.
    pub async fn balance(&self, of: &Pubkey) -> u64 {
        let balance = self.client().get_balance(of).await;
        balance.expect("a balance")
    }

    fn spawn(&self) -> Guard {
        let others = self.ports.others();
        let mut process = Command::new("sh")
            .args(["-c", GUARD, "guard"])
            .arg(validator_binary())
            .args(["--quiet", "--config", "/dev/null"])
            .args(["--ticks-per-slot", TICKS_PER_SLOT])
            .args(["--bind-address", "127.0.0.1"])
            .args(["--rpc-port", &self.ports.rpc().to_string()])
            .args(["--faucet-port", &self.ports.faucet().to_string()])
            .args(["--gossip-port", &self.ports.gossip().to_string()])
            .arg("--dynamic-port-range")
            .arg(format!("{}-{}", others.start, others.end))
            .arg("--ledger")
            .arg(self.ledger_folder())
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh starts");
        let mut validator = String::new();
        let stdout = process.stdout.take().expect("it is piped");
        let read = BufReader::new(stdout).read_line(&mut validator);
        read.expect("the guard prints a process id");
        Guard {
            process,
            validator: validator.trim_end().to_owned(),
        }
    }

    fn end(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            drop(guard.process.stdin.take());
            guard.process.wait().expect("the guard ends");
        }
    }

    /// The last block that it has confirmed, if it answers. From the first on, the faucet works.
    fn height(&self) -> Option<u64> {
        self.ask(|client| async move { client.get_block_height().await.ok() })
    }

    /// Asks it, in a thread of its own, as the caller may be a task of a runtime.
    fn ask<T, F>(&self, question: impl FnOnce(RpcClient) -> F + Send) -> T
    where
        T: Send,
        F: Future<Output = T>,
    {
        let client = self.client();
        let ask = || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().build().expect("a runtime");
            runtime.block_on(question(client))
        };
        thread::scope(|scope| scope.spawn(ask).join()).expect("it answers in time")
    }

    /// Where its ledger is.
    pub fn ledger_folder(&self) -> PathBuf {
        self.folder.path().join("ledger")
    }

    fn log_end(&self) -> String {
        let log = fs::read_to_string(self.ledger_folder().join("validator.log"));
        let log = log.unwrap_or_else(|error| error.to_string());
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Validator {
    fn drop(&mut self) {
        self.end();
    }
}

/// Waits until every block that is confirmed by now is in the ledger. Those below the root are.
async fn until_written(client: &RpcClient) {
    let rooted = CommitmentConfig::finalized();
    let root = client.get_slot_with_commitment(rooted).await;
    let slot = client.get_slot().await.expect("it answers");
    let first = root.expect("it answers").max(1);
    let confirmed = CommitmentConfig::confirmed();
    let blocks = client.get_blocks_with_commitment(first, Some(slot), confirmed);
    for block in blocks.await.expect("it answers") {
        let config = RpcBlockConfig {
            transaction_details: Some(TransactionDetails::None),
            rewards: Some(false),
            commitment: Some(confirmed),
            ..RpcBlockConfig::default()
        };
        until("the block is in the ledger", || async {
            client.get_block_with_config(block, config).await.is_ok()
        })
        .await;
    }
}

/// The file of the validator.
pub fn validator_binary() -> PathBuf {
    let binary = env::var_os(BINARY).unwrap_or_else(|| {
        panic!("{BINARY} names no validator: these tests are run by scripts/validator-suite")
    });
    binary.into()
}

/// Waits until a condition holds; panics if it does not in time.
pub async fn until<F: Future<Output = bool>>(what: &str, holds: impl FnMut() -> F) {
    until_within(TIMEOUT, what, holds).await;
}

async fn until_within<F: Future<Output = bool>>(
    limit: Duration,
    what: &str,
    mut holds: impl FnMut() -> F,
) {
    let started = Instant::now();
    while !holds().await {
        assert!(started.elapsed() < limit, "this does not hold yet: {what}");
        tokio::time::sleep(POLL).await;
    }
}
