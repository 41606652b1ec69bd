//! What a failed transaction means: one translation, whichever ledger it failed on.

use {
    super::LedgerError,
    crate::error::EbbError,
    solana_message::VersionedMessage,
    solana_program::{
        instruction::{Instruction, InstructionError},
        pubkey::Pubkey,
    },
    solana_sdk::transaction::TransactionError,
};

/// What was sent, so that a failure can be traced to the caller's own instruction.
#[derive(Clone, Copy)]
pub(crate) struct Sent<'a> {
    /// The program whose custom errors are [`EbbError`]s.
    pub program_id: &'a Pubkey,
    /// The caller's instructions.
    pub instructions: &'a [Instruction],
    /// How many instructions the ledger put in front of them.
    pub prelude: usize,
}

/// The typed error of a transaction that failed.
///
/// A custom code is only read as an [`EbbError`] if the failing instruction went to the program:
/// other programs number their errors as they like.
pub(crate) fn failed(error: TransactionError, logs: Vec<String>, sent: Sent<'_>) -> LedgerError {
    match error {
        TransactionError::InstructionError(index, error) => {
            let Some(instruction) = usize::from(index).checked_sub(sent.prelude) else {
                let error = TransactionError::InstructionError(index, error);
                return LedgerError::Failed { error, logs };
            };
            match refusal(&error, sent.instructions.get(instruction), sent.program_id) {
                Some(error) => LedgerError::Refused {
                    error,
                    instruction,
                    logs,
                },
                None => LedgerError::Failed {
                    error: TransactionError::InstructionError(
                        u8::try_from(instruction).unwrap_or(index),
                        error,
                    ),
                    logs,
                },
            }
        }
        // Clusters say the former, the in-process SVM the latter.
        TransactionError::ProgramAccountNotFound | TransactionError::InvalidProgramForExecution
            if sent.calls_the_program() =>
        {
            LedgerError::NoProgram(*sent.program_id)
        }
        error => LedgerError::Failed { error, logs },
    }
}

/// A message's instructions as far as failures are traced to them: whose each is.
pub(crate) fn instructions_of(message: &VersionedMessage) -> Vec<Instruction> {
    let keys = message.static_account_keys();
    message
        .instructions()
        .iter()
        .map(|compiled| Instruction {
            program_id: keys
                .get(usize::from(compiled.program_id_index))
                .copied()
                .unwrap_or_default(),
            accounts: vec![],
            data: compiled.data.clone(),
        })
        .collect()
}

impl Sent<'_> {
    fn calls_the_program(&self) -> bool {
        self.instructions
            .iter()
            .any(|instruction| instruction.program_id == *self.program_id)
    }
}

fn refusal(
    error: &InstructionError,
    instruction: Option<&Instruction>,
    program_id: &Pubkey,
) -> Option<EbbError> {
    match error {
        InstructionError::Custom(number) if instruction?.program_id == *program_id => {
            EbbError::from_number(*number)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRAM: Pubkey = Pubkey::new_from_array([7; 32]);
    const OTHER: Pubkey = Pubkey::new_from_array([8; 32]);

    fn decode(error: TransactionError, prelude: usize) -> LedgerError {
        let instructions = [OTHER, PROGRAM]
            .map(|program_id| Instruction::new_with_bytes(program_id, &[], Vec::new()));
        let sent = Sent {
            program_id: &PROGRAM,
            instructions: &instructions,
            prelude,
        };
        failed(error, vec!["log".into()], sent)
    }

    fn custom(index: u8, number: u32) -> TransactionError {
        TransactionError::InstructionError(index, InstructionError::Custom(number))
    }

    #[test]
    fn a_custom_code_of_the_program_is_a_refusal() {
        for prelude in [0, 1, 2] {
            let error = decode(custom(1 + prelude as u8, 6056), prelude);
            assert!(matches!(
                error,
                LedgerError::Refused { error: EbbError::LiveHold, instruction: 1, ref logs } if logs == &["log"]
            ));
        }
    }

    #[test]
    fn a_custom_code_of_another_program_is_not() {
        let error = decode(custom(0, 6056), 0);
        assert!(matches!(error, LedgerError::Failed { error, .. } if error == custom(0, 6056)));
    }

    #[test]
    fn a_code_that_a_called_program_returned_is_not() {
        // The system program's 1: the payer of a new account lacks lamports.
        let error = decode(custom(3, 1), 2);
        assert!(matches!(error, LedgerError::Failed { error, .. } if error == custom(1, 1)));
    }

    #[test]
    fn the_ledgers_own_instructions_are_not_the_callers() {
        let error = decode(custom(1, 6056), 2);
        assert!(matches!(error, LedgerError::Failed { error, .. } if error == custom(1, 6056)));
    }

    #[test]
    fn a_missing_program_is_named() {
        for error in [
            TransactionError::ProgramAccountNotFound,
            TransactionError::InvalidProgramForExecution,
        ] {
            assert!(matches!(decode(error, 0), LedgerError::NoProgram(PROGRAM)));
        }
    }
}
