/// What a code names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeKind {
    Contributors,
    Devices,
    Locations,
}

impl CodeKind {
    /// Its name in the cache.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contributors => "contributors",
            Self::Devices => "devices",
            Self::Locations => "locations",
        }
    }
}
