//! Who signs.

use {
    borsh::{BorshDeserialize, BorshSerialize},
    bytemuck::{CheckedBitPattern, NoUninit},
};

/// The role in which a key signed, decided by the credential it passed.
///
/// Numbers are frozen; new ones are appended.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
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
pub enum Role {
    /// Nobody: nothing was recorded yet. No signer ever has this role.
    #[default]
    None = 0,
    /// The contributor's `authority` key.
    Contributor = 1,
    /// The contributor's optional `operator` key, which runs drains.
    Operator = 2,
    /// The network operator's key on the registry.
    Authority = 3,
    /// The key of the controller that runs for a device.
    Agent = 4,
    /// The registry's key that reports the health of any device.
    HealthOracle = 5,
    /// The key that registered a disk key, or to which the authority reassigned it.
    Custodian = 6,
}

impl Role {
    /// Every role that can sign.
    pub const ALL: [Role; 6] = [
        Role::Contributor,
        Role::Operator,
        Role::Authority,
        Role::Agent,
        Role::HealthOracle,
        Role::Custodian,
    ];

    /// The role as JSON and tables write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::None => "none",
            Role::Contributor => "contributor",
            Role::Operator => "operator",
            Role::Authority => "authority",
            Role::Agent => "agent",
            Role::HealthOracle => "oracle",
            Role::Custodian => "custodian",
        }
    }
}

impl core::fmt::Display for Role {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.as_str())
    }
}
