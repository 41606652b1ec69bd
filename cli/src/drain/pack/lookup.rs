//! What address lookup tables would save: the reckoning in [`super`]'s documentation.

use {
    super::*,
    ebb_sdk::{
        instruction::{
            close_session, create_device, destroy_disk_key, drain_device, CreateDevice,
            DrainDevice, Expect,
        },
        pda,
        state::{DeviceType, ProvisioningStatus, MAX_DISK_KEYS},
        ID,
    },
    solana_sdk::{
        hash::Hash,
        instruction::AccountMeta,
        message::{v0, AddressLookupTableAccount, VersionedMessage},
    },
    std::{collections::HashMap, slice},
};

/// Deactivating a table, and closing it some 500 slots later.
const CLOSING: usize = 2;
/// A table has room for 256 addresses, and instructions share a few.
const PER_TABLE: usize = 250;
const SIGNER: Pubkey = Pubkey::new_from_array([1; 32]);

fn expect(status: ProvisioningStatus) -> Expect {
    Expect {
        status: Some(status),
        generation: Some(1),
        ..Expect::default()
    }
}

fn device(number: usize) -> Pubkey {
    pda::device(&ID, &format!("ams-dz{number:04}")).0
}

fn import(number: usize) -> Instruction {
    let (contributor, location) = (pda::contributor(&ID, "co01").0, pda::location(&ID, "ams").0);
    let args = CreateDevice {
        code: format!("ams-dz{number:04}").as_str().into(),
        device_type: DeviceType::Hybrid,
        public_ip: [195, 219, 138, 50],
        max_sessions: 128,
        agent: SIGNER,
    };
    create_device(&ID, &SIGNER, &SIGNER, &contributor, &location, args).unwrap()
}

fn drain(number: usize) -> Instruction {
    let (contributor, location) = (pda::contributor(&ID, "co01").0, pda::location(&ID, "ams").0);
    let args = DrainDevice {
        reason: "rack power".into(),
        expect: expect(ProvisioningStatus::Activated),
        ..DrainDevice::default()
    };
    drain_device(&ID, &SIGNER, &device(number), &location, &contributor, args).unwrap()
}

fn evict(number: usize) -> Instruction {
    let mut user = [2; 32];
    user[..8].copy_from_slice(&number.to_le_bytes());
    let (user, credential) = (
        Pubkey::new_from_array(user),
        pda::contributor(&ID, "co01").0,
    );
    let payer = Pubkey::new_from_array([3; 32]);
    let expect = expect(ProvisioningStatus::Draining);
    close_session(
        &ID,
        &SIGNER,
        &device(0),
        &user,
        &payer,
        Some(&credential),
        expect,
    )
}

fn destroy(number: usize) -> Instruction {
    let path = format!("/dev/nvme{number}n1");
    let expect = expect(ProvisioningStatus::Retiring);
    destroy_disk_key(&ID, &SIGNER, &device(0), &path, &SIGNER, expect)
}

/// How many transactions instructions take whose messages find `addresses` in a table.
fn transactions(all: &[Instruction], addresses: &[Pubkey]) -> usize {
    let tables = [AddressLookupTableAccount {
        key: Pubkey::new_from_array([9; 32]),
        addresses: addresses.to_vec(),
    }];
    let fits = |run: &[Instruction]| {
        let message = v0::Message::try_compile(&SIGNER, run, &tables, Hash::default()).unwrap();
        let signatures = usize::from(message.header.num_required_signatures);
        let len = VersionedMessage::V0(message).serialize().len() + signatures * SIGNATURE_LEN + 1;
        len + RESERVED_LEN <= MAX_TRANSACTION_LEN
    };
    let (mut count, mut start) = (1, 0);
    for end in 1..=all.len() {
        if !fits(&all[start..end]) {
            (count, start) = (count + 1, end - 1);
        }
    }
    count
}

/// How many transactions it takes to write addresses to a table, which is created in the first.
fn extensions(addresses: usize) -> usize {
    let extend = |addresses: usize| {
        let table = AccountMeta::new(Pubkey::new_from_array([9; 32]), false);
        let accounts = vec![
            table,
            AccountMeta::new(SIGNER, true),
            AccountMeta::new_readonly(Pubkey::default(), false),
        ];
        let program = Pubkey::new_from_array([8; 32]);
        Instruction::new_with_bytes(program, &vec![0; 12 + 32 * addresses], accounts)
    };
    let most = (1..=40)
        .rev()
        .find(|count| fits(&[extend(*count)], &SIGNER));
    addresses.div_ceil(most.unwrap())
}

/// How many transactions some instructions take.
#[derive(Debug, PartialEq, Eq)]
struct Reckoning {
    /// Without a table.
    without: usize,
    /// With the accounts that several of them name in a table that is there already.
    kept: usize,
    /// The same, with what it takes to write that table and, in two transactions, to get its rent back.
    shared: usize,
    /// With all accounts in tables, and what these take.
    every: usize,
}

impl Reckoning {
    fn of(instruction: fn(usize) -> Instruction, count: usize) -> Self {
        let all: Vec<Instruction> = (0..count).map(instruction).collect();
        let uses = uses(&all).into_iter();
        let shared: Vec<Pubkey> = uses.filter(|(_, uses)| *uses > 1).map(|it| it.0).collect();
        let kept = transactions(&all, &shared);
        Self {
            without: pack(all.clone(), slice::from_ref, &SIGNER).len(),
            kept,
            shared: kept + extensions(shared.len()) + CLOSING,
            every: all.chunks(PER_TABLE).map(with_own_table).sum(),
        }
    }
}

/// How often each account is named.
fn uses(all: &[Instruction]) -> HashMap<Pubkey, usize> {
    let mut uses = HashMap::new();
    for account in all.iter().flat_map(|it| &it.accounts) {
        *uses.entry(account.pubkey).or_default() += 1;
    }
    uses
}

fn with_own_table(all: &[Instruction]) -> usize {
    let addresses: Vec<Pubkey> = uses(all).into_keys().collect();
    transactions(all, &addresses) + extensions(addresses.len()) + CLOSING
}

#[test]
fn a_table_saves_next_to_nothing() {
    let reckoned = [
        (import as fn(usize) -> Instruction, 1_000),
        (drain, 1_000),
        (evict, 1_000),
        (drain, 100),
        (destroy, MAX_DISK_KEYS as usize),
    ]
    .map(|(instruction, count)| Reckoning::of(instruction, count));
    let expected = [
        [112, 112, 115, 120],
        [84, 84, 87, 96],
        [63, 59, 62, 76],
        [9, 9, 12, 11],
        [2, 2, 5, 5],
    ];
    let expected = expected.map(|[without, kept, shared, every]| Reckoning {
        without,
        kept,
        shared,
        every,
    });
    assert_eq!(reckoned, expected);
}
