//! Reports of health, and what policy takes for proof.

use {
    crate::domain::{every_status, vary, Tally, BOTH, CALLERS},
    ebb_sdk::{
        instruction::UpdateDevice,
        state::{Device, Health, ProvisioningStatus},
        EbbError, Role,
    },
    ebb_tests::{
        model::step::{DeviceDeed, Step},
        Actor, Caller, ModelledWorld, Places, Report, Situation, World,
    },
    solana_sdk::instruction::Instruction,
    ProvisioningStatus::{Draining, Pending, Retired},
};

#[test]
fn report() {
    let origin = ModelledWorld::founded();
    let mut situations = every_status();
    vary(&mut situations, &Report::ALL, |case, value| {
        case.report = value
    });
    vary(&mut situations, &BOTH, |case, value| case.suspended = value);
    situations.retain(Situation::is_reachable);

    let report = |(caller, health)| Step::on_device(caller, DeviceDeed::ReportHealth(health));
    let mut tally = Tally::default();
    for situation in situations {
        let cells = CALLERS.into_iter();
        let cells = cells.flat_map(|caller| Health::ALL.map(|health| (caller, health)));
        tally.sweep(&origin.establish(&situation), situation, cells.map(report));
    }
    tally.check(5_184, 646);
}

/// A pending device under the policy that asks for proof.
fn strict() -> World {
    Situation {
        require_healthy: true,
        ..Situation::of(Some(Pending))
    }
    .establish(&World::new())
}

#[test]
fn proof_is_ordered_even_while_the_clock_stands_still() {
    let mut world = strict();
    assert_eq!(
        world.refusal(world.activate(Actor::Authority)),
        EbbError::HealthNotProven
    );
    world.must(world.report(Caller::ORACLE, Health::Healthy));
    world.must(world.activate(Actor::Authority));

    // The report that let it in is older than the drain, in the same slot and second.
    world.must(world.drain(Caller::CONTRIBUTOR, false));
    let undrain = world.undrain(Actor::Contributor);
    assert_eq!(world.refusal(undrain.clone()), EbbError::HealthNotProven);
    world.must(world.report(Caller::AUTHORITY, Health::Healthy));
    world.must(undrain);
}

/// What was proven of one address, location and agent is not proven of another, even in one slot.
#[test]
fn proof_is_void_once_the_device_is_another() {
    let address = UpdateDevice {
        public_ip: Some([203, 0, 113, 7]),
        ..UpdateDevice::default()
    };
    let changes: [fn(&World, UpdateDevice) -> Instruction; 3] = [
        |world, address| world.update_device(Actor::Contributor, address, false),
        |world, _| world.update_device(Actor::Contributor, UpdateDevice::default(), true),
        |world, _| world.set_agent(Caller::CONTRIBUTOR, None, Actor::Successor),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut world = strict();
        world.must(world.report(Caller::ORACLE, Health::Healthy));
        world.must(change(&world, address.clone()));
        let device = world.get::<Device>(&world.at.device).head;
        assert!(device.is_health_proof_void(), "{number}");
        assert_eq!(device.health, Health::Healthy);
        assert_eq!(device.health_reported_by, Role::HealthOracle);
        assert_eq!(device.health_reported_at, world.now());
        let mut activate = world.activate(Actor::Authority);
        activate.accounts[2].pubkey = device.location;
        assert_eq!(world.refusal(activate.clone()), EbbError::HealthNotProven);
        world.must(world.report(Caller::ORACLE, Health::Healthy));
        world.must(activate);
    }
}

#[test]
fn a_drained_device_does_not_return_as_another_on_an_old_proof() {
    let mut world = strict();
    world.must(world.report(Caller::ORACLE, Health::Healthy));
    world.must(world.activate(Actor::Authority));
    world.must(world.drain(Caller::CONTRIBUTOR, false));
    world.must(world.report(Caller::ORACLE, Health::Healthy));
    world.must(world.set_agent(Caller::CONTRIBUTOR, None, Actor::Successor));
    let undrain = world.undrain(Actor::Contributor);
    assert_eq!(world.refusal(undrain.clone()), EbbError::HealthNotProven);
    world.must(world.report(Caller::AUTHORITY, Health::Healthy));
    world.must(undrain);
}

#[test]
fn proof_outlives_what_it_is_not_about() {
    let mut world = strict();
    world.must(world.report(Caller::ORACLE, Health::Healthy));
    let same_address = UpdateDevice {
        public_ip: Some([195, 219, 138, 50]),
        max_sessions: Some(9),
        ..UpdateDevice::default()
    };
    world.must(world.update_device(Actor::Contributor, same_address, false));
    let device = world.get::<Device>(&world.at.device).head;
    assert!(device.is_health_proven() && !device.is_health_proof_void());
    world.must(world.activate(Actor::Authority));
}

#[test]
fn the_last_report_counts() {
    let mut world = strict();
    world.must(world.report(Caller::ORACLE, Health::Healthy));
    world.must(world.report(Caller::AGENT, Health::Healthy));
    let activate = world.activate(Actor::Authority);
    assert_eq!(world.refusal(activate.clone()), EbbError::HealthNotProven);
    world.must(world.report(Caller::ORACLE, Health::Unhealthy));
    assert_eq!(world.refusal(activate.clone()), EbbError::DeviceUnfit);
    world.must(world.report(Caller::AUTHORITY, Health::Healthy));
    world.must(activate);
}

#[test]
fn only_oracle_or_authority_bring_a_device_back_from_dead() {
    let mut world = Situation {
        report: Some(Report::fresh(Health::Dead, Caller::ORACLE)),
        ..Situation::of(Some(Draining))
    }
    .establish(&World::new());
    let by_agent = world.report(Caller::AGENT, Health::Healthy);
    assert_eq!(world.refusal(by_agent.clone()), EbbError::AgentHealth);
    assert_eq!(
        world.refusal(world.undrain(Actor::Contributor)),
        EbbError::DeviceUnfit
    );
    world.must(world.report(Caller::ORACLE, Health::Unknown));
    world.must(by_agent);
    world.must(world.undrain(Actor::Contributor));
}

#[test]
fn removal_forgets_health() {
    let mut world = Situation {
        report: Some(Report::ALL[6].expect("a stale report")),
        ..Situation::of(Some(Retired))
    }
    .establish(&World::new());
    world.must(world.remove(Caller::CONTRIBUTOR));
    world.must(world.create_device(Actor::Contributor, Places::DEVICE));
    let device = world.get::<Device>(&world.at.device).head;
    assert_eq!(device.health, Health::Unknown);
    assert_eq!(device.health_reported_by, Role::None);
    assert_eq!((device.generation, device.sequence), (2, 1));
}
