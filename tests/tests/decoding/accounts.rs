//! The SDK's decoders of accounts.

use {
    crate::layout::{enums, strings, texts},
    ebb_sdk::{
        state::{
            AccountType, Contributor, ContributorHead, Device, DeviceHead, DiskKey, DiskKeyHead,
            Head, Location, LocationHead, Registry, Session,
        },
        EbbError,
    },
    ebb_tests::{Record, World, ACCOUNT_TYPES},
    solana_sdk::pubkey::Pubkey,
};

/// Reads an account by its decoder and writes it again.
fn recode(kind: AccountType, data: &[u8]) -> Result<Vec<u8>, EbbError> {
    fn through<R: Record>(data: &[u8]) -> Result<Vec<u8>, EbbError> {
        R::read(data).map(|record| borsh::to_vec(&record).expect("it encodes"))
    }
    match kind {
        AccountType::Registry => through::<Registry>(data),
        AccountType::Contributor => through::<Contributor>(data),
        AccountType::Location => through::<Location>(data),
        AccountType::Device => through::<Device>(data),
        AccountType::Session => through::<Session>(data),
        AccountType::DiskKey => through::<DiskKey>(data),
    }
}

/// Reads an account's head in place, as the program does.
fn in_place(kind: AccountType, data: &[u8]) -> Result<(), EbbError> {
    // The runtime lays accounts down at a multiple of eight.
    let mut words = vec![0_u64; data.len().div_ceil(8)];
    let aligned: &mut [u8] = bytemuck::cast_slice_mut(&mut words);
    aligned[..data.len()].copy_from_slice(data);
    let data = &aligned[..data.len()];
    match kind {
        AccountType::Registry => Registry::of(data).map(|_| ()),
        AccountType::Contributor => ContributorHead::of(data).map(|_| ()),
        AccountType::Location => LocationHead::of(data).map(|_| ()),
        AccountType::Device => DeviceHead::of(data).map(|_| ()),
        AccountType::Session => Session::of(data).map(|_| ()),
        AccountType::DiskKey => DiskKeyHead::of(data).map(|_| ()),
    }
}

/// One account of each type, as the program wrote it.
fn accounts() -> Vec<(AccountType, Vec<u8>)> {
    let world = World::furnished();
    let address = |kind| -> Pubkey {
        match kind {
            AccountType::Registry => world.at.registry,
            AccountType::Contributor => world.at.contributor,
            AccountType::Location => world.at.location,
            AccountType::Device => world.at.device,
            AccountType::Session => world.session(),
            AccountType::DiskKey => world.disk_key(),
        }
    };
    ACCOUNT_TYPES
        .map(|kind| {
            let account = world.account(&address(kind)).expect("it is there");
            (kind, account.data)
        })
        .into()
}

/// Both decoders refuse a garbled account so.
#[track_caller]
fn refused(kind: AccountType, data: &[u8], expected: EbbError) {
    assert_eq!(recode(kind, data), Err(expected), "{kind:?}");
    assert_eq!(in_place(kind, data), Err(expected), "{kind:?}, in place");
}

#[test]
fn what_the_program_wrote_is_read() {
    for (kind, data) in accounts() {
        assert_eq!(recode(kind, &data).as_ref(), Ok(&data));
        assert_eq!(in_place(kind, &data), Ok(()));
    }
}

#[test]
fn every_truncation() {
    for (kind, data) in accounts() {
        for len in 0..data.len() {
            let found = recode(kind, &data[..len]);
            assert_eq!(found, Err(EbbError::CorruptAccount), "{kind:?}, {len}");
            let expected = if len < kind.head_len() {
                Err(EbbError::CorruptAccount)
            } else {
                Ok(())
            };
            assert_eq!(in_place(kind, &data[..len]), expected, "{kind:?}, {len}");
        }
    }
}

#[test]
fn every_other_discriminator_and_version() {
    for (kind, mut data) in accounts() {
        for byte in 0..=u8::MAX {
            if byte != kind as u8 {
                data[0] = byte;
                refused(kind, &data, EbbError::WrongAccountType);
            }
        }
        data[0] = kind as u8;
        data[1] = 0;
        refused(kind, &data, EbbError::CorruptAccount);
        for version in 2..=u8::MAX {
            data[1] = version;
            refused(kind, &data, EbbError::UnsupportedVersion);
        }
    }
}

#[test]
fn every_unknown_enum_byte() {
    let mut tried = 0;
    for (kind, data) in accounts() {
        for (offset, known) in enums(kind) {
            for byte in known..=u8::MAX {
                let mut garbled = data.clone();
                garbled[offset] = byte;
                refused(kind, &garbled, EbbError::CorruptAccount);
                tried += 1;
            }
        }
    }
    assert_eq!(tried, 6_276);
}

#[test]
fn texts_that_are_none() {
    let (_, data) = accounts().swap_remove(3);
    for (offset, size) in texts() {
        let garble = |edit: &dyn Fn(&mut [u8])| {
            let mut garbled = data.clone();
            edit(&mut garbled[offset..offset + size]);
            assert_eq!(
                recode(AccountType::Device, &garbled),
                Err(EbbError::CorruptAccount)
            );
        };
        for len in size..=255 {
            garble(&|text| text[0] = u8::try_from(len).expect("a byte"));
        }
        garble(&|text| {
            text[0] = 1;
            text[1] = 0xff;
        });
        garble(&|text| text[size - 1] = b'x');
    }
}

#[test]
fn lengths_that_lie() {
    for (kind, data) in accounts() {
        for at in strings(kind, &data) {
            for claim in [65, 1 << 10, 1 << 20, i32::MAX as u32, u32::MAX] {
                let mut lying = data.clone();
                lying[at..at + 4].copy_from_slice(&claim.to_le_bytes());
                assert_eq!(recode(kind, &lying), Err(EbbError::CorruptAccount));
            }
            let mut garbled = data.clone();
            garbled[at + 4] = 0xff;
            assert_eq!(recode(kind, &garbled), Err(EbbError::CorruptAccount));
        }
    }
}

#[test]
fn padding_is_zeros() {
    for (kind, data) in accounts() {
        for len in [1, 8, 100] {
            let mut padded = data.clone();
            padded.resize(data.len() + len, 0);
            assert_eq!(recode(kind, &padded).as_ref(), Ok(&data));
            for offset in data.len()..padded.len() {
                let mut trailing = padded.clone();
                trailing[offset] = 1;
                let found = recode(kind, &trailing);
                assert_eq!(found, Err(EbbError::CorruptAccount));
            }
        }
    }
}

/// Whatever a byte is changed to, the account is refused or read with that byte in it.
#[test]
fn no_byte_is_taken_for_another() {
    for (kind, data) in accounts() {
        for offset in 0..data.len() {
            for byte in 0..=u8::MAX {
                let mut changed = data.clone();
                changed[offset] = byte;
                if let Ok(read) = recode(kind, &changed) {
                    // A string that ends earlier leaves padding.
                    assert_eq!(read, changed[..read.len()], "{kind:?}, {offset}, {byte}");
                    assert!(changed[read.len()..].iter().all(|byte| *byte == 0));
                }
            }
        }
    }
}
