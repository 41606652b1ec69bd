use crate::signal::Signal;

/// What sort of failure it is. Scripts read it from the exit code.
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
    pub(super) const GRAVEST_FIRST: [Self; 6] = [
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
    pub(super) const fn name(self) -> &'static str {
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
    pub(super) fn worst(kinds: impl IntoIterator<Item = Self>) -> Option<Self> {
        // A signal stands in no list, and so before the first of it.
        let rank = |kind: &Self| Self::GRAVEST_FIRST.iter().position(|other| other == kind);
        let of_item = |kind| match kind {
            Self::Usage => Self::Other,
            kind => kind,
        };
        kinds.into_iter().map(of_item).min_by_key(rank)
    }
}
