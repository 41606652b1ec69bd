//! Creation: re-initialisation, addresses that are not canonical, addresses with lamports on them.

use {
    crate::{replaced, Attacks},
    ebb_sdk::{pda, EbbError},
    ebb_tests::{path, user, Actor, Refusal, Scenario, Slot, World},
    solana_sdk::{account::Account, pubkey::Pubkey},
};

/// The scenarios that create an account, and where.
fn creations() -> Vec<(Scenario, usize, EbbError)> {
    Scenario::all()
        .into_iter()
        .filter_map(|scenario| {
            let vacancy = scenario
                .slots
                .iter()
                .enumerate()
                .find_map(|(index, slot)| match slot {
                    Slot::Vacancy(taken) => Some((index, *taken)),
                    _ => None,
                });
            vacancy.map(|(index, taken)| (scenario, index, taken))
        })
        .collect()
}

/// What a vacancy's address derives from.
fn seeds(scenario: &Scenario) -> Vec<Vec<u8>> {
    let device = scenario.world.at.device.to_bytes().to_vec();
    let disk = solana_sdk::hash::hash(path(0).as_bytes());
    let code = |seed: &[u8]| vec![seed.to_vec(), scenario.strings[0].clone().into_bytes()];
    match scenario.instruction.data[0] {
        0 => vec![pda::REGISTRY_SEED.to_vec()],
        5 => code(pda::CONTRIBUTOR_SEED),
        11 => code(pda::LOCATION_SEED),
        13 => code(pda::DEVICE_SEED),
        25 => vec![
            pda::SESSION_SEED.to_vec(),
            device,
            user(0).to_bytes().to_vec(),
        ],
        27 => vec![
            pda::DISK_KEY_SEED.to_vec(),
            device,
            disk.to_bytes().to_vec(),
        ],
        number => panic!("instruction {number} creates nothing"),
    }
}

/// Addresses that the seeds derive too, with other bumps than the canonical one.
fn other_addresses(scenario: &Scenario) -> Vec<Pubkey> {
    let seeds = seeds(scenario);
    let at = |bump: u8| {
        let bump = [bump];
        let mut seeds: Vec<&[u8]> = seeds.iter().map(Vec::as_slice).collect();
        seeds.push(&bump);
        Pubkey::create_program_address(&seeds, &scenario.world.program_id).ok()
    };
    let mut addresses = (0..=u8::MAX).rev().filter_map(at);
    let index = scenario
        .slots
        .iter()
        .position(|slot| matches!(slot, Slot::Vacancy(_)));
    let canonical = scenario.instruction.accounts[index.expect("it has one")].pubkey;
    assert_eq!(addresses.next(), Some(canonical));
    addresses.take(3).collect()
}

#[test]
fn not_the_canonical_address() {
    let mut attacks = Attacks::default();
    for (scenario, index, _) in creations() {
        let mut addresses = other_addresses(&scenario);
        addresses.push(Actor::Stranger.key());
        for address in addresses {
            let moved = replaced(&scenario, index, address);
            let what = (scenario.name, address);
            attacks.refused(&scenario.world, moved, EbbError::WrongAddress, what);
        }
    }
    assert_eq!(attacks.0, 28);
}

#[test]
fn initialised_again() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        let mut world = scenario.world.clone();
        world.must(scenario.instruction.clone());
        let again = scenario.instruction.clone();
        match scenario.again {
            Some(expected) => attacks.refused(&world, again, expected, scenario.name),
            None => attacks.accepted(&world, again, scenario.name),
        }
    }
    assert_eq!(attacks.0, 54);
}

#[test]
fn something_else_is_there() {
    let mut attacks = Attacks::default();
    for (scenario, index, taken) in creations() {
        let address = scenario.instruction.accounts[index].pubkey;
        for (owner, len) in [
            (Pubkey::new_from_array([77; 32]), 0),
            (scenario.world.program_id, 100),
            (Pubkey::default(), 1),
        ] {
            let mut world = scenario.world.clone();
            let account = Account {
                lamports: world.rent(len),
                data: vec![0; len],
                owner,
                ..Account::default()
            };
            world.put(address, account);
            let instruction = scenario.instruction.clone();
            attacks.refused(&world, instruction, taken, (scenario.name, owner));
        }
    }
    assert_eq!(attacks.0, 21);
}

#[test]
fn lamports_sent_ahead_block_nothing() {
    for (scenario, index, _) in creations() {
        let address = scenario.instruction.accounts[index].pubkey;
        let mut clean = scenario.world.clone();
        clean.must(scenario.instruction.clone());
        let created = clean.account(&address).expect("it was created");
        assert_eq!(created.lamports, clean.rent(created.data.len()));

        for ahead in [
            1,
            created.lamports - 1,
            created.lamports,
            10 * created.lamports,
        ] {
            let mut world: World = scenario.world.clone();
            let account = Account {
                lamports: ahead,
                ..Account::default()
            };
            world.put(address, account);
            let payer = world.lamports(&Actor::Payer.key());
            world.must(scenario.instruction.clone());

            let found = world.account(&address).expect("it was created");
            let what = (scenario.name, ahead);
            assert_eq!(found.lamports, created.lamports.max(ahead), "{what:?}");
            assert_eq!((&found.data, found.owner), (&created.data, created.owner));
            let paid = payer - world.lamports(&Actor::Payer.key());
            assert_eq!(paid, created.lamports.saturating_sub(ahead));
        }
    }
}

#[test]
fn a_payer_without_lamports_creates_nothing() {
    for (scenario, _, _) in creations() {
        let mut world = scenario.world.clone();
        let poor = Account {
            lamports: 1_000_000,
            ..Account::default()
        };
        world.put(Actor::Payer.key(), poor);
        let refused = world.send(scenario.instruction.clone());
        let by_the_system_program = matches!(refused, Err(Refusal::Other(_)));
        assert!(by_the_system_program, "{refused:?}: {}", scenario.name);
    }
}
