//! What every verb works with: the ledger, who signs, and how to talk to the user.

use {
    crate::{
        args::GlobalOptions,
        config::{Settings, Target},
        error::CliError,
        output::{Output, Terminal},
        signer,
    },
    ebb_sdk::{
        client::Client,
        embedded::{EmbeddedLedger, EmbeddedOptions},
        ledger::{Ledger, LedgerError, Now, Receipt},
        rpc::RpcLedger,
    },
    solana_sdk::{instruction::Instruction, pubkey::Pubkey, signature::Keypair, signer::Signer},
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
    /// What the standard streams are connected to.
    pub terminal: Terminal,
    embedded: Option<Arc<EmbeddedLedger>>,
    keypair: Option<String>,
    fee_payer: Option<String>,
    signer_key: OnceCell<Keypair>,
    fee_payer_key: OnceCell<Keypair>,
}

impl Context {
    /// Opens the ledger that options, environment and config file name. No key is read yet.
    pub fn open(options: &GlobalOptions) -> Result<Self, CliError> {
        let settings = Settings::resolve(options)?;
        let program_id = options.program_id;
        let mut embedded = None;
        let ledger: Arc<dyn Ledger> = match settings.target {
            Target::Embedded(dir) => {
                let options = EmbeddedOptions {
                    program_id,
                    ..EmbeddedOptions::default()
                };
                let ledger = EmbeddedLedger::open(dir, options).map_err(LedgerError::from)?;
                embedded.insert(Arc::new(ledger)).clone()
            }
            Target::Cluster(url) => {
                Arc::new(RpcLedger::new(url, settings.commitment).program_id(program_id))
            }
        };
        Ok(Self {
            client: Client::new(ledger, program_id),
            output: options.output,
            verbose: options.verbose,
            terminal: Terminal::detect(),
            embedded,
            keypair: settings.keypair,
            fee_payer: options.fee_payer.clone(),
            signer_key: OnceCell::new(),
            fee_payer_key: OnceCell::new(),
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

    /// Who signs. Read on first use, as reads need no key.
    pub fn signer(&self) -> Result<&Keypair, CliError> {
        let key = match (self.signer_key.get(), &self.keypair, &self.embedded) {
            (Some(key), _, _) => return Ok(key),
            (None, Some(source), _) => signer::read("--keypair", source)?,
            (None, None, Some(embedded)) => embedded.default_key(),
            (None, None, None) => {
                return Err(CliError::usage("--keypair: no key is named")
                    .hint("right is, for example, --keypair id.json"))
            }
        };
        Ok(self.signer_key.get_or_init(|| key))
    }

    /// Who pays fees and rent: the signer unless another is named.
    pub fn fee_payer(&self) -> Result<&Keypair, CliError> {
        let Some(source) = &self.fee_payer else {
            return self.signer();
        };
        let key = match self.fee_payer_key.get() {
            Some(key) => return Ok(key),
            None => signer::read("--fee-payer", source)?,
        };
        Ok(self.fee_payer_key.get_or_init(|| key))
    }

    /// Sends one transaction, signed by the fee payer and the signer.
    pub async fn send(&self, instructions: &[Instruction]) -> Result<Receipt, CliError> {
        self.send_with(instructions, &[]).await
    }

    /// Sends one transaction that others sign too.
    pub async fn send_with(
        &self,
        instructions: &[Instruction],
        others: &[&Keypair],
    ) -> Result<Receipt, CliError> {
        let mut signers: Vec<&(dyn Signer + Sync)> = vec![self.fee_payer()?, self.signer()?];
        signers.extend(others.iter().map(|key| *key as &(dyn Signer + Sync)));
        Ok(self.client.send(instructions, &signers).await?)
    }

    /// The chain's slot and time.
    pub async fn now(&self) -> Result<Now, CliError> {
        Ok(self.client.ledger().now().await?)
    }
}
