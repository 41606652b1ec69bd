//! What a transaction would do, asked until the answer counts.
//!
//! One does not: in the slot in which a program was deployed it cannot be called yet. That passes by itself.

use {
    super::{
        compute_budget::{
            compute_unit_limit, DISTINCT_UNITS, LAMPORTS_PER_SIGNATURE, MAX_COMPUTE_UNITS,
        },
        deploy::deployed_slot,
        send::{OUTAGE_LIMIT, POLL},
        RpcLedger,
    },
    crate::ledger::{failed, LedgerError, Sent, Simulation},
    solana_client::{
        rpc_config::RpcSimulateTransactionConfig,
        rpc_response::{Response, RpcSimulateTransactionResult},
    },
    solana_compute_budget_interface::ComputeBudgetInstruction,
    solana_message::{Message, VersionedMessage},
    solana_program::{
        instruction::{Instruction, InstructionError},
        pubkey::Pubkey,
    },
    solana_sdk::{
        signature::Signature,
        transaction::{TransactionError, VersionedTransaction},
    },
    tokio::time::{sleep, Instant},
};

impl RpcLedger {
    /// See [`Ledger::simulate`].
    pub(super) async fn simulate_until_callable(
        &self,
        instructions: &[Instruction],
        fee_payer: &Pubkey,
    ) -> Result<Simulation, LedgerError> {
        let transaction = unsigned(instructions, fee_payer);
        let signatures = transaction.signatures.len();
        let started = Instant::now();
        loop {
            let may_wait = started.elapsed() < OUTAGE_LIMIT;
            let run = self.answered(self.run(&transaction).await)?;
            let slot = run.context.slot;
            match self.understood(run, instructions, signatures) {
                Err(error) if may_wait && self.is_too_early(&error, instructions, slot).await? => {}
                understood => return understood,
            }
            sleep(POLL).await;
        }
    }

    async fn run(
        &self,
        transaction: &VersionedTransaction,
    ) -> solana_client::client_error::Result<Response<RpcSimulateTransactionResult>> {
        let config = RpcSimulateTransactionConfig {
            sig_verify: false,
            replace_recent_blockhash: true,
            commitment: Some(self.commitment),
            ..RpcSimulateTransactionConfig::default()
        };
        let client = &self.client;
        client
            .simulate_transaction_with_config(transaction, config)
            .await
    }

    fn understood(
        &self,
        run: Response<RpcSimulateTransactionResult>,
        instructions: &[Instruction],
        signatures: usize,
    ) -> Result<Simulation, LedgerError> {
        let run = run.value;
        let logs = run.logs.unwrap_or_default();
        if let Some(error) = run.err {
            let sent = Sent {
                program_id: &self.program_id,
                instructions,
                prelude: 1,
            };
            return Err(failed(error.into(), logs, sent));
        }
        let compute_units = run.units_consumed.unwrap_or(MAX_COMPUTE_UNITS.into());
        let signatures = u64::try_from(signatures).unwrap_or(u64::MAX);
        let fee = run
            .fee
            .unwrap_or_else(|| LAMPORTS_PER_SIGNATURE.saturating_mul(signatures));
        let limit = compute_unit_limit(compute_units).saturating_add(DISTINCT_UNITS);
        let priority_fee = self.priority_fee(limit);
        Ok(Simulation {
            compute_units,
            fee: fee.saturating_add(priority_fee),
            logs,
        })
    }

    /// Whether it failed because the program is there and can be called from the next slot on only.
    async fn is_too_early(
        &self,
        error: &LedgerError,
        instructions: &[Instruction],
        slot: u64,
    ) -> Result<bool, LedgerError> {
        let LedgerError::Failed {
            error: TransactionError::InstructionError(index, InstructionError::UnsupportedProgramId),
            ..
        } = error
        else {
            return Ok(false);
        };
        let called = instructions.get(usize::from(*index));
        if called.is_none_or(|called| called.program_id != self.program_id) {
            return Ok(false);
        }
        let deployed = deployed_slot(self, &self.program_id).await?;
        Ok(deployed.is_some_and(|deployed| slot <= deployed))
    }
}

/// A transaction to simulate. It names no price, so that the fee that nodes report is the one without
/// priority: that depends on the limit, and the limit on the outcome.
fn unsigned(instructions: &[Instruction], fee_payer: &Pubkey) -> VersionedTransaction {
    let limit = ComputeBudgetInstruction::set_compute_unit_limit(MAX_COMPUTE_UNITS);
    let all = [&[limit], instructions].concat();
    let message = Message::new(&all, Some(fee_payer));
    let signatures = usize::from(message.header.num_required_signatures);
    VersionedTransaction {
        signatures: vec![Signature::default(); signatures],
        message: VersionedMessage::Legacy(message),
    }
}
