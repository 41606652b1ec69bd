//! The compiled program given accounts that are garbled, as no program could leave them.

use {
    crate::layout::enums,
    ebb_sdk::{
        state::{account_type, AccountType},
        EbbError,
    },
    ebb_tests::{Refusal, Scenario, Slot, World},
    solana_sdk::account::Account,
};

/// Calls for every account of the program that an instruction takes.
fn each(mut garble: impl FnMut(&Scenario, AccountType, &mut dyn FnMut(Vec<u8>, EbbError), &[u8])) {
    for mut scenario in Scenario::all() {
        scenario.world = scenario.world.without_signature_checks();
        for (index, slot) in scenario.slots.iter().enumerate() {
            if !matches!(slot, Slot::Any(..) | Slot::Bound(..) | Slot::Credential) {
                continue;
            }
            let address = scenario.instruction.accounts[index].pubkey;
            let account = scenario.world.account(&address).expect("it is there");
            let kind = account_type(&account.data).expect("it has a type");
            let transaction = scenario.world.sign(&[scenario.instruction.clone()]);
            let mut send = |data: Vec<u8>, expected: EbbError| {
                let mut world: World = scenario.world.clone();
                let garbled = Account {
                    data,
                    ..account.clone()
                };
                world.put(address, garbled);
                let found = world.submit(&transaction);
                assert_eq!(
                    found,
                    Err(Refusal::Ebb(expected)),
                    "{}, {index}",
                    scenario.name
                );
            };
            garble(&scenario, kind, &mut send, &account.data);
        }
    }
}

#[test]
fn every_truncation_of_a_head() {
    let mut tried = 0;
    each(|_, kind, send, data| {
        for len in 0..kind.head_len() {
            send(data[..len].to_vec(), EbbError::CorruptAccount);
            tried += 1;
        }
    });
    assert_eq!(tried, 50_256);
}

#[test]
fn unknown_discriminators_and_versions() {
    each(|_, _, send, data| {
        for (offset, byte, expected) in [
            (0, 0, EbbError::WrongAccountType),
            (0, 7, EbbError::WrongAccountType),
            (0, 255, EbbError::WrongAccountType),
            (1, 0, EbbError::CorruptAccount),
            (1, 2, EbbError::UnsupportedVersion),
            (1, 255, EbbError::UnsupportedVersion),
        ] {
            let mut garbled = data.to_vec();
            garbled[offset] = byte;
            send(garbled, expected);
        }
    });
}

#[test]
fn unknown_enum_bytes() {
    let mut tried = 0;
    each(|_, kind, send, data| {
        for (offset, known) in enums(kind) {
            for byte in [known, 128, 255] {
                let mut garbled = data.to_vec();
                garbled[offset] = byte;
                send(garbled, EbbError::CorruptAccount);
                tried += 1;
            }
        }
    });
    assert_eq!(tried, 2_856);
}
