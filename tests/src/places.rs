use {crate::Credential, ebb_sdk::pda, solana_sdk::pubkey::Pubkey};

/// Where the tests' accounts live.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    /// The registry.
    pub registry: Pubkey,
    /// The contributor that owns the device.
    pub contributor: Pubkey,
    /// Another contributor.
    pub other_contributor: Pubkey,
    /// The device's location.
    pub location: Pubkey,
    /// Another location.
    pub other_location: Pubkey,
    /// The device.
    pub device: Pubkey,
    /// Another device of the same contributor in the same location.
    pub other_device: Pubkey,
    /// A device of the other contributor in the other location.
    pub foreign_device: Pubkey,
}

impl Places {
    /// The code of [`Places::contributor`].
    pub const CONTRIBUTOR: &'static str = "co01";
    /// The code of [`Places::other_contributor`].
    pub const OTHER_CONTRIBUTOR: &'static str = "co02";
    /// The code of [`Places::location`].
    pub const LOCATION: &'static str = "ams";
    /// The code of [`Places::other_location`].
    pub const OTHER_LOCATION: &'static str = "fra";
    /// The code of [`Places::device`].
    pub const DEVICE: &'static str = "ams-dz001";
    /// The code of [`Places::other_device`].
    pub const OTHER_DEVICE: &'static str = "ams-dz002";
    /// The code of [`Places::foreign_device`].
    pub const FOREIGN_DEVICE: &'static str = "fra-dz001";

    /// The addresses under a program id.
    pub fn under(program_id: &Pubkey) -> Self {
        Self {
            registry: pda::registry(program_id).0,
            contributor: pda::contributor(program_id, Self::CONTRIBUTOR).0,
            other_contributor: pda::contributor(program_id, Self::OTHER_CONTRIBUTOR).0,
            location: pda::location(program_id, Self::LOCATION).0,
            other_location: pda::location(program_id, Self::OTHER_LOCATION).0,
            device: pda::device(program_id, Self::DEVICE).0,
            other_device: pda::device(program_id, Self::OTHER_DEVICE).0,
            foreign_device: pda::device(program_id, Self::FOREIGN_DEVICE).0,
        }
    }

    /// The account that a credential is.
    pub fn credential(&self, credential: Credential) -> Option<Pubkey> {
        match credential {
            Credential::None => None,
            Credential::Contributor => Some(self.contributor),
            Credential::OtherContributor => Some(self.other_contributor),
            Credential::Registry => Some(self.registry),
        }
    }
}
