//! Signing in one place and sending from another.
//!
//! Several parties sign one transaction, each on a machine of its own, and one of them sends it. All
//! of them must build the very same message: the same instructions, fee payer and blockhash or nonce.
//! Nothing in it may depend on when or where it is built, so there is no simulation: the compute units
//! asked for follow from the number of instructions.

use {
    super::{nonce, payer, sign, Ledger, LedgerError, SendLayer, SignedMessage, Submission},
    async_trait::async_trait,
    solana_compute_budget_interface::ComputeBudgetInstruction,
    solana_message::Message,
    solana_program::{hash::Hash, instruction::Instruction, pubkey::Pubkey},
    solana_sdk::{signer::Signer, transaction::TransactionError},
    solana_system_interface::instruction::advance_nonce_account,
    std::sync::Arc,
};

/// The compute units asked for each instruction: several times what the dearest takes.
const UNITS_PER_INSTRUCTION: u32 = 100_000;

/// What limits how long a signed transaction can be sent.
pub enum Lifetime {
    /// A recent blockhash: a minute or so.
    Blockhash(Hash),
    /// A nonce account: until it is used.
    Nonce {
        /// The account.
        address: Pubkey,
        /// Who may use it, and signs too.
        authority: Arc<dyn Signer + Send + Sync>,
        /// The value it is expected to hold. By default what it holds.
        value: Option<Hash>,
    },
}

/// How a transaction is signed.
pub struct Offline {
    /// How long it can be sent.
    pub lifetime: Lifetime,
    /// Sign with the keys that are there, and send nothing.
    pub sign_only: bool,
    /// The priority fee, in micro-lamports a compute unit.
    pub compute_unit_price: u64,
}

/// A ledger whose transactions are signed as said in [`Offline`]. It is read as before.
///
/// With [`Offline::sign_only`], [`Ledger::submit`] returns [`Submission::SignedOnly`], and [`Ledger::send`] fails.
pub struct OfflineLedger {
    ledger: Arc<dyn Ledger>,
    offline: Offline,
}

impl OfflineLedger {
    /// Signs transactions for `ledger`.
    pub fn new(ledger: Arc<dyn Ledger>, offline: Offline) -> Self {
        Self { ledger, offline }
    }

    /// The blockhash to sign with; of a nonce that was used, also the error of every transaction but the one that used it.
    async fn blockhash(&self) -> Result<(Hash, Option<LedgerError>), LedgerError> {
        match &self.offline.lifetime {
            Lifetime::Blockhash(blockhash) => Ok((*blockhash, None)),
            Lifetime::Nonce {
                value: Some(value), ..
            } if self.offline.sign_only => Ok((*value, None)),
            Lifetime::Nonce {
                address,
                authority,
                value,
            } => {
                let authority = authority.try_pubkey()?;
                let held = nonce::value(self.ledger.as_ref(), address, &authority).await?;
                let value = value.unwrap_or(held);
                let used = || {
                    LedgerError::Other(format!(
                        "nonce {address} was used: it holds {held} and no more {value}"
                    ))
                };
                Ok((value, (value != held).then(used)))
            }
        }
    }

    /// What is put in front of the caller's instructions.
    fn prelude(&self, instructions: usize) -> Result<Vec<Instruction>, LedgerError> {
        let mut prelude = vec![];
        if let Lifetime::Nonce {
            address, authority, ..
        } = &self.offline.lifetime
        {
            prelude.push(advance_nonce_account(address, &authority.try_pubkey()?));
        }
        let count = u32::try_from(instructions).unwrap_or(u32::MAX);
        let limit = UNITS_PER_INSTRUCTION.saturating_mul(count);
        prelude.push(ComputeBudgetInstruction::set_compute_unit_limit(limit));
        if self.offline.compute_unit_price > 0 {
            let price = self.offline.compute_unit_price;
            prelude.push(ComputeBudgetInstruction::set_compute_unit_price(price));
        }
        Ok(prelude)
    }
}

#[async_trait]
impl SendLayer for OfflineLedger {
    fn ledger(&self) -> &dyn Ledger {
        self.ledger.as_ref()
    }

    async fn forward(
        &self,
        instructions: &[Instruction],
        signers: &[&(dyn Signer + Sync)],
    ) -> Result<Submission, LedgerError> {
        self.ledger.check_programs(instructions).await?;
        let fee_payer = payer(signers)?;
        let (blockhash, used) = self.blockhash().await?;
        let prelude = self.prelude(instructions.len())?;
        let all = [&prelude, instructions].concat();
        let message = Message::new_with_blockhash(&all, Some(&fee_payer), &blockhash);
        let mut signers = signers.to_vec();
        if let Lifetime::Nonce { authority, .. } = &self.offline.lifetime {
            signers.push(authority.as_ref());
        }
        if self.offline.sign_only {
            let signed = SignedMessage::new(message, &signers)?;
            return Ok(Submission::SignedOnly(Box::new(signed)));
        }
        let sent = match sign(message, &signers) {
            Ok(transaction) => self.ledger.send_transaction(transaction).await,
            Err(error) => Err(error),
        };
        sent.map(Submission::Accepted)
            .map_err(|error| match (error, used) {
                (
                    LedgerError::ForeignSignature(_)
                    | LedgerError::Failed {
                        error: TransactionError::BlockhashNotFound,
                        ..
                    },
                    Some(used),
                ) => used,
                (error, _) => without_prelude(error, prelude.len()),
            })
    }
}

/// A refusal that counts the caller's instructions alone, which stand behind so many others.
fn without_prelude(error: LedgerError, prelude: usize) -> LedgerError {
    match error {
        LedgerError::Refused {
            error,
            instruction,
            logs,
        } => LedgerError::Refused {
            error,
            instruction: instruction.saturating_sub(prelude),
            logs,
        },
        error => error,
    }
}
