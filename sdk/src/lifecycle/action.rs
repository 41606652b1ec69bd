/// An instruction that moves a device from status to status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Registers a device.
    Create,
    /// Puts a pending device into service.
    Activate,
    /// Starts taking a device out of service.
    Drain,
    /// Brings a draining device back into service.
    Undrain,
    /// Takes a device out of service for good.
    Retire,
    /// Attests that a disk key was destroyed; the last one retires the device.
    DestroyDiskKey,
    /// Closes a retired device's account.
    Remove,
}

impl Action {
    /// Every action, in the order of a device's life.
    pub const ALL: [Self; 7] = [
        Self::Create,
        Self::Activate,
        Self::Drain,
        Self::Undrain,
        Self::Retire,
        Self::DestroyDiskKey,
        Self::Remove,
    ];

    /// The action as the command line and JSON write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Activate => "activate",
            Self::Drain => "drain",
            Self::Undrain => "undrain",
            Self::Retire => "retire",
            Self::DestroyDiskKey => "destroy-disk-key",
            Self::Remove => "remove",
        }
    }
}
