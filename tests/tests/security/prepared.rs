//! Transactions that were signed for a device which has changed by the time they land.

use {
    ebb_sdk::{
        instruction::{
            activate_device, remove_device, report_health, retire_device, set_agent, Expect,
            UpdateDevice,
        },
        state::{
            Device, DeviceHead, Health,
            ProvisioningStatus::{Activated, Pending, Retired},
        },
        EbbError,
    },
    ebb_tests::{user, Actor, Caller, Credential, Places, Situation, World},
    solana_sdk::instruction::Instruction,
};

fn device(world: &World) -> DeviceHead {
    world.get::<Device>(&world.at.device).head
}

fn activation(world: &World) -> Instruction {
    let (id, at, authority) = (&world.program_id, &world.at, Actor::Authority.key());
    let expect = Expect::as_read(&device(world));
    activate_device(
        id,
        &authority,
        &at.device,
        &at.location,
        &at.contributor,
        expect,
    )
}

#[test]
fn an_activation_is_of_the_address_and_the_agent_that_were_shown() {
    let world = Situation::of(Some(Pending)).establish(&World::new());
    let signed = activation(&world);
    let address = UpdateDevice {
        public_ip: Some([203, 0, 113, 7]),
        ..UpdateDevice::default()
    };
    for change in [
        world.update_device(Actor::Contributor, address, false),
        world.set_agent(Caller::CONTRIBUTOR, None, Actor::Stranger),
    ] {
        let mut world = world.clone();
        world.must(change);
        assert_eq!(world.refusal(signed.clone()), EbbError::SequenceMismatch);
        let signed = activation(&world);
        world.must(signed);
    }
}

#[test]
fn what_was_signed_for_one_contributor_is_not_taken_for_another() {
    let mut world = Situation::of(Some(Retired)).establish(&World::new());
    let before = device(&world);
    let (id, authority, address) = (world.program_id, Actor::Authority.key(), world.at.device);
    let (location, contributor) = (world.at.location, world.at.contributor);
    let registry = world.at.credential(Credential::Registry).unwrap();
    let expect = Expect::registration(&before);
    let agent = Actor::Stranger.key();
    let report = |by: Actor, health| {
        let instruction = report_health(&id, &by.key(), &address, false, health, expect);
        (instruction, EbbError::ContributorMismatch)
    };
    let retire = retire_device(&id, &authority, &address, &location, &registry, expect);
    let set_agent = set_agent(&id, &authority, &address, &registry, None, &agent, expect);
    let remove = remove_device(
        &id,
        &authority,
        &address,
        &location,
        &contributor,
        &before.payer,
        &registry,
        expect,
    );
    let activate = activate_device(&id, &authority, &address, &location, &contributor, expect);
    let signed = [
        (retire, EbbError::ContributorMismatch),
        (set_agent.unwrap(), EbbError::ContributorMismatch),
        report(Actor::Oracle, Health::Dead),
        report(Actor::Authority, Health::Healthy),
        // These name the contributor's account anyway.
        (remove, EbbError::WrongContributor),
        (activate, EbbError::WrongContributor),
    ];

    world.must(world.remove(Caller::CONTRIBUTOR));
    let mut create = world.create_device(Actor::OtherContributor, Places::DEVICE);
    create.accounts[2].pubkey = world.at.other_contributor;
    world.must(create);
    let after = device(&world);
    assert_ne!(after.contributor, before.contributor);
    assert_eq!(after.generation, before.generation);
    for (instruction, error) in signed {
        assert_eq!(world.refusal(instruction), error);
    }
}

#[test]
fn a_step_of_a_busy_device_does_not_fail_because_a_user_came() {
    let mut world = Situation::of(Some(Activated)).establish(&World::new());
    let before = device(&world);
    world.must(world.open_session(Actor::Agent, &user(0)));
    let after = device(&world);
    assert_eq!(Expect::in_status(&before).check(&after), Ok(()));
    assert_eq!(
        Expect::as_read(&before).check(&after),
        Err(EbbError::SequenceMismatch)
    );
}
