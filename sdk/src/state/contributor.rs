use {
    super::{end_of_account, read_string, AccountType, Head, ACCOUNT_VERSION},
    crate::{error::EbbError, value::MAX_CODE_LEN},
    borsh::{BorshDeserialize, BorshSerialize},
    bytemuck::{CheckedBitPattern, NoUninit},
    solana_program::pubkey::Pubkey,
};

/// The fixed part of a [`Contributor`].
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, CheckedBitPattern, NoUninit,
)]
#[repr(C)]
pub struct ContributorHead {
    /// [`AccountType::Contributor`]
    pub discriminator: AccountType,
    /// Layout version.
    pub version: u8,
    /// A suspended contributor moves towards safety only.
    pub suspended: bool,
    /// The PDA's bump.
    pub bump: u8,
    /// The key that signs for the contributor.
    pub authority: Pubkey,
    /// The key nominated to become `authority`; zero for none.
    pub nominee: Pubkey,
    /// The key that runs drains; zero for none.
    pub operator: Pubkey,
    /// Devices that exist now.
    pub devices: u32,
    /// Devices ever registered. Only grows; a device's `generation` is its value at creation.
    pub registrations: u64,
    /// Accepted mutations of this account.
    pub sequence: u64,
}

impl Head for ContributorHead {
    const TYPE: AccountType = AccountType::Contributor;
}

impl ContributorHead {
    /// A contributor as `CreateContributor` lays it down.
    pub fn new(authority: Pubkey, bump: u8) -> Self {
        Self {
            discriminator: Self::TYPE,
            version: ACCOUNT_VERSION,
            suspended: false,
            bump,
            authority,
            nominee: Pubkey::default(),
            operator: Pubkey::default(),
            devices: 0,
            registrations: 0,
            sequence: 1,
        }
    }
}

/// An organisation that owns devices. PDA `["contributor", code]`.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Contributor {
    /// The fixed part.
    pub head: ContributorHead,
    /// Unique by address.
    pub code: String,
}

impl Contributor {
    /// Reads an account's data.
    ///
    /// # Errors
    /// As [`Head::of`]; [`EbbError::CorruptAccount`] for a bad code or trailing bytes other than zeros.
    pub fn decode(data: &[u8]) -> Result<Self, EbbError> {
        let head = ContributorHead::read(data)?;
        let mut tail = data.get(ContributorHead::LEN..).unwrap_or_default();
        let code = read_string(&mut tail, MAX_CODE_LEN)?;
        end_of_account(tail)?;
        Ok(Self { head, code })
    }
}
