//! Accounts that are not what they should be.

use {
    crate::{replaced, Attacks},
    ebb_sdk::{state::AccountType, EbbError},
    ebb_tests::{Actor, Scenario, Slot, World, ACCOUNT_TYPES},
    solana_sdk::{account::Account, pubkey::Pubkey},
};

/// A program that is not Ebb's.
const HIJACKER: Pubkey = Pubkey::new_from_array([77; 32]);
/// An address that nothing derives.
const ELSEWHERE: Pubkey = Pubkey::new_from_array([78; 32]);

/// An account of a type that no instruction of the table names, the registry but for.
fn substitute(world: &World, kind: AccountType) -> Pubkey {
    match kind {
        AccountType::Registry => world.at.registry,
        AccountType::Contributor => world.at.other_contributor,
        AccountType::Location => world.at.other_location,
        AccountType::Device => world.at.foreign_device,
        AccountType::Session => world.foreign_session(),
        AccountType::DiskKey => world.foreign_disk_key(),
    }
}

#[test]
fn not_writable() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        for (index, meta) in scenario.instruction.accounts.iter().enumerate() {
            if meta.is_writable {
                let mut readonly = scenario.instruction.clone();
                readonly.accounts[index].is_writable = false;
                let what = (scenario.name, index);
                attacks.refused(&scenario.world, readonly, EbbError::NotWritable, what);
            }
        }
    }
    assert_eq!(attacks.0, 98);
}

#[test]
fn same_bytes_of_another_owner_elsewhere() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        for (index, slot) in scenario.slots.iter().enumerate() {
            let original = scenario.instruction.accounts[index].pubkey;
            let expected = match slot {
                Slot::Any(..) => EbbError::WrongOwner,
                Slot::Bound(_, refusal) => *refusal,
                Slot::Credential if original == scenario.world.at.registry => EbbError::WrongOwner,
                Slot::Credential => EbbError::WrongContributor,
                _ => continue,
            };
            let account = scenario.world.account(&original).expect("it is there");
            let mut world = scenario.world.clone();
            world.put(
                ELSEWHERE,
                Account {
                    owner: HIJACKER,
                    ..account
                },
            );
            let duplicate = replaced(&scenario, index, ELSEWHERE);
            attacks.refused(&world, duplicate, expected, (scenario.name, index));
        }
    }
    assert_eq!(attacks.0, 116);
}

#[test]
fn same_bytes_of_another_owner_at_the_same_address() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        for (index, slot) in scenario.slots.iter().enumerate() {
            if matches!(slot, Slot::Any(..) | Slot::Bound(..) | Slot::Credential) {
                let address = scenario.instruction.accounts[index].pubkey;
                let account = scenario.world.account(&address).expect("it is there");
                let mut world = scenario.world.clone();
                world.put(
                    address,
                    Account {
                        owner: HIJACKER,
                        ..account
                    },
                );
                let instruction = scenario.instruction.clone();
                let what = (scenario.name, index);
                attacks.refused(&world, instruction, EbbError::WrongOwner, what);
            }
        }
    }
    assert_eq!(attacks.0, 116);
}

/// Anybody may create an account and give it to the program, but only full of zeros.
#[test]
fn blank_account_given_to_the_program() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        for (index, slot) in scenario.slots.iter().enumerate() {
            let original = scenario.instruction.accounts[index].pubkey;
            let len = scenario
                .world
                .account(&original)
                .map_or(0, |account| account.data.len());
            for (len, refusal) in [
                (len, EbbError::WrongAccountType),
                (0, EbbError::CorruptAccount),
            ] {
                let expected = match slot {
                    Slot::Any(..) | Slot::Credential => refusal,
                    Slot::Bound(_, refusal) => *refusal,
                    _ => continue,
                };
                let mut world = scenario.world.clone();
                let account = Account {
                    lamports: world.rent(len),
                    data: vec![0; len],
                    owner: world.program_id,
                    ..Account::default()
                };
                world.put(ELSEWHERE, account);
                let blank = replaced(&scenario, index, ELSEWHERE);
                attacks.refused(&world, blank, expected, (scenario.name, index, len));
            }
        }
    }
    assert_eq!(attacks.0, 232);
}

#[test]
fn another_type() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        for (index, slot) in scenario.slots.iter().enumerate() {
            for kind in ACCOUNT_TYPES {
                let is_credential =
                    matches!(kind, AccountType::Registry | AccountType::Contributor);
                let expected = match slot {
                    Slot::Any(own, _) if *own != kind => EbbError::WrongAccountType,
                    Slot::Bound(own, refusal) if *own != kind => *refusal,
                    Slot::Credential if !is_credential => EbbError::WrongAccountType,
                    _ => continue,
                };
                let other = substitute(&scenario.world, kind);
                let mistyped = replaced(&scenario, index, other);
                let what = (scenario.name, index, kind);
                attacks.refused(&scenario.world, mistyped, expected, what);
            }
        }
    }
    assert_eq!(attacks.0, 556);
}

#[test]
fn another_of_the_same_type() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        for (index, slot) in scenario.slots.iter().enumerate() {
            let (kind, expected) = match slot {
                Slot::Any(AccountType::Registry, _) => continue,
                Slot::Any(kind, expected) => (*kind, *expected),
                Slot::Bound(kind, expected) => (*kind, Some(*expected)),
                _ => continue,
            };
            let other = substitute(&scenario.world, kind);
            if scenario.instruction.accounts[index].pubkey == other {
                continue;
            }
            let foreign = replaced(&scenario, index, other);
            let what = (scenario.name, index);
            match expected {
                Some(expected) => attacks.refused(&scenario.world, foreign, expected, what),
                None => attacks.accepted(&scenario.world, foreign, what),
            }
        }
    }
    assert_eq!(attacks.0, 75);
}

#[test]
fn another_credential() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        for (index, slot) in scenario.slots.iter().enumerate() {
            if *slot != Slot::Credential {
                continue;
            }
            let at = &scenario.world.at;
            let passed = scenario.instruction.accounts[index].pubkey;
            for (other, expected) in [
                (at.contributor, EbbError::Unauthorized),
                (at.registry, EbbError::Unauthorized),
                (at.other_contributor, EbbError::WrongContributor),
            ] {
                if other != passed {
                    let traded = replaced(&scenario, index, other);
                    let what = (scenario.name, index);
                    attacks.refused(&scenario.world, traded, expected, what);
                }
            }
        }
    }
    assert_eq!(attacks.0, 48);
}

#[test]
fn another_recipient_or_system_program() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        for (index, slot) in scenario.slots.iter().enumerate() {
            let expected = match slot {
                Slot::Recipient => EbbError::WrongRentRecipient,
                Slot::System => EbbError::WrongSystemProgram,
                Slot::Program | Slot::ProgramData => EbbError::WrongProgramData,
                _ => continue,
            };
            let signer = scenario.instruction.accounts[0].pubkey;
            for other in [Actor::Stranger.key(), signer, solana_sdk::sysvar::clock::ID] {
                let faked = replaced(&scenario, index, other);
                let what = (scenario.name, index, other);
                attacks.refused(&scenario.world, faked, expected, what);
            }
        }
    }
    assert_eq!(attacks.0, 51);
}

#[test]
fn too_few_accounts() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        for len in 0..scenario.slots.len() {
            let mut short = scenario.instruction.clone();
            short.accounts.truncate(len);
            let what = (scenario.name, len);
            if len < scenario.required {
                let expected = EbbError::NotEnoughAccounts;
                attacks.refused(&scenario.world, short, expected, what);
            } else {
                attacks.answered(&scenario.world, short, what);
            }
        }
    }
    assert_eq!(attacks.0, 204);
}

#[test]
fn too_many_accounts() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        let mut long = scenario.instruction.clone();
        let meta = solana_sdk::instruction::AccountMeta::new(Actor::Stranger.key(), false);
        long.accounts.push(meta);
        attacks.answered(&scenario.world, long, scenario.name);
    }
    assert_eq!(attacks.0, 54);
}
