use {
    super::HoldKind,
    borsh::{BorshDeserialize, BorshSerialize},
    bytemuck::{CheckedBitPattern, NoUninit},
};

/// Where a device stands in its life. Numbers are frozen; new ones are appended.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    BorshSerialize,
    BorshDeserialize,
    CheckedBitPattern,
    NoUninit,
)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum ProvisioningStatus {
    /// Created, and not in service yet.
    Pending = 0,
    /// In service: sessions open.
    Activated = 1,
    /// Being taken out of service: open sessions stay until they leave, no new ones open.
    Draining = 2,
    /// Out of service for good; its disk keys are being destroyed.
    Retiring = 3,
    /// Nothing of its users is left on it. Terminal.
    Retired = 4,
}

impl ProvisioningStatus {
    /// Every status, in the order of their numbers.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Activated,
        Self::Draining,
        Self::Retiring,
        Self::Retired,
    ];

    /// The status as JSON and tables write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Activated => "activated",
            Self::Draining => "draining",
            Self::Retiring => "retiring",
            Self::Retired => "retired",
        }
    }
}

/// What was last reported of a device. Moves freely by report and never moves the provisioning status.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    BorshSerialize,
    BorshDeserialize,
    CheckedBitPattern,
    NoUninit,
)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum Health {
    /// Nothing is known.
    Unknown = 0,
    /// Fit to serve.
    Healthy = 1,
    /// Reachable, and not fit to serve.
    Unhealthy = 2,
    /// Gone: it cannot be drained, its sessions may be closed by others.
    Dead = 3,
}

impl Health {
    /// Every health, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Unknown, Self::Healthy, Self::Unhealthy, Self::Dead];

    /// The health as JSON and tables write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
            Self::Dead => "dead",
        }
    }
}

/// What a device does in the network.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    BorshSerialize,
    BorshDeserialize,
    CheckedBitPattern,
    NoUninit,
)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum DeviceType {
    /// Edge and transit in one.
    Hybrid = 0,
    /// Carries traffic between devices.
    Transit = 1,
    /// Users connect to it.
    Edge = 2,
}

impl DeviceType {
    /// Every type, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Hybrid, Self::Transit, Self::Edge];

    /// The type as JSON, CSV and tables write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hybrid => "hybrid",
            Self::Transit => "transit",
            Self::Edge => "edge",
        }
    }
}

/// Writes and reads an enum by the names that JSON, CSV, tables and the command line use.
macro_rules! named {
    ($($name:ty),*) => {$(
        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl core::str::FromStr for $name {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, UnknownName> {
                Self::ALL
                    .into_iter()
                    .find(|value| value.as_str() == text)
                    .ok_or_else(|| UnknownName {
                        found: text.to_owned(),
                        known: Self::ALL.iter().map(|value| value.as_str()).collect::<Vec<_>>().join(", "),
                    })
            }
        }
    )*};
}
named!(ProvisioningStatus, Health, DeviceType, HoldKind);

/// A name that no value of an enum has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is none of {known}")]
pub struct UnknownName {
    found: String,
    known: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for status in ProvisioningStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
        for health in Health::ALL {
            assert_eq!(health.as_str().parse(), Ok(health));
        }
        for kind in DeviceType::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        for kind in HoldKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert_eq!(
            "up".parse::<Health>().unwrap_err().to_string(),
            "`up` is none of unknown, healthy, unhealthy, dead"
        );
    }
}
