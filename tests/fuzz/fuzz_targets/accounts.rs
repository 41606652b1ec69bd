//! Accounts: no bytes make a decoder panic, and what it accepts it has read whole.
#![no_main]

use {
    borsh::BorshSerialize,
    ebb_sdk::{
        state::{
            account_type, AccountType, Contributor, ContributorHead, Device, DeviceHead, DiskKey,
            DiskKeyHead, Head, Location, LocationHead, Registry, Session,
        },
        EbbError,
    },
    libfuzzer_sys::fuzz_target,
    std::fmt::Debug,
};

type Decode<T> = fn(&[u8]) -> Result<T, EbbError>;

fuzz_target!(|data: &[u8]| {
    let accepted = [
        check::<Registry, Registry>(data, Registry::decode),
        check::<ContributorHead, Contributor>(data, Contributor::decode),
        check::<LocationHead, Location>(data, Location::decode),
        check::<DeviceHead, Device>(data, Device::decode),
        check::<Session, Session>(data, Session::decode),
        check::<DiskKeyHead, DiskKey>(data, DiskKey::decode),
    ];
    let accepted: Vec<AccountType> = accepted.into_iter().flatten().collect();
    assert!(accepted.len() <= 1, "{accepted:?}");
    if let Some(accepted) = accepted.first() {
        assert_eq!(account_type(data), Ok(*accepted));
    }
});

/// Reads the data as one type of account, and returns the type if they are that.
fn check<H: Head + Debug + PartialEq, T: BorshSerialize + Debug + PartialEq>(
    data: &[u8],
    decode: Decode<T>,
) -> Option<AccountType> {
    check_head::<H>(data);
    let account = decode(data).ok()?;
    let written = borsh::to_vec(&account).expect("an account encodes");
    let padding = data
        .strip_prefix(written.as_slice())
        .expect("it was read whole");
    assert!(padding.iter().all(|byte| *byte == 0));
    assert_eq!(decode(&written).as_ref(), Ok(&account));
    Some(H::TYPE)
}

/// The program reads a head in place, and clients read it with Borsh.
fn check_head<H: Head + Debug + PartialEq>(data: &[u8]) {
    let mut words = vec![0_u64; data.len().div_ceil(size_of::<u64>())];
    let aligned = bytemuck::cast_slice_mut::<u64, u8>(&mut words);
    let aligned = &mut aligned[..data.len()];
    aligned.copy_from_slice(data);
    let read = H::read(data);
    assert_eq!(H::of(aligned).map(|head| *head), read);
    assert_eq!(H::of_mut(aligned).map(|head| *head), read);
}
