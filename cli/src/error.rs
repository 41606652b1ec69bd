//! The one error type of the command line: its kind decides the exit code.

use {
    crate::signal::Signal,
    ebb_sdk::{fleet::FleetError, ledger::LedgerError, EbbError},
    serde::Serialize,
    solana_sdk::{instruction::InstructionError, transaction::TransactionError},
    std::{fmt, io},
};

/// What helps where an account is newer than this `ebb`.
pub const UPGRADE: &str = "upgrade ebb to read it";

/// What sort of failure it is. Scripts tell kinds apart by the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anything else, a declined prompt included.
    Other,
    /// The command line, a file or an environment variable is not as it must be.
    Usage,
    /// What was named is not there.
    NotFound,
    /// A rule of the program forbids it.
    Refused,
    /// The time to wait ran out.
    TimedOut,
    /// The cluster cannot be reached.
    Unreachable,
    /// A signal ended the run, as Ctrl-C does.
    Interrupted(Signal),
    /// Nobody reads stdout any more, which is no failure.
    BrokenPipe,
}

impl Kind {
    /// From the gravest on: of several items' failures, the first present decides the exit code.
    const GRAVEST_FIRST: [Self; 6] = [
        Self::Unreachable,
        Self::Other,
        Self::Refused,
        Self::NotFound,
        Self::TimedOut,
        Self::BrokenPipe,
    ];

    /// The exit code.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::BrokenPipe => 0,
            Self::Other => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::Refused => 4,
            Self::TimedOut => 5,
            Self::Unreachable => 6,
            Self::Interrupted(signal) => signal.exit_code(),
        }
    }

    /// The kind as JSON writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Other => "other",
            Self::Usage => "usage",
            Self::NotFound => "not-found",
            Self::Refused => "refused",
            Self::TimedOut => "timed-out",
            Self::Unreachable => "unreachable",
            Self::Interrupted(_) => "interrupted",
            Self::BrokenPipe => "broken-pipe",
        }
    }

    /// The name of an error that no rule of the program names.
    const fn name(self) -> &'static str {
        match self {
            Self::Other => "Other",
            Self::Usage => "Usage",
            Self::NotFound => "NotFound",
            Self::Refused => "Refused",
            Self::TimedOut => "TimedOut",
            Self::Unreachable => "Unreachable",
            Self::Interrupted(_) => "Interrupted",
            Self::BrokenPipe => "BrokenPipe",
        }
    }

    /// The gravest of several items' failures. Usage is of the command line as a whole: an item that is not as it must
    /// be, as a line of a file, fails like any other.
    fn worst(kinds: impl IntoIterator<Item = Self>) -> Option<Self> {
        // A signal stands in no list, and so before the first of it.
        let rank = |kind: &Self| Self::GRAVEST_FIRST.iter().position(|other| other == kind);
        let of_item = |kind| match kind {
            Self::Usage => Self::Other,
            kind => kind,
        };
        kinds.into_iter().map(of_item).min_by_key(rank)
    }
}

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

    /// Goes on in the same sentence: how things stand, and what would be needed.
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
            LedgerError::Account { error, .. } => {
                let unreadable = Self {
                    code: Some(error.number()),
                    name: error.name(),
                    ..Self::other(message)
                };
                match error {
                    EbbError::UnsupportedVersion => unreadable.hint(UPGRADE),
                    _ => unreadable,
                }
            }
            LedgerError::Unreachable { .. } => {
                Self::new(Kind::Unreachable, message).hint("check --url and the network")
            }
            LedgerError::Behind { .. } => Self {
                name: "NodeBehind",
                ..Self::new(Kind::Unreachable, message)
            }
            .hint("name another node with --url, or wait until this one has caught up"),
            LedgerError::Denied { .. } => Self {
                name: "AccessDenied",
                ..Self::other(message)
            }
            .hint("check the token or password in --url"),
            LedgerError::Unconfirmed(signature) => Self {
                name: "Unconfirmed",
                ..Self::timed_out(message)
            }
            .hint(format!("look it up: solana confirm -v {signature}")),
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
            LedgerError::SignedOnly(_) | LedgerError::Other(_) => Self::other(message),
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
