//! What every verb works with: the ledger, who signs, and how to talk to the user.

pub mod closing;
mod folder;
#[cfg(any(feature = "serve", feature = "top"))]
mod ledger_options;
pub mod resolve;
pub mod role;
pub mod verbose;

#[cfg(any(feature = "serve", feature = "top"))]
use ebb_sdk::json::LedgerOptions;
use {
    crate::{
        context::verbose::Verbose,
        error::CliError,
        input::{
            config::{not_embedded, Settings, Target},
            confirm::confirm,
            key::Key,
            offline::OfflineArgs,
            options::GlobalOptions,
            secret::KeyArg,
            signer::{Keyring, LazyKey},
        },
        terminal::{status, Format, Output, Terminal},
    },
    ebb_sdk::{
        client::Client,
        embedded::{EmbeddedLedger, EmbeddedOptions},
        fleet::{Fleet, FleetError},
        ledger::{offline::OfflineLedger, Finality, Ledger, Now, Submission},
        rpc::RpcLedger,
    },
    solana_sdk::{
        clock::DEFAULT_MS_PER_SLOT, instruction::Instruction, pubkey::Pubkey, signer::Signer,
    },
    std::{cell::OnceCell, sync::Arc},
};

/// By how many slots the nodes of a cluster in good order may be apart.
const SLOTS_APART: u64 = 4;
/// How long a slot takes, as clusters aim for.
const MILLISECONDS_PER_SLOT: u64 = DEFAULT_MS_PER_SLOT;

/// What a verb opens a ledger for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To show what is there; the node that answers may be behind the cluster.
    Read,
    /// To change what is there, or to wait until it changes: nothing is believed that is older than what the cluster
    /// reports when it is first read.
    Change,
    /// As to change what is there, and an embedded ledger is made where there is none. Any other verb finds nothing on a
    /// new ledger, so where there is none its folder is mistyped.
    Begin,
}

/// One run of a verb that talks to a ledger.
pub struct Context {
    /// Reads accounts and sends instructions.
    pub client: Client,
    /// How to write the result.
    pub output: Output,
    /// Print signatures and logs.
    pub verbose: bool,
    /// Do not ask.
    pub yes: bool,
    /// What the standard streams are connected to.
    pub terminal: Terminal,
    /// How final what is read of the history must be.
    pub finality: Finality,
    /// The program's id, if an option or the environment names it.
    pub named_program_id: Option<Pubkey>,
    /// The ledger and the program as they were named.
    #[cfg(feature = "top")]
    pub given: LedgerOptions,
    embedded: Option<Arc<EmbeddedLedger>>,
    cluster: Option<Arc<RpcLedger>>,
    offline: OfflineArgs,
    keyring: Arc<Keyring>,
    keypair: Option<KeyArg>,
    fee_payer: Option<KeyArg>,
    signer_key: OnceCell<Key>,
    fee_payer_key: OnceCell<Key>,
}

impl Context {
    /// Opens the ledger that options, environment and config file name. No key is read yet, but for the nonce's.
    ///
    /// # Errors
    /// Also that there is no ledger where an embedded one is named.
    pub fn open(options: &GlobalOptions, purpose: Purpose) -> Result<Self, CliError> {
        options.offline.check()?;
        let settings = Settings::resolve(options)?;
        let program_id = options.program_id();
        let (mut embedded, mut cluster) = (None, None);
        let ledger: Arc<dyn Ledger> = match settings.target {
            Target::Embedded(dir) => {
                let options = EmbeddedOptions {
                    program_id,
                    create: purpose == Purpose::Begin,
                    ..EmbeddedOptions::default()
                };
                let ledger = EmbeddedLedger::open(dir, options).map_err(folder::explain)?;
                embedded.insert(Arc::new(ledger)).clone()
            }
            Target::Cluster(url, websocket_url) => {
                let mut ledger = RpcLedger::new(url.expose(), settings.commitment)
                    .on_delay(|delay| status(format_args!("waiting: {delay}")))
                    .compute_unit_price(options.offline.with_compute_unit_price);
                if purpose != Purpose::Read {
                    ledger = ledger.catch_up_first();
                }
                if let Some(url) = websocket_url {
                    ledger = ledger.websocket_url(url.expose());
                }
                if let Some(named) = options.program_id {
                    ledger = ledger.program_id(named);
                }
                cluster.insert(Arc::new(ledger)).clone()
            }
        };
        let keyring = keyring(options, settings.keypair.as_ref(), embedded.as_deref());
        let context = Self {
            client: Client::new(ledger.clone(), program_id),
            named_program_id: options.program_id,
            #[cfg(feature = "top")]
            given: ledger_options::given(options),
            output: options.output,
            verbose: options.verbose,
            yes: options.yes,
            terminal: Terminal::detect(),
            finality: if settings.commitment.is_finalized() {
                Finality::Final
            } else {
                Finality::Confirmed
            },
            embedded,
            cluster,
            keyring: Arc::new(keyring),
            offline: options.offline.clone(),
            keypair: settings.keypair,
            fee_payer: options.fee_payer.clone(),
            signer_key: OnceCell::new(),
            fee_payer_key: OnceCell::new(),
        };
        context.sending_to(ledger)
    }

    /// The same, with transactions signed and reported as the options say.
    fn sending_to(self, mut ledger: Arc<dyn Ledger>) -> Result<Self, CliError> {
        let signer = || self.signer().cloned();
        if let Some(offline) = self.offline.resolve(&self.keyring, signer)? {
            ledger = Arc::new(OfflineLedger::new(ledger, offline));
        }
        if self.verbose {
            ledger = Arc::new(Verbose::new(ledger, self.cluster.clone()));
        }
        Ok(Self {
            client: Client::new(ledger, *self.program_id()),
            ..self
        })
    }

    /// The program's id.
    pub fn program_id(&self) -> &Pubkey {
        self.client.program_id()
    }

    /// The embedded ledger, if that is what this runs on.
    pub fn embedded(&self) -> Option<&EmbeddedLedger> {
        self.embedded.as_deref()
    }

    /// The embedded ledger.
    ///
    /// # Errors
    /// This runs on a cluster.
    pub fn require_embedded(&self) -> Result<&EmbeddedLedger, CliError> {
        self.embedded().ok_or_else(not_embedded)
    }

    /// The cluster, if that is what this runs on.
    pub fn cluster(&self) -> Option<&RpcLedger> {
        self.cluster.as_deref()
    }

    /// The options with which any shell of this host names the ledger and the program.
    #[cfg(feature = "serve")]
    pub fn ledger_options(&self) -> LedgerOptions {
        let folder = self.embedded().map(EmbeddedLedger::dir);
        let cluster = self.cluster().map(RpcLedger::url);
        ledger_options::from_anywhere(folder, cluster, self.program_id())
    }

    /// Who signs. Read on first use, as reads need no key.
    pub fn signer(&self) -> Result<&Key, CliError> {
        match self.signer_key.get() {
            Some(key) => Ok(key),
            None => {
                let key = self.signer_source()()?;
                Ok(self.signer_key.get_or_init(|| key))
            }
        }
    }

    /// Who pays fees and rent: the signer unless another is named.
    pub fn fee_payer(&self) -> Result<&Key, CliError> {
        match self.fee_payer_key.get() {
            Some(key) => Ok(key),
            None if self.fee_payer.is_none() => self.signer(),
            None => {
                let key = self.fee_payer_source()()?;
                Ok(self.fee_payer_key.get_or_init(|| key))
            }
        }
    }

    /// Reads who signs.
    fn signer_source(&self) -> impl Fn() -> Result<Key, CliError> + Send + Sync + 'static {
        let (keyring, keypair) = (Arc::clone(&self.keyring), self.keypair.clone());
        let embedded = self.embedded.clone();
        move || match (&keypair, &embedded) {
            (Some(source), _) => keyring.read("--keypair", source),
            (None, Some(embedded)) => Ok(Arc::new(embedded.default_key())),
            (None, None) => Err(CliError::usage("--keypair: no key is named")
                .hint("right is, for example, --keypair id.json")),
        }
    }

    /// Reads who pays.
    fn fee_payer_source(&self) -> impl Fn() -> Result<Key, CliError> + Send + Sync + 'static {
        let (keyring, fee_payer) = (Arc::clone(&self.keyring), self.fee_payer.clone());
        let signer = self.signer_source();
        move || match &fee_payer {
            Some(source) => keyring.read("--fee-payer", source),
            None => signer(),
        }
    }

    /// Reads the keys that every transaction takes and checks the program, before the first of several is sent or what
    /// cannot be undone is done: what is wrong with these is no failure of one of them.
    pub async fn prepare_to_send(&self) -> Result<(), CliError> {
        self.signer()?;
        self.fee_payer()?;
        let call = Instruction::new_with_bytes(*self.program_id(), &[], vec![]);
        Ok(self.client.ledger().check_programs(&[call]).await?)
    }

    /// The devices, and who acts on them. No key is read before its first use.
    pub fn fleet(&self) -> Fleet {
        Fleet::new(self.client.clone())
            .signed_by(Arc::new(LazyKey::new(self.signer_source())))
            .paid_by(Arc::new(LazyKey::new(self.fee_payer_source())))
            .prepared(self.is_prepared())
    }

    /// Why a run or plan failed as a whole: if a key cannot be read, why not.
    pub fn explain_run(&self, error: FleetError) -> CliError {
        let unread = || self.signer().err().or_else(|| self.fee_payer().err());
        if error.is_of_signer() {
            unread().unwrap_or_else(|| error.into())
        } else {
            error.into()
        }
    }

    /// Reads the key that another option names.
    pub fn read_key(&self, option: &str, source: &KeyArg) -> Result<Key, CliError> {
        self.keyring.read(option, source)
    }

    /// Refuses to go on where a blockhash or nonce is given for one transaction and `what` may take several.
    pub fn require_single(&self, is_single: bool, what: &str) -> Result<(), CliError> {
        if is_single || !self.offline.is_asked() {
            return Ok(());
        }
        Err(CliError::usage(format!(
            "{what}, and a blockhash or nonce is given for a single transaction"
        ))
        .hint("leave out --sign-only, --blockhash and --nonce, or do one thing at a time"))
    }

    /// Whether the transaction may land later than at once, as others sign or send it.
    pub fn is_prepared(&self) -> bool {
        self.offline.is_asked()
    }

    /// Whether nothing is to be sent.
    pub fn is_sign_only(&self) -> bool {
        self.offline.sign_only
    }

    /// Whether what is signed only is printed with its message.
    pub fn dumps_message(&self) -> bool {
        self.offline.dump_transaction_message
    }

    /// Submits one transaction, signed by the fee payer and the signer.
    pub async fn submit(&self, instructions: &[Instruction]) -> Result<Submission, CliError> {
        self.submit_with(instructions, &[]).await
    }

    /// Submits one transaction that others sign too.
    pub async fn submit_with(
        &self,
        instructions: &[Instruction],
        others: &[Key],
    ) -> Result<Submission, CliError> {
        let mut signers: Vec<&(dyn Signer + Sync)> = vec![self.fee_payer()?, self.signer()?];
        signers.extend(others.iter().map(|key| key as &(dyn Signer + Sync)));
        Ok(self.client.submit(instructions, &signers).await?)
    }

    /// Asks before something that cannot be undone; `consequence` is a full sentence that says what will happen to whom.
    ///
    /// # Errors
    /// The answer is no, or there is no terminal to ask on and no `--yes`.
    pub fn confirm(&self, consequence: &str) -> Result<(), CliError> {
        confirm(self.terminal, self.yes, consequence)
    }

    /// Warns if something was read that is older than what the cluster reports as its `newest` slot.
    pub fn warn_if_behind(&self, newest: Option<u64>) {
        let read = self.client.ledger().oldest_read();
        let (Some(read), Some(newest)) = (read, newest) else {
            return;
        };
        let slots = newest.saturating_sub(read);
        if slots > SLOTS_APART {
            let seconds = slots.saturating_mul(MILLISECONDS_PER_SLOT).div_ceil(1_000);
            status(format_args!(
                "warning: the node that answered is {slots} slots (about {seconds} s) behind the cluster: it is at slot \
                 {read}, and the cluster reports {newest}"
            ));
        }
    }

    /// The chain's slot and time.
    pub async fn now(&self) -> Result<Now, CliError> {
        Ok(self.client.ledger().now().await?)
    }
}

impl From<&Context> for Format {
    fn from(context: &Context) -> Self {
        Self {
            output: context.output,
            verbose: context.verbose,
            terminal: context.terminal,
        }
    }
}

/// The keys that options name, and the signer's where none does.
fn keyring(
    options: &GlobalOptions,
    keypair: Option<&KeyArg>,
    embedded: Option<&EmbeddedLedger>,
) -> Keyring {
    const KEYPAIR: &str = "--keypair";
    let mut named = options.named_keys.clone();
    if let (Some(keypair), None) = (keypair, &options.keypair) {
        named.push((KEYPAIR.to_owned(), keypair.clone()));
    }
    let offline = &options.offline;
    let keyring = Keyring::new(named, offline.presigned.clone(), offline.sign_only);
    match embedded.filter(|_| keypair.is_none()) {
        Some(embedded) => keyring.with(KEYPAIR, Arc::new(embedded.default_key())),
        None => keyring,
    }
}
