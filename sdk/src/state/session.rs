use {
    super::{end_of_account, AccountType, Head, ACCOUNT_VERSION},
    crate::error::EbbError,
    borsh::{BorshDeserialize, BorshSerialize},
    bytemuck::{CheckedBitPattern, NoUninit},
    solana_program::pubkey::Pubkey,
};

/// One user's connection to one device. PDA `["session", device, user]`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, CheckedBitPattern, NoUninit,
)]
#[repr(C)]
pub struct Session {
    /// [`AccountType::Session`]
    pub discriminator: AccountType,
    /// Layout version.
    pub version: u8,
    /// The device's address.
    pub device: Pubkey,
    /// The user's key.
    pub user: Pubkey,
    /// Who paid the rent and gets it back.
    pub payer: Pubkey,
    /// The PDA's bump.
    pub bump: u8,
    /// Zeros.
    pub reserved: [u8; 5],
    /// The slot in which it was opened.
    pub opened_slot: u64,
    /// When it was opened, in Unix seconds.
    pub opened_at: i64,
}

impl Head for Session {
    const TYPE: AccountType = AccountType::Session;
}

impl Session {
    /// A session as `OpenSession` lays it down.
    pub fn new(
        device: Pubkey,
        user: Pubkey,
        payer: Pubkey,
        bump: u8,
        slot: u64,
        time: i64,
    ) -> Self {
        Self {
            discriminator: Self::TYPE,
            version: ACCOUNT_VERSION,
            device,
            user,
            payer,
            bump,
            reserved: [0; 5],
            opened_slot: slot,
            opened_at: time,
        }
    }

    /// Reads an account's data.
    ///
    /// # Errors
    /// As [`Head::of`]; [`EbbError::CorruptAccount`] for trailing bytes other than zeros.
    pub fn decode(data: &[u8]) -> Result<Self, EbbError> {
        let session = Self::read(data)?;
        end_of_account(data.get(Self::LEN..).unwrap_or_default())?;
        Ok(session)
    }
}
