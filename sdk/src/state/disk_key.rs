use {
    super::{end_of_account, read_string, AccountType, Head, ACCOUNT_VERSION},
    crate::{error::EbbError, value::MAX_PATH_LEN},
    borsh::{BorshDeserialize, BorshSerialize},
    bytemuck::{CheckedBitPattern, NoUninit},
    solana_program::pubkey::Pubkey,
};

/// The fixed part of a [`DiskKey`].
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, CheckedBitPattern, NoUninit,
)]
#[repr(C)]
pub struct DiskKeyHead {
    /// [`AccountType::DiskKey`]
    pub discriminator: AccountType,
    /// Layout version.
    pub version: u8,
    /// The device's address.
    pub device: Pubkey,
    /// The key that must attest that it was destroyed: the one that registered it, or to which the authority
    /// reassigned it.
    pub custodian: Pubkey,
    /// Who paid the rent and gets it back.
    pub payer: Pubkey,
    /// SHA-256 of the key material.
    pub commitment: [u8; 32],
    /// The PDA's bump.
    pub bump: u8,
    /// Zeros.
    pub reserved: [u8; 5],
    /// The slot in which it was registered.
    pub registered_slot: u64,
    /// When it was registered, in Unix seconds.
    pub registered_at: i64,
}

impl Head for DiskKeyHead {
    const TYPE: AccountType = AccountType::DiskKey;
}

impl DiskKeyHead {
    /// A disk key as `RegisterDiskKey` lays it down.
    pub fn new(
        device: Pubkey,
        custodian: Pubkey,
        payer: Pubkey,
        commitment: [u8; 32],
        bump: u8,
        slot: u64,
        time: i64,
    ) -> Self {
        Self {
            discriminator: Self::TYPE,
            version: ACCOUNT_VERSION,
            device,
            custodian,
            payer,
            commitment,
            bump,
            reserved: [0; 5],
            registered_slot: slot,
            registered_at: time,
        }
    }
}

/// A disk-encryption key registered for a device. PDA `["disk-key", device, sha256(path)]`.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct DiskKey {
    /// The fixed part.
    pub head: DiskKeyHead,
    /// The disk's path, unique per device.
    pub path: String,
}

impl DiskKey {
    /// Reads an account's data.
    ///
    /// # Errors
    /// As [`Head::of`]; [`EbbError::CorruptAccount`] for a bad path or trailing bytes other than zeros.
    pub fn decode(data: &[u8]) -> Result<Self, EbbError> {
        let head = DiskKeyHead::read(data)?;
        let mut tail = data.get(DiskKeyHead::LEN..).unwrap_or_default();
        let path = read_string(&mut tail, MAX_PATH_LEN)?;
        end_of_account(tail)?;
        Ok(Self { head, path })
    }
}
