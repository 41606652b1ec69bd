#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]

use super::*;

/// What stands in one place of an instruction.
enum Place {
    Account { key: u8, data: Vec<u8> },
    Duplicate(u8),
}

fn account(key: u8, data: &[u8]) -> Place {
    let data = data.to_vec();
    Place::Account { key, data }
}

const OWNER: Pubkey = Pubkey::new_from_array([0xaa; 32]);
const PROGRAM: Pubkey = Pubkey::new_from_array([0xbb; 32]);
const DATA: &[u8] = b"what to do";

/// The buffer that the loader hands over, aligned as it is.
fn laid_down(places: &[Place]) -> Vec<u64> {
    let mut bytes = (places.len() as u64).to_le_bytes().to_vec();
    for place in places {
        match place {
            Place::Duplicate(first) => bytes.extend([*first, 0, 0, 0, 0, 0, 0, 0]),
            Place::Account { key, data } => {
                let (is_signer, is_writable) = (key % 2, key / 2 % 2);
                bytes.extend([NON_DUP_MARKER, is_signer, is_writable, 0, 0, 0, 0, 0]);
                bytes.extend([*key; 32]);
                bytes.extend(OWNER.to_bytes());
                bytes.extend((u64::from(*key) * 1_000).to_le_bytes());
                bytes.extend((data.len() as u64).to_le_bytes());
                bytes.extend(data);
                bytes.resize(bytes.len().next_multiple_of(8), 0);
                bytes.resize(bytes.len() + AFTER_DATA_LEN, 0);
            }
        }
    }
    bytes.extend((DATA.len() as u64).to_le_bytes());
    bytes.extend(DATA);
    bytes.extend(PROGRAM.to_bytes());
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    let (words, _) = bytes.as_chunks();
    words.iter().map(|word| u64::from_ne_bytes(*word)).collect()
}

/// Reads what is laid down, sees that data and program are found, and looks at the accounts.
fn read(places: &[Place], look: impl FnOnce(&[Account])) {
    let mut buffer = laid_down(places);
    let mut slots = [MaybeUninit::uninit(); MAX_ACCOUNTS];
    // SAFETY: the buffer is laid down as the loader does it and outlives the input.
    let input = unsafe { Input::read(buffer.as_mut_ptr().cast(), &mut slots) };
    assert_eq!(input.data, DATA);
    assert_eq!(*input.program_id, PROGRAM);
    look(input.accounts);
}

#[test]
fn accounts_are_read_as_they_lie() {
    read(&[], |accounts| assert!(accounts.is_empty()));
    let places: Vec<_> = (0..MAX_ACCOUNTS as u8)
        .map(|key| account(key, &vec![key; usize::from(key) * 5]))
        .collect();
    read(&places, |accounts| {
        assert_eq!(accounts.len(), MAX_ACCOUNTS);
        for (account, key) in accounts.iter().zip(0u8..) {
            assert_eq!(account.key().to_bytes(), [key; 32]);
            assert_eq!(account.is_signer(), key % 2 == 1);
            assert_eq!(account.is_writable(), key / 2 % 2 == 1);
            assert!(account.is_owned_by(&OWNER) && !account.is_owned_by(&PROGRAM));
            assert_eq!(account.lamports(), u64::from(key) * 1_000);
            assert_eq!(account.is_empty(), key == 0);
            assert_eq!(
                *account.borrow().unwrap(),
                vec![key; usize::from(key) * 5][..]
            );
        }
    });
}

#[test]
fn more_accounts_than_an_instruction_takes_are_passed_over() {
    for count in [MAX_ACCOUNTS + 1, 64, 255] {
        let places: Vec<_> = (0..count)
            .map(|place| match place {
                3 => Place::Duplicate(1),
                9.. if place % 3 == 0 => Place::Duplicate(place as u8 - 1),
                _ => account(place as u8, &vec![0; place]),
            })
            .collect();
        read(&places, |accounts| {
            assert_eq!(accounts.len(), MAX_ACCOUNTS);
            assert_eq!(accounts[3].key(), accounts[1].key());
            assert_eq!(accounts[6].key().to_bytes(), [6; 32]);
        });
    }
}

#[test]
fn a_duplicate_is_the_same_account() {
    let places = [
        account(1, b"one"),
        account(2, b"two"),
        Place::Duplicate(0),
        Place::Duplicate(0),
    ];
    read(&places, |accounts| {
        let [one, two, again, once_more] = accounts else {
            panic!("{} accounts", accounts.len());
        };
        again.set_lamports(7);
        assert_eq!(one.lamports(), 7);

        let written = one.borrow_mut().unwrap();
        assert_eq!(again.borrow().err(), Some(EbbError::DuplicateAccount));
        assert_eq!(
            once_more.borrow_mut().err(),
            Some(EbbError::DuplicateAccount)
        );
        assert_eq!(again.clear(), Err(EbbError::DuplicateAccount));
        assert!(two.borrow_mut().is_ok());
        drop(written);

        again.borrow_mut().unwrap().copy_from_slice(b"new");
        let (first, second) = (one.borrow().unwrap(), again.borrow().unwrap());
        assert_eq!((&first[..], &second[..]), (&b"new"[..], &b"new"[..]));
        drop(first);
        assert!(one.borrow_mut().is_err());
        drop(second);
        assert!(one.borrow_mut().is_ok());
    });
}

#[test]
fn no_more_readers_than_are_counted() {
    read(&[account(1, b"one")], |accounts| {
        let readers: Vec<_> = core::iter::from_fn(|| accounts[0].borrow().ok()).collect();
        assert_eq!(readers.len(), 254);
        assert!(accounts[0].borrow_mut().is_err());
        drop(readers);
        assert!(accounts[0].borrow_mut().is_ok());
    });
}

#[test]
fn a_borrow_ends_with_its_registration() {
    read(&[account(1, b"one")], |accounts| {
        let (data, registration) = accounts[0].borrow_mut().unwrap().into_parts();
        data.copy_from_slice(b"new");
        assert!(accounts[0].borrow().is_err());
        drop(registration);
        assert_eq!(*accounts[0].borrow().unwrap(), b"new"[..]);
    });
}

#[test]
fn what_is_cleared_is_the_system_programs() {
    read(&[account(1, b"one")], |accounts| {
        accounts[0].clear().unwrap();
        assert!(accounts[0].is_empty() && accounts[0].is_owned_by(&system_program::ID));
        assert!(accounts[0].borrow().unwrap().is_empty());
    });
}
