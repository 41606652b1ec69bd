//! What every verb works with: the ledger, who signs, and how to talk to the user.

mod folder;

use {
    crate::{
        args::GlobalOptions,
        config::{Settings, Target},
        error::CliError,
        offline::OfflineArgs,
        output::{Output, Terminal},
        signer::{Key, Keyring},
        verbose::Verbose,
    },
    ebb_sdk::{
        client::Client,
        embedded::{EmbeddedLedger, EmbeddedOptions},
        ledger::{offline::OfflineLedger, Ledger, Now, Receipt},
        rpc::RpcLedger,
    },
    solana_sdk::{instruction::Instruction, pubkey::Pubkey, signer::Signer},
    std::{cell::OnceCell, sync::Arc},
};

/// One run of a verb that talks to a ledger.
pub struct Context {
    /// Reads accounts and sends instructions.
    pub client: Client,
    /// How to write the result.
    pub output: Output,
    /// Tell signatures and logs.
    pub verbose: bool,
    /// Do not ask.
    pub yes: bool,
    /// What the standard streams are connected to.
    pub terminal: Terminal,
    embedded: Option<Arc<EmbeddedLedger>>,
    cluster: Option<Arc<RpcLedger>>,
    offline: OfflineArgs,
    keyring: Keyring,
    keypair: Option<String>,
    fee_payer: Option<String>,
    signer_key: OnceCell<Key>,
    fee_payer_key: OnceCell<Key>,
}

impl Context {
    /// Opens the ledger that options, environment and config file name. No key is read yet, but for the nonce's.
    ///
    /// # Errors
    /// Also that there is no ledger where an embedded one is named.
    pub fn open(options: &GlobalOptions) -> Result<Self, CliError> {
        Self::open_ledger(options, false)
    }

    /// As [`Context::open`], and makes an embedded ledger that is not there.
    pub fn open_or_create(options: &GlobalOptions) -> Result<Self, CliError> {
        Self::open_ledger(options, true)
    }

    fn open_ledger(options: &GlobalOptions, create: bool) -> Result<Self, CliError> {
        options.offline.check()?;
        let settings = Settings::resolve(options)?;
        let program_id = options.program_id;
        let (mut embedded, mut cluster) = (None, None);
        let ledger: Arc<dyn Ledger> = match settings.target {
            Target::Embedded(dir) => {
                let options = EmbeddedOptions {
                    program_id,
                    create,
                    ..EmbeddedOptions::default()
                };
                let ledger = EmbeddedLedger::open(dir, options).map_err(folder::explain)?;
                embedded.insert(Arc::new(ledger)).clone()
            }
            Target::Cluster(url, websocket_url) => {
                let mut ledger = RpcLedger::new(url, settings.commitment)
                    .program_id(program_id)
                    .compute_unit_price(options.offline.with_compute_unit_price);
                if let Some(url) = websocket_url {
                    ledger = ledger.websocket_url(url);
                }
                cluster.insert(Arc::new(ledger)).clone()
            }
        };
        let context = Self {
            client: Client::new(ledger.clone(), program_id),
            output: options.output,
            verbose: options.verbose,
            yes: options.yes,
            terminal: Terminal::detect(),
            embedded,
            cluster,
            keyring: Keyring {
                presigned: options.offline.presigned.clone(),
                may_be_absent: options.offline.sign_only,
            },
            offline: options.offline.clone(),
            keypair: settings.keypair,
            fee_payer: options.fee_payer.clone(),
            signer_key: OnceCell::new(),
            fee_payer_key: OnceCell::new(),
        };
        context.sending_to(ledger)
    }

    /// The same, with transactions signed and told as the options say.
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

    /// The cluster, if that is what this runs on.
    pub fn cluster(&self) -> Option<&RpcLedger> {
        self.cluster.as_deref()
    }

    /// Who signs. Read on first use, as reads need no key.
    pub fn signer(&self) -> Result<&Key, CliError> {
        let key = match (self.signer_key.get(), &self.keypair, &self.embedded) {
            (Some(key), _, _) => return Ok(key),
            (None, Some(source), _) => self.keyring.read("--keypair", source)?,
            (None, None, Some(embedded)) => Arc::new(embedded.default_key()),
            (None, None, None) => {
                return Err(CliError::usage("--keypair: no key is named")
                    .hint("right is, for example, --keypair id.json"))
            }
        };
        Ok(self.signer_key.get_or_init(|| key))
    }

    /// Who pays fees and rent: the signer unless another is named.
    pub fn fee_payer(&self) -> Result<&Key, CliError> {
        let Some(source) = &self.fee_payer else {
            return self.signer();
        };
        let key = match self.fee_payer_key.get() {
            Some(key) => return Ok(key),
            None => self.keyring.read("--fee-payer", source)?,
        };
        Ok(self.fee_payer_key.get_or_init(|| key))
    }

    /// Reads the keys that every transaction takes, before the first of several is sent: a key that cannot be read is
    /// no failure of one of them.
    pub fn read_keys(&self) -> Result<(), CliError> {
        self.signer()?;
        self.fee_payer()?;
        Ok(())
    }

    /// Reads the key that another option names.
    pub fn read_key(&self, option: &str, source: &str) -> Result<Key, CliError> {
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

    /// Whether nothing is to be sent.
    pub fn is_sign_only(&self) -> bool {
        self.offline.sign_only
    }

    /// Sends one transaction, signed by the fee payer and the signer.
    pub async fn send(&self, instructions: &[Instruction]) -> Result<Receipt, CliError> {
        self.send_with(instructions, &[]).await
    }

    /// Sends one transaction that others sign too.
    pub async fn send_with(
        &self,
        instructions: &[Instruction],
        others: &[Key],
    ) -> Result<Receipt, CliError> {
        let mut signers: Vec<&(dyn Signer + Sync)> = vec![self.fee_payer()?, self.signer()?];
        signers.extend(others.iter().map(|key| key as &(dyn Signer + Sync)));
        Ok(self.client.send(instructions, &signers).await?)
    }

    /// The chain's slot and time.
    pub async fn now(&self) -> Result<Now, CliError> {
        Ok(self.client.ledger().now().await?)
    }
}
