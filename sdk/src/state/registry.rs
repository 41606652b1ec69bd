use {
    super::{end_of_account, AccountType, Head, ACCOUNT_VERSION},
    crate::error::EbbError,
    borsh::{BorshDeserialize, BorshSerialize},
    bytemuck::{CheckedBitPattern, NoUninit},
    solana_program::pubkey::Pubkey,
};

/// The singleton account: network authority, health oracle, policy. PDA `["registry"]`.
///
/// Creating a device never writes it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, CheckedBitPattern, NoUninit,
)]
#[repr(C)]
pub struct Registry {
    /// [`AccountType::Registry`]
    pub discriminator: AccountType,
    /// Layout version.
    pub version: u8,
    /// Policy: activation and undraining ask for a healthy device, reported by oracle or authority.
    pub require_healthy: bool,
    /// The PDA's bump.
    pub bump: u8,
    /// The network operator's key.
    pub authority: Pubkey,
    /// The key nominated to become authority; zero for none.
    pub nominee: Pubkey,
    /// The key that reports the health of any device.
    pub health_oracle: Pubkey,
    /// Contributors ever created.
    pub contributors: u32,
    /// Locations ever created.
    pub locations: u32,
    /// Zeros.
    pub reserved: [u8; 4],
    /// Accepted mutations of this account.
    pub sequence: u64,
}

impl Head for Registry {
    const TYPE: AccountType = AccountType::Registry;
}

impl Registry {
    /// A registry as `Initialize` lays it down.
    pub fn new(authority: Pubkey, health_oracle: Pubkey, require_healthy: bool, bump: u8) -> Self {
        Self {
            discriminator: Self::TYPE,
            version: ACCOUNT_VERSION,
            require_healthy,
            bump,
            authority,
            nominee: Pubkey::default(),
            health_oracle,
            contributors: 0,
            locations: 0,
            reserved: [0; 4],
            sequence: 1,
        }
    }

    /// Reads an account's data.
    ///
    /// # Errors
    /// As [`Head::of`]; [`EbbError::CorruptAccount`] for trailing bytes other than zeros.
    pub fn decode(data: &[u8]) -> Result<Self, EbbError> {
        let registry = Self::read(data)?;
        end_of_account(data.get(Self::LEN..).unwrap_or_default())?;
        Ok(registry)
    }
}
