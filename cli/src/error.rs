//! The one error type of the command line: its kind decides the exit code.

mod kind;

pub use kind::Kind;

use {
    crate::signal::Signal,
    ebb_sdk::{fleet::FleetError, history::HistoryError, ledger::LedgerError, EbbError},
    serde::Serialize,
    solana_sdk::{instruction::InstructionError, transaction::TransactionError},
    std::{fmt, io},
};

/// What helps where an account is newer than this `ebb`.
pub const UPGRADE: &str = "upgrade ebb to read it";

/// The name of what a server no longer has.
const GONE: &str = "Gone";

/// How a command ended that has reported everything: done, or with failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit(pub u8);

impl Exit {
    /// Everything was done.
    pub const DONE: Self = Self(0);

    /// Of several items, these failed.
    pub fn of<'a>(failures: impl Iterator<Item = &'a CliError>) -> Self {
        Self::from(Kind::worst(failures.map(CliError::kind)))
    }
}

impl From<Option<Kind>> for Exit {
    fn from(worst: Option<Kind>) -> Self {
        worst.map_or(Self::DONE, |kind| Self(kind.exit_code()))
    }
}

/// Why a command did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CliError {
    kind: Kind,
    code: Option<u32>,
    name: &'static str,
    message: String,
    hints: Vec<String>,
    logs: Vec<String>,
}

/// An error as JSON writes it. `code` is the program's error number, null for an error of no rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorBody {
    kind: &'static str,
    code: Option<u32>,
    name: &'static str,
    message: String,
}

impl CliError {
    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            code: None,
            name: kind.name(),
            message: message.into(),
            hints: vec![],
            logs: vec![],
        }
    }

    /// A failure of no other kind.
    pub fn other(message: impl Into<String>) -> Self {
        Self::new(Kind::Other, message)
    }

    /// The command line, a file or an environment variable is not as it must be.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// What was named is not there.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, message)
    }

    /// Where it is to be read from cannot be reached.
    pub fn unreachable(message: impl Into<String>) -> Self {
        Self::new(Kind::Unreachable, message)
    }

    /// Whoever was asked refuses to serve this client.
    pub fn denied(message: impl Into<String>) -> Self {
        Self {
            name: "AccessDenied",
            ..Self::other(message)
        }
    }

    /// A server no longer has where a list or stream was to go on.
    pub fn gone(message: impl Into<String>) -> Self {
        Self {
            name: GONE,
            ..Self::other(message)
        }
    }

    /// An account's bytes are not what this version of the program writes.
    pub fn unreadable(message: impl Into<String>, error: Option<EbbError>) -> Self {
        let unreadable = Self::other(message);
        let unreadable = match error {
            Some(error) => Self {
                code: Some(error.number()),
                name: error.name(),
                ..unreadable
            },
            None => unreadable,
        };
        match error {
            Some(EbbError::UnsupportedVersion) => unreadable.hint(UPGRADE),
            _ => unreadable,
        }
    }

    /// The time to wait ran out.
    pub fn timed_out(message: impl Into<String>) -> Self {
        Self::new(Kind::TimedOut, message)
    }

    /// A signal ended the run.
    pub fn interrupted(signal: Signal) -> Self {
        Self::new(Kind::Interrupted(signal), signal.message())
    }

    /// A rule of the program forbids it.
    pub fn refused(rule: EbbError) -> Self {
        Self {
            code: Some(rule.number()),
            name: rule.name(),
            ..Self::new(Kind::Refused, rule.to_string())
        }
    }

    /// Goes on in the same sentence: how things stand, and what would be required.
    pub fn because(mut self, state: impl fmt::Display) -> Self {
        self.message = format!("{}: {state}", self.message);
        self
    }

    /// Names what it happened to, in front of the message.
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.message = format!("{place}: {}", self.message);
        self
    }

    /// Adds advice, on a line of its own.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    fn with_logs(self, logs: Vec<String>) -> Self {
        Self { logs, ..self }
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether a server no longer has where a list or stream was to go on.
    pub fn is_gone(&self) -> bool {
        self.name == GONE
    }

    /// Whether an account's bytes are not what this version of the program writes.
    pub fn is_unreadable(&self) -> bool {
        self.kind == Kind::Other && self.code.is_some()
    }

    /// Whether it is this rule's refusal.
    pub fn is_refusal(&self, rule: EbbError) -> bool {
        self.kind == Kind::Refused && self.code == Some(rule.number())
    }

    /// A few words for a table: the rule without how things stand.
    pub fn brief(&self) -> String {
        let rule = self.code.and_then(EbbError::from_number);
        match (self.kind, rule) {
            (Kind::Refused, Some(EbbError::LiveHold)) => "a live hold".to_owned(),
            (Kind::Refused, Some(EbbError::BudgetExceeded)) => "the budget is used up".to_owned(),
            (Kind::Refused, Some(rule)) => rule.to_string(),
            (Kind::TimedOut, _) => "the time to wait ran out".to_owned(),
            _ => self.message.clone(),
        }
    }

    /// Advice, a line each.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }

    /// The log lines of the transaction that failed.
    pub fn logs(&self) -> &[String] {
        &self.logs
    }

    /// What JSON writes of it.
    pub fn body(&self) -> ErrorBody {
        ErrorBody {
            kind: self.kind.as_str(),
            code: self.code,
            name: self.name,
            message: self.message.clone(),
        }
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CliError {}

impl Serialize for CliError {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.body().serialize(serializer)
    }
}

impl From<EbbError> for CliError {
    fn from(error: EbbError) -> Self {
        Self::refused(error)
    }
}

impl From<LedgerError> for CliError {
    fn from(error: LedgerError) -> Self {
        Self::from(&error)
    }
}

impl From<HistoryError> for CliError {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::Ledger(error) => Self::from(error),
            HistoryError::NodesDisagree => Self {
                name: "NodesDisagree",
                ..Self::new(Kind::Unreachable, error.to_string())
            }
            .hint("name another node with --url, or try again"),
            HistoryError::CursorLost => Self::other(error.to_string()),
        }
    }
}

impl From<FleetError> for CliError {
    fn from(error: FleetError) -> Self {
        match (&error, error.rule()) {
            (FleetError::Ledger(error), _) => Self::from(error.as_ref()),
            (FleetError::Refused { logs, .. }, Some(rule)) => {
                Self::refused(rule).with_logs(logs.clone())
            }
            (_, Some(rule)) => Self::refused(rule).because(error),
            (FleetError::NotFound { .. } | FleetError::Removed, None) => {
                Self::not_found(error.to_string())
            }
            (FleetError::NoSigner(_), None) => Self::usage(error.to_string()),
            (_, None) => Self::other(error.to_string()),
        }
    }
}

impl From<&LedgerError> for CliError {
    fn from(error: &LedgerError) -> Self {
        let message = error.to_string();
        match error {
            LedgerError::Refused { error, logs, .. } => Self::refused(*error).with_logs(logs.clone()),
            LedgerError::Failed { error, logs } => Self::failed(error, message).with_logs(logs.clone()),
            LedgerError::Account { error, .. } => Self::unreadable(message, Some(*error)),
            LedgerError::Unreachable { .. } => {
                Self::unreachable(message).hint("check --url and the network")
            }
            LedgerError::Behind { .. } => Self {
                name: "NodeBehind",
                ..Self::new(Kind::Unreachable, message)
            }
            .hint("name another node with --url, or wait until this one has caught up"),
            LedgerError::UnknownAnchor { .. } => Self {
                name: "UnknownAnchor",
                ..Self::other(message)
            }
            .hint("the nodes behind --url are far apart, or prune what they had: try again"),
            LedgerError::Denied { .. } => Self::denied(message)
            .hint("check the token or password in --url"),
            LedgerError::Unconfirmed(signature) => Self {
                name: "Unconfirmed",
                ..Self::timed_out(message)
            }
            .hint(format!("check it: solana confirm -v {signature}")),
            LedgerError::Dropped { .. } => Self {
                name: "Dropped",
                ..Self::other(message)
            }
            .hint("nothing was written: try again"),
            LedgerError::NoProgram(_) => Self {
                name: "NoProgram",
                ..Self::not_found(message)
            }
            .hint("deploy it: ebb program deploy")
            .hint("or name the id it has here, with --program-id or EBB_PROGRAM_ID"),
            LedgerError::NotAProgram { .. } => Self {
                name: "NotAProgram",
                ..Self::not_found(message)
            }
            .hint("name the id that Ebb has here, with --program-id or EBB_PROGRAM_ID"),
            LedgerError::DevelopmentId { .. } => Self {
                name: "DevelopmentId",
                ..Self::usage(message)
            }
            .hint("deploy it at an id of your own: solana-keygen new -o program.json, then ebb program deploy --program-keypair program.json")
            .hint("name the id that Ebb has here, with --program-id or EBB_PROGRAM_ID; the development id too, if you trust what is there"),
            LedgerError::ForeignSignature(_) => Self {
                name: "ForeignSignature",
                ..Self::other(message)
            }
            .hint("sign anew, all with the same command line and --blockhash or --nonce; times as a DUR, not as a date"),
            LedgerError::Signer(_) => Self {
                name: "Signer",
                ..Self::other(message)
            },
            LedgerError::NotSent | LedgerError::Other(_) => Self::other(message),
            LedgerError::Embedded(error) if error.is_of_no_ledger() => Self {
                name: "EmbeddedLedger",
                ..Self::usage(message)
            },
            LedgerError::Embedded(_) => Self {
                name: "EmbeddedLedger",
                ..Self::other(message)
            },
        }
    }
}

impl CliError {
    fn failed(error: &TransactionError, message: String) -> Self {
        let failed = Self {
            name: "TransactionFailed",
            ..Self::other(message)
        };
        match error {
            TransactionError::BlockhashNotFound => failed
                .hint("the blockhash is too old: sign anew with another, or with a nonce account: --nonce"),
            TransactionError::AccountNotFound
            | TransactionError::InsufficientFundsForFee
            | TransactionError::InsufficientFundsForRent { .. }
            | TransactionError::InstructionError(_, InstructionError::Custom(1)) => failed
                .hint("the fee payer may lack lamports: fund it, or name another with --fee-payer"),
            TransactionError::InstructionError(_, InstructionError::Custom(_)) => failed
                .hint("another program than Ebb may be at --program-id: ebb program show"),
            _ => failed,
        }
    }
}

impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::new(Kind::BrokenPipe, "nobody reads stdout"),
            io::ErrorKind::Interrupted => Self::interrupted(Signal::Interrupt),
            _ => Self::other(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
