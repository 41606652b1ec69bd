use {
    crate::ledger::LedgerError,
    solana_program::{instruction::InstructionError, pubkey::Pubkey},
    solana_sdk::transaction::TransactionError,
};

/// Why a program was not deployed.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// The bytes are no compiled program.
    #[error("this is no compiled program: {0}")]
    NotAProgram(&'static str),
    /// The key of the program's address is missing or another one's.
    #[error(
        "there is no program at {0} yet, and the first deployment takes the key of that address"
    )]
    ProgramKeyMissing(Pubkey),
    /// The key of the program's address pays, and what it pays with becomes the program.
    #[error("the key of {0} cannot pay, as that address is to become the program's")]
    ProgramPays(Pubkey),
    /// At the address is something else.
    #[error("{0} is not a program that can be upgraded")]
    AddressTaken(Pubkey),
    /// There was a program and it was closed; its address cannot be used again.
    #[error("the program at {0} was closed; it takes a new address")]
    Closed(Pubkey),
    /// The program has no upgrade authority any more.
    #[error("the program at {0} has no upgrade authority and can never be changed")]
    Immutable(Pubkey),
    /// Another key may upgrade the program.
    #[error("only {authority} may upgrade the program at {program_id}")]
    WrongAuthority {
        /// The program.
        program_id: Pubkey,
        /// Its upgrade authority.
        authority: Pubkey,
    },
    /// The buffer was given away, or is something else.
    #[error("the account at {0} is no buffer that the authority may write to")]
    BufferTaken(Pubkey),
    /// The cluster does not take this program, as for its SBPF version. The buffer stays.
    #[error("the cluster refused the program: {reason}")]
    Rejected {
        /// What the loader said last.
        reason: String,
        /// The transaction's log lines.
        logs: Vec<String>,
    },
    /// The cluster takes no writes any more, or does not go on. Asking again goes on from there.
    #[error("the cluster takes the program too slowly; what is uploaded stays for the next try")]
    Stalled,
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl DeployError {
    /// The error of a transaction that the loader was to install the program with.
    pub(super) fn of_loader(error: LedgerError) -> Self {
        match error {
            LedgerError::Failed {
                error: TransactionError::InstructionError(_, InstructionError::InvalidAccountData),
                logs,
            } => Self::Rejected {
                reason: last_line(&logs),
                logs,
            },
            error => Self::Ledger(error),
        }
    }
}

/// The last line that is not the runtime's own account of calls.
fn last_line(logs: &[String]) -> String {
    logs.iter()
        .rev()
        .find(|line| !line.starts_with("Program "))
        .map_or_else(|| "it gave no reason".into(), Clone::clone)
}
