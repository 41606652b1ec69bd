//! Nobody runs ahead of the upgrade authority.

use {
    crate::Attacks,
    ebb_sdk::{pda, state::Registry, EbbError},
    ebb_tests::{Actor, World},
    solana_sdk::{account::Account, instruction::Instruction, pubkey::Pubkey},
};

/// An address that is not the program's.
const FORGED: Pubkey = Pubkey::new_from_array([79; 32]);
const SIGNER: usize = 0;
const PROGRAM: usize = 3;
const PROGRAM_DATA: usize = 4;

fn by(world: &World, signer: Actor) -> Instruction {
    let mut instruction = world.initialize();
    instruction.accounts[SIGNER].pubkey = signer.key();
    instruction
}

/// A copy of ProgramData that names the stranger, of any owner.
fn forge(world: &mut World, owner: Option<Pubkey>) {
    let original = world
        .account(&pda::program_data(&world.program_id))
        .expect("the program is installed");
    let mut account = Account {
        owner: owner.unwrap_or(original.owner),
        ..original
    };
    account.data[13..45].copy_from_slice(Actor::Stranger.key().as_ref());
    world.put(FORGED, account);
}

#[test]
fn only_the_upgrade_authority_is_let_in() {
    let mut attacks = Attacks::default();
    let world = World::bare();
    for signer in Actor::ALL {
        if signer != Actor::Deployer {
            let early = by(&world, signer);
            attacks.refused(&world, early, EbbError::NotUpgradeAuthority, signer);
        }
    }
    attacks.accepted(&world, world.initialize(), "the upgrade authority");
}

#[test]
fn a_program_without_upgrade_authority_lets_nobody_in() {
    let mut attacks = Attacks::default();
    let mut world = World::bare();
    world.set_upgrade_authority(None);
    for signer in Actor::ALL {
        let early = by(&world, signer);
        attacks.refused(&world, early, EbbError::NotUpgradeAuthority, signer);
    }
}

#[test]
fn forged_program_data() {
    let mut attacks = Attacks::default();
    let mut world = World::bare();
    let mut early = by(&world, Actor::Stranger);
    early.accounts[PROGRAM_DATA].pubkey = FORGED;
    for owner in [None, Some(world.program_id), Some(Pubkey::default())] {
        forge(&mut world, owner);
        attacks.refused(&world, early.clone(), EbbError::WrongProgramData, owner);
    }
}

#[test]
fn a_program_of_ones_own() {
    let mut attacks = Attacks::default();
    let mut world = World::bare();
    forge(&mut world, None);
    let program = world.account(&world.program_id).expect("it is installed");
    let mut own = Account {
        executable: false,
        ..program
    };
    own.data[4..36].copy_from_slice(FORGED.as_ref());
    let own_program = Pubkey::new_from_array([80; 32]);
    world.put(own_program, own);

    let mut early = by(&world, Actor::Stranger);
    early.accounts[PROGRAM].pubkey = own_program;
    early.accounts[PROGRAM_DATA].pubkey = FORGED;
    attacks.refused(&world, early, EbbError::WrongProgramData, "another program");
}

#[test]
fn program_data_that_is_none() {
    let mut attacks = Attacks::default();
    let original = World::bare();
    let address = pda::program_data(&original.program_id);
    let account = original.account(&address).expect("it is installed");
    let mut garbled = |edit: &dyn Fn(&mut Account), refusal| {
        let mut world = original.clone();
        let mut account = account.clone();
        edit(&mut account);
        world.put(address, account);
        attacks.refused(&world, world.initialize(), refusal, refusal);
    };
    let none = EbbError::WrongProgramData;
    garbled(&|account| account.data[0] = 1, none);
    garbled(&|account| account.data.clear(), none);
    garbled(&|account| account.owner = Pubkey::default(), none);
    garbled(
        &|account| account.data.truncate(44),
        EbbError::NotUpgradeAuthority,
    );
}

#[test]
fn keys_that_are_none() {
    let mut attacks = Attacks::default();
    let world = World::bare();
    for key in [0, 1] {
        let mut keyless = world.initialize();
        let from = 1 + 32 * key;
        keyless.data[from..from + 32].fill(0);
        attacks.refused(&world, keyless, EbbError::InvalidKey, key);
    }
}

#[test]
fn the_program_works_at_any_address() {
    let mut world = World::bare_at(Pubkey::new_from_array([81; 32]));
    world.populate();
    world.must(world.create_device(Actor::Contributor, ebb_tests::Places::DEVICE));
    world.must(world.activate(Actor::Authority));
    let registry = world.get::<Registry>(&world.at.registry);
    assert_eq!(registry.authority, Actor::Authority.key());
}
