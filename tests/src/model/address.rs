//! Where the model's accounts live, derived once.

use {
    crate::model::state::{CONTRIBUTORS, DEVICES, DISKS, LOCATIONS, USERS},
    ebb_sdk::pda,
    solana_sdk::pubkey::Pubkey,
    std::{array::from_fn, sync::LazyLock},
};

pub const CONTRIBUTOR_CODES: [&str; CONTRIBUTORS] = ["co01", "co02", "co03"];
pub const LOCATION_CODES: [&str; LOCATIONS] = ["ams", "fra", "lhr"];
pub const DEVICE_CODES: [&str; DEVICES] = ["ams-dz001", "ams-dz002", "fra-dz001", "lhr-dz001"];

/// The program's id in these tests.
pub const PROGRAM_ID: Pubkey = ebb_sdk::ID;

/// An address and its bump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    pub key: Pubkey,
    pub bump: u8,
}

impl From<(Pubkey, u8)> for Address {
    fn from((key, bump): (Pubkey, u8)) -> Self {
        Self { key, bump }
    }
}

pub struct Addresses {
    pub registry: Address,
    pub contributors: [Address; CONTRIBUTORS],
    pub locations: [Address; LOCATIONS],
    pub devices: [Address; DEVICES],
    pub sessions: [[Address; USERS]; DEVICES],
    pub disk_keys: [[Address; DISKS]; DEVICES],
}

pub static ADDRESSES: LazyLock<Addresses> = LazyLock::new(|| {
    let id = &PROGRAM_ID;
    let devices: [Address; DEVICES] = from_fn(|index| pda::device(id, DEVICE_CODES[index]).into());
    Addresses {
        registry: pda::registry(id).into(),
        contributors: from_fn(|index| pda::contributor(id, CONTRIBUTOR_CODES[index]).into()),
        locations: from_fn(|index| pda::location(id, LOCATION_CODES[index]).into()),
        devices,
        sessions: from_fn(|index| {
            from_fn(|number| pda::session(id, &devices[index].key, &user(number)).into())
        }),
        disk_keys: from_fn(|index| {
            from_fn(|disk| pda::disk_key(id, &devices[index].key, &path(disk)).into())
        }),
    }
});

/// A user's key.
pub fn user(number: usize) -> Pubkey {
    crate::user(number as u8)
}

/// A disk's path.
pub fn path(disk: usize) -> String {
    crate::path(disk as u8)
}

/// What stands on chain for a disk's key.
pub fn commitment(disk: usize) -> [u8; 32] {
    crate::commitment(disk as u8)
}
