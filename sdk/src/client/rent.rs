//! Rent that rose since an account was created.
//!
//! Closing an account pays its lamports out to who paid them in. If that recipient's account is empty by now and rent
//! has risen, those lamports may be too few for an account to exist, and the runtime fails the transaction.

use {
    super::Client,
    crate::ledger::{payer, LedgerError, Receipt},
    solana_program::{instruction::Instruction, pubkey::Pubkey},
    solana_sdk::{signer::Signer, transaction::TransactionError},
    solana_system_interface::instruction::transfer,
    std::collections::BTreeMap,
};

/// An account that an instruction closes, and who gets its lamports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// The account.
    pub account: Pubkey,
    /// Its recorded payer.
    pub recipient: Pubkey,
}

/// What the recipient of closed accounts lacks to exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopUp {
    /// The recipient.
    pub recipient: Pubkey,
    /// What is missing.
    pub lamports: u64,
}

impl TopUp {
    /// The transfer that adds it.
    pub fn transfer(&self, from: &Pubkey) -> Instruction {
        transfer(from, &self.recipient, self.lamports)
    }
}

impl Client {
    /// What the recipients of these closings lack, each once; nothing as long as rent has not risen.
    ///
    /// # Errors
    /// Of the ledger.
    pub async fn top_ups(&self, closings: &[Closing]) -> Result<Vec<TopUp>, LedgerError> {
        let addresses: Vec<Pubkey> = closings
            .iter()
            .flat_map(|closing| [closing.account, closing.recipient])
            .collect();
        let found = self.ledger.accounts(&addresses).await?;
        let mut balances: BTreeMap<Pubkey, (u64, usize)> = BTreeMap::new();
        for (closing, pair) in closings.iter().zip(found.chunks(2)) {
            let [closed, recipient] = pair else {
                continue;
            };
            let before = recipient
                .as_ref()
                .map_or((0, 0), |account| (account.lamports, account.data.len()));
            let gets = closed.as_ref().map_or(0, |account| account.lamports);
            let (lamports, _) = balances.entry(closing.recipient).or_insert(before);
            *lamports = lamports.saturating_add(gets);
        }
        let mut lacking = vec![];
        for (recipient, (lamports, len)) in balances {
            let missing = self.ledger.rent(len).await?.saturating_sub(lamports);
            if missing > 0 {
                lacking.push(TopUp {
                    recipient,
                    lamports: missing,
                });
            }
        }
        Ok(lacking)
    }

    /// The instructions with the transfers after them that add what the recipients of these closings lack, and what that is.
    ///
    /// # Errors
    /// As [`Client::top_ups`].
    pub async fn with_top_ups(
        &self,
        instructions: &[Instruction],
        closings: &[Closing],
        payer: &Pubkey,
    ) -> Result<(Vec<Instruction>, Vec<TopUp>), LedgerError> {
        let added = self.top_ups(closings).await?;
        let transfers = added.iter().map(|top_up| top_up.transfer(payer));
        let all = instructions.iter().cloned().chain(transfers).collect();
        Ok((all, added))
    }

    /// Sends one transaction that closes accounts. If it fails because rent rose, the fee payer adds what the recipients
    /// lack, and it is sent with those transfers after the other instructions. Returns what was added.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub async fn send_closing(
        &self,
        instructions: &[Instruction],
        closings: &[Closing],
        signers: &[&(dyn Signer + Sync)],
    ) -> Result<(Receipt, Vec<TopUp>), LedgerError> {
        let refusal = match self.send(instructions, signers).await {
            Ok(receipt) => return Ok((receipt, vec![])),
            Err(refusal) => refusal,
        };
        if !is_want_of_rent(&refusal) {
            return Err(refusal);
        }
        let payer = payer(signers)?;
        let (all, added) = self.with_top_ups(instructions, closings, &payer).await?;
        if added.is_empty() {
            return Err(refusal);
        }
        Ok((self.send(&all, signers).await?, added))
    }
}

fn is_want_of_rent(error: &LedgerError) -> bool {
    matches!(
        error,
        LedgerError::Failed {
            error: TransactionError::InsufficientFundsForRent { .. },
            ..
        }
    )
}

#[cfg(test)]
mod tests;
