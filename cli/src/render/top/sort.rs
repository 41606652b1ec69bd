/// How devices are sorted, draining ones before the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The nearest deadline first, then the nearest planned return.
    #[default]
    Deadline,
    /// By code.
    Code,
    /// The most sessions first.
    Sessions,
    /// By the location's code.
    Location,
}

impl Sort {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deadline => "deadline",
            Self::Code => "code",
            Self::Sessions => "sessions",
            Self::Location => "location",
        }
    }

    /// The one after it, in a circle.
    pub const fn next(self) -> Self {
        match self {
            Self::Deadline => Self::Code,
            Self::Code => Self::Sessions,
            Self::Sessions => Self::Location,
            Self::Location => Self::Deadline,
        }
    }
}
