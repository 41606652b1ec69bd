use {
    super::roles::{AUTHORITY, CONTRIBUTOR, CUSTODIAN, DRAINERS, OWNERS},
    crate::{
        role::Role,
        state::ProvisioningStatus::{self, Activated, Draining, Pending, Retired},
    },
};

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

    /// The roles that may sign the action from some status.
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Self::Create => CONTRIBUTOR,
            Self::Activate => AUTHORITY,
            Self::Drain | Self::Undrain => DRAINERS,
            Self::Retire | Self::Remove => OWNERS,
            Self::DestroyDiskKey => CUSTODIAN,
        }
    }

    /// The status in which nothing is left to do.
    pub(super) const fn goal(self) -> Option<ProvisioningStatus> {
        match self {
            Self::Create => Some(Pending),
            Self::Activate | Self::Undrain => Some(Activated),
            Self::Drain => Some(Draining),
            Self::Retire | Self::DestroyDiskKey => Some(Retired),
            Self::Remove => None,
        }
    }
}
