//! The accounts, as they are stored on chain.
//!
//! Each account is a fixed-size head, then its strings. A head is one `#[repr(C)]` struct without
//! padding, so its Borsh encoding and its memory are the same bytes: clients read it with Borsh,
//! and the program reads and writes it in place without copying the rest of the account. Decoding
//! with either is strict. A wrong discriminator, an unknown enum byte, truncated data or a newer
//! version is an [`EbbError`], never a default.
//!
//! Absent is all zeros: time 0, slot 0, the zero key.

mod contributor;
mod device;
mod disk_key;
mod drain;
mod hold;
mod location;
mod registry;
mod session;
mod status;
mod text;

pub use crate::value::{present, MAX_NAME_LEN, MAX_PATH_LEN};
pub use {
    contributor::{Contributor, ContributorHead},
    device::{Device, DeviceHead, AGENT_SILENT_AFTER, MAX_DISK_KEYS},
    disk_key::{DiskKey, DiskKeyHead},
    drain::DrainRecord,
    hold::{Hold, HoldKind, HoldSlots, MAX_AGENT_HOLDS, MAX_AUTHORITY_HOLDS, MAX_HOLDS},
    location::{Location, LocationHead},
    registry::Registry,
    session::Session,
    status::{DeviceType, Health, ProvisioningStatus, UnknownName},
    text::{CheckedHoldReason, CheckedReason, CheckedText, FixedText, HoldReason, Reason},
};

use {
    crate::{error::EbbError, value::is_legible},
    borsh::{BorshDeserialize, BorshSerialize},
    bytemuck::{CheckedBitPattern, NoUninit},
};

/// The layout version that this crate writes and reads. An account of a newer one is
/// [`EbbError::UnsupportedVersion`].
pub const ACCOUNT_VERSION: u8 = 1;

/// Offset of `device` in bytes, in [`Session`] and [`DiskKey`], to filter on.
pub const DEVICE_OFFSET: usize = 2;

/// What an account is: its first byte. 0 is no account of this program.
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
pub enum AccountType {
    /// [`Registry`]
    Registry = 1,
    /// [`Contributor`]
    Contributor = 2,
    /// [`Location`]
    Location = 3,
    /// [`Device`]
    Device = 4,
    /// [`Session`]
    Session = 5,
    /// [`DiskKey`]
    DiskKey = 6,
}

impl AccountType {
    /// The length of the fixed-size part in bytes.
    pub const fn head_len(self) -> usize {
        match self {
            Self::Registry => Registry::LEN,
            Self::Contributor => ContributorHead::LEN,
            Self::Location => LocationHead::LEN,
            Self::Device => DeviceHead::LEN,
            Self::Session => Session::LEN,
            Self::DiskKey => DiskKeyHead::LEN,
        }
    }
}

/// The fixed-size part of an account, which reads and writes in place.
pub trait Head: CheckedBitPattern + NoUninit + BorshDeserialize + BorshSerialize {
    /// The account's first byte.
    const TYPE: AccountType;
    /// The length in bytes.
    const LEN: usize = core::mem::size_of::<Self>();

    /// Reads the head in place.
    ///
    /// # Errors
    /// As [`check_header`]; [`EbbError::CorruptAccount`] for truncated data or an unknown enum byte.
    #[inline(always)]
    fn of(data: &[u8]) -> Result<&Self, EbbError> {
        check_header(data, Self::TYPE)?;
        let head = data.get(..Self::LEN).ok_or(EbbError::CorruptAccount)?;
        bytemuck::checked::try_from_bytes(head).map_err(|_| EbbError::CorruptAccount)
    }

    /// Reads the head in place, for writing.
    ///
    /// # Errors
    /// As [`Head::of`].
    #[inline(always)]
    fn of_mut(data: &mut [u8]) -> Result<&mut Self, EbbError> {
        check_header(data, Self::TYPE)?;
        let head = data.get_mut(..Self::LEN).ok_or(EbbError::CorruptAccount)?;
        bytemuck::checked::try_from_bytes_mut(head).map_err(|_| EbbError::CorruptAccount)
    }

    /// Copies the head out of data of any alignment.
    ///
    /// # Errors
    /// As [`Head::of`].
    fn read(data: &[u8]) -> Result<Self, EbbError> {
        check_header(data, Self::TYPE)?;
        let head = data.get(..Self::LEN).ok_or(EbbError::CorruptAccount)?;
        Self::try_from_slice(head).map_err(|_| EbbError::CorruptAccount)
    }
}

/// Checks discriminator and version, the first two bytes of every account.
///
/// # Errors
/// [`EbbError::CorruptAccount`] for fewer than two bytes or version 0, [`EbbError::WrongAccountType`] for another
/// discriminator, [`EbbError::UnsupportedVersion`] for a newer version.
#[inline(always)]
pub fn check_header(data: &[u8], expected: AccountType) -> Result<(), EbbError> {
    match data {
        [] | [_] => Err(EbbError::CorruptAccount),
        [kind, ..] if *kind != expected as u8 => Err(EbbError::WrongAccountType),
        [_, ACCOUNT_VERSION, ..] => Ok(()),
        [_, 0, ..] => Err(EbbError::CorruptAccount),
        _ => Err(EbbError::UnsupportedVersion),
    }
}

/// Reads the account type that data claims, without reading the rest.
// Spelled out and inlined: a checked cast of the byte costs a drain 19 compute units more.
#[inline(always)]
pub fn account_type(data: &[u8]) -> Result<AccountType, EbbError> {
    match data.first().ok_or(EbbError::CorruptAccount)? {
        1 => Ok(AccountType::Registry),
        2 => Ok(AccountType::Contributor),
        3 => Ok(AccountType::Location),
        4 => Ok(AccountType::Device),
        5 => Ok(AccountType::Session),
        6 => Ok(AccountType::DiskKey),
        _ => Err(EbbError::WrongAccountType),
    }
}

/// Reads a string as Borsh lays it down, its length in four bytes and then its bytes, but checks the
/// length before anything is reserved for it, and takes no text that no instruction lays down.
pub(crate) fn read_string(tail: &mut &[u8], max_len: usize) -> Result<String, EbbError> {
    let (len, rest) = tail
        .split_first_chunk::<4>()
        .ok_or(EbbError::CorruptAccount)?;
    let len = u32::from_le_bytes(*len) as usize;
    if len > max_len || len > rest.len() {
        return Err(EbbError::CorruptAccount);
    }
    let (text, rest) = rest.split_at(len);
    *tail = rest;
    core::str::from_utf8(text)
        .ok()
        .filter(|text| is_legible(text))
        .map(str::to_owned)
        .ok_or(EbbError::CorruptAccount)
}

/// Zero padding after the last field is allowed, anything else is not.
pub(crate) fn end_of_account(tail: &[u8]) -> Result<(), EbbError> {
    if tail.iter().all(|byte| *byte == 0) {
        Ok(())
    } else {
        Err(EbbError::CorruptAccount)
    }
}
