//! The disruption budget, and the counts it rests on.

use {
    ebb_sdk::{
        instruction::UpdateDevice,
        pda,
        state::{Health, Location, ProvisioningStatus},
        EbbError, ID,
    },
    ebb_tests::{Actor, Caller, Places, Situation, World},
    solana_sdk::{instruction::Instruction, pubkey::Pubkey},
    ProvisioningStatus::Activated,
};

/// Two activated devices in one location.
fn pair() -> World {
    let mut world = Situation::of(Some(Activated)).establish(&World::new());
    world.must(world.create_device(Actor::Contributor, Places::OTHER_DEVICE));
    let other = world.at.other_device;
    world.must(world.activate_device(Actor::Authority, &other));
    world
}

/// The same instruction for the other device.
fn other(world: &World, instruction: Instruction) -> Instruction {
    of(world, instruction, world.at.other_device)
}

/// The same instruction for another device.
fn of(world: &World, mut instruction: Instruction, device: Pubkey) -> Instruction {
    for meta in &mut instruction.accounts {
        if meta.pubkey == world.at.device {
            meta.pubkey = device;
        }
    }
    instruction
}

fn counts(world: &World) -> (u32, u32, u32) {
    let head = world.get::<Location>(&world.at.location).head;
    (head.devices, head.activated, head.draining)
}

#[test]
fn the_last_device_it_needs_stays() {
    let mut world = pair();
    world.must(world.set_budget(Actor::Authority, 1));
    world.must(world.drain(Caller::CONTRIBUTOR, false));
    assert_eq!(counts(&world), (2, 1, 1));

    let second = other(&world, world.drain(Caller::CONTRIBUTOR, false));
    assert_eq!(world.refusal(second.clone()), EbbError::BudgetExceeded);
    world.must(world.undrain(Actor::Contributor));
    assert_eq!(counts(&world), (2, 2, 0));
    world.must(second);
}

#[test]
fn of_three_drains_in_one_slot_the_third_is_refused() {
    let mut world = pair();
    let third = pda::device(&ID, "third").0;
    world.must(world.create_device(Actor::Contributor, "third"));
    world.must(world.activate_device(Actor::Authority, &third));
    world.must(world.set_budget(Actor::Authority, 1));

    let drain = world.drain(Caller::CONTRIBUTOR, false);
    let first = world.must(drain.clone());
    let second = world.must(other(&world, drain.clone()));
    assert_eq!(first.slot, second.slot);
    let refused = world.refusal(of(&world, drain, third));
    assert_eq!(refused, EbbError::BudgetExceeded);
    assert_eq!(counts(&world), (3, 1, 2));
}

#[test]
fn it_may_exceed_what_is_there_and_never_stops_an_undrain() {
    let mut world = pair();
    world.must(world.drain(Caller::OPERATOR, false));
    world.must(world.set_budget(Actor::Authority, u32::MAX));
    let drain = other(&world, world.drain(Caller::OPERATOR, false));
    assert_eq!(world.refusal(drain), EbbError::BudgetExceeded);
    world.must(world.undrain(Actor::Operator));
    let again = world.drain(Caller::OPERATOR, false);
    assert_eq!(world.refusal(again), EbbError::BudgetExceeded);
}

#[test]
fn force_and_death_pass_it() {
    let mut world = pair();
    world.must(world.set_budget(Actor::Authority, 2));
    let forced = world.must(world.drain(Caller::AUTHORITY, true));
    assert!(forced.forced);
    let dead = other(&world, world.report(Caller::ORACLE, Health::Dead));
    world.must(dead);
    let drain = other(&world, world.drain(Caller::CONTRIBUTOR, false));
    assert!(!world.must(drain).forced);
    assert_eq!(counts(&world), (2, 0, 2));
}

#[test]
fn it_counts_status_not_health() {
    let mut world = pair();
    world.must(world.set_budget(Actor::Authority, 1));
    let dead = other(&world, world.report(Caller::ORACLE, Health::Dead));
    world.must(dead);
    world.must(world.drain(Caller::CONTRIBUTOR, false));
    assert_eq!(counts(&world), (2, 1, 1));
}

#[test]
fn a_dead_device_leaves_for_good_past_it() {
    let mut world = pair();
    world.must(world.set_budget(Actor::Authority, 2));
    world.must(world.report(Caller::ORACLE, Health::Dead));
    world.pass(60);
    world.must(world.retire(Caller::AUTHORITY));
    assert_eq!(counts(&world), (2, 1, 0));
    world.must(world.remove(Caller::AUTHORITY));
    assert_eq!(counts(&world), (1, 1, 0));
}

/// Else a device drained elsewhere would be moved here and undrained, to make room for a drain that
/// the budget refuses.
#[test]
fn no_device_that_served_elsewhere_makes_room() {
    let mut world = pair();
    world.must(world.drain(Caller::CONTRIBUTOR, false));
    let relocate = world.update_device(Actor::Contributor, UpdateDevice::default(), true);
    assert_eq!(world.refusal(relocate.clone()), EbbError::LocationFixed);
    world.must(world.undrain(Actor::Contributor));
    assert_eq!(world.refusal(relocate), EbbError::NotUpdatable);
}

#[test]
fn counts_follow_a_device_that_moves() {
    let mut world = World::new();
    world.must(world.create_device(Actor::Contributor, Places::DEVICE));
    world.must(world.update_device(Actor::Contributor, UpdateDevice::default(), true));
    assert_eq!(counts(&world), (0, 0, 0));
    let there = world.get::<Location>(&world.at.other_location).head;
    assert_eq!((there.devices, there.activated, there.draining), (1, 0, 0));

    // The location it left no longer counts it, the one it entered does.
    let stale = world.activate(Actor::Authority);
    assert_eq!(world.refusal(stale.clone()), EbbError::WrongLocation);
    let mut activate = stale;
    activate.accounts[2].pubkey = world.at.other_location;
    world.must(activate);
    let there = world.get::<Location>(&world.at.other_location).head;
    assert_eq!((there.devices, there.activated, there.draining), (1, 1, 0));
}
