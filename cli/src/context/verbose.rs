//! `--verbose`: what each transaction cost.

use {
    crate::terminal::status,
    async_trait::async_trait,
    ebb_sdk::{
        ledger::{Ledger, LedgerError, Receipt, SendLayer, Submission},
        rpc::RpcLedger,
    },
    solana_sdk::{
        instruction::Instruction, native_token::LAMPORTS_PER_SOL, signer::Signer,
        transaction::VersionedTransaction,
    },
    std::{sync::Arc, time::Duration},
};

/// How often a cluster is asked what a transaction cost.
const ATTEMPTS: u32 = 5;
/// How long between two times: its history is a little behind.
const PAUSE: Duration = Duration::from_millis(400);

/// A ledger that reports on stderr what each accepted transaction cost.
pub struct Verbose {
    ledger: Arc<dyn Ledger>,
    cluster: Option<Arc<RpcLedger>>,
}

impl Verbose {
    /// Reports what `ledger` accepts; `cluster` knows what it leaves out.
    pub fn new(ledger: Arc<dyn Ledger>, cluster: Option<Arc<RpcLedger>>) -> Self {
        Self { ledger, cluster }
    }

    async fn report(&self, receipt: Receipt) -> Receipt {
        match &self.cluster {
            Some(cluster) => report_cost(cluster, receipt).await,
            None => {
                status(text(&receipt));
                receipt
            }
        }
    }
}

/// Reports what a transaction cost that a cluster accepted, and returns the receipt with what was left out of it.
pub async fn report_cost(cluster: &RpcLedger, receipt: Receipt) -> Receipt {
    let receipt = completed(cluster, receipt).await;
    status(text(&receipt));
    receipt
}

async fn completed(cluster: &RpcLedger, receipt: Receipt) -> Receipt {
    for _ in 0..ATTEMPTS {
        match cluster.details(&receipt.signature).await {
            Ok(Some(details)) => return details,
            Ok(None) => tokio::time::sleep(PAUSE).await,
            // It is accepted; that no more is known of it is no failure.
            Err(_) => break,
        }
    }
    receipt
}

fn text(receipt: &Receipt) -> String {
    let mut text = format!("transaction {}: slot {}", receipt.signature, receipt.slot);
    if let Some(units) = receipt.compute_units {
        text = format!("{text}, {units} compute units");
    }
    if let Some(fee) = receipt.fee {
        text = format!("{text}, fee {} SOL", fee as f64 / LAMPORTS_PER_SOL as f64);
    }
    text
}

#[async_trait]
impl SendLayer for Verbose {
    fn ledger(&self) -> &dyn Ledger {
        self.ledger.as_ref()
    }

    async fn forward(
        &self,
        instructions: &[Instruction],
        signers: &[&(dyn Signer + Sync)],
    ) -> Result<Submission, LedgerError> {
        Ok(match self.ledger.submit(instructions, signers).await? {
            Submission::Accepted(receipt) => Submission::Accepted(self.report(receipt).await),
            signed => signed,
        })
    }

    async fn forward_transaction(
        &self,
        transaction: VersionedTransaction,
    ) -> Result<Receipt, LedgerError> {
        let receipt = self.ledger.send_transaction(transaction).await?;
        Ok(self.report(receipt).await)
    }
}

#[cfg(test)]
mod tests {
    use {super::*, solana_sdk::signature::Signature};

    #[test]
    fn what_is_not_known_is_left_out() {
        let receipt = Receipt {
            signature: Signature::default(),
            slot: 7,
            compute_units: None,
            fee: None,
            logs: vec![],
        };
        assert!(text(&receipt).ends_with(": slot 7"));
        let full = Receipt {
            compute_units: Some(1_204),
            fee: Some(5_000),
            ..receipt
        };
        assert!(text(&full).ends_with(": slot 7, 1204 compute units, fee 0.000005 SOL"));
    }
}
