//! Devices and their moves from status to status.

use {
    super::{Scenario, Slot, CONTRIBUTOR, EXPECT, HERE, LOCATED, OWNED, OWNER, REGISTRY},
    crate::{Actor, Caller, Places, Situation, World},
    ebb_sdk::{
        instruction::{DrainDevice, UpdateDevice, UpdateDrain},
        state::{
            AccountType::{Contributor, Device, Location},
            ProvisioningStatus::{Activated, Draining, Pending, Retired},
        },
        EbbError::{
            AlreadyExists, AlreadyInStatus, NotDraining, NothingToChange, Unauthorized,
            WrongContributor, WrongLocation, WrongOwner,
        },
    },
};

pub fn scenarios(world: &World) -> Vec<Scenario> {
    let mut all = devices(world);
    all.extend(transitions(world));
    all.extend(ends(world));
    all
}

fn devices(world: &World) -> Vec<Scenario> {
    let pending = Situation::of(Some(Pending)).establish(world);
    let creating = [
        CONTRIBUTOR,
        Slot::Payer,
        Slot::Any(Contributor, Some(Unauthorized)),
        Slot::Any(Location, None),
        Slot::Vacancy(AlreadyExists),
        Slot::System,
    ];
    let args = UpdateDevice {
        public_ip: Some([203, 0, 113, 7]),
        max_sessions: Some(9),
        ..UpdateDevice::default()
    };
    let staying = [CONTRIBUTOR, OWNED, OWNER];
    let moving = [CONTRIBUTOR, OWNED, OWNER, HERE, Slot::Any(Location, None)];
    let create = world.create_device(Actor::Contributor, Places::DEVICE);
    let update = world.update_device(Actor::Contributor, args.clone(), false);
    let relocate = world.update_device(Actor::Contributor, args, true);
    let tags = &[1, 2, 3, 4, 5, 10];
    vec![
        Scenario::new(
            "create-device",
            world.clone(),
            create,
            &creating,
            AlreadyExists,
        )
        .strings(&[Places::DEVICE])
        .tags(&[14]),
        Scenario::new(
            "update-device",
            pending.clone(),
            update,
            &staying,
            NothingToChange,
        )
        .tags(tags),
        Scenario::new("relocate-device", pending, relocate, &moving, WrongLocation)
            .tags(tags)
            .optional(2),
    ]
}

fn transitions(world: &World) -> Vec<Scenario> {
    let at = |status| Situation::of(Some(status)).establish(world);
    let (pending, activated, draining) = (at(Pending), at(Activated), at(Draining));
    let entering = [CONTRIBUTOR, LOCATED, HERE, OWNER, REGISTRY];
    let leaving = [CONTRIBUTOR, LOCATED, HERE, Slot::Credential];
    let updating = |other| {
        [
            CONTRIBUTOR,
            Slot::Any(Device, Some(other)),
            Slot::Credential,
        ]
    };
    let reason = "rack power";
    let drain = |by| {
        let args = DrainDevice {
            deadline_seconds: 600,
            planned_return_seconds: 7_200,
            force: by == Caller::AUTHORITY,
            reason: reason.into(),
            ..DrainDevice::default()
        };
        let instruction = world.drain_with(by, args);
        let name = name_of(
            by,
            ["drain-contributor", "drain-operator", "drain-authority"],
        );
        Scenario::new(
            name,
            activated.clone(),
            instruction,
            &leaving,
            AlreadyInStatus,
        )
        .strings(&[reason])
        .tags(&[1, 2, 3, 4, 13])
    };
    let update = |by, other| {
        let args = UpdateDrain {
            deadline_seconds: Some(900),
            planned_return_seconds: Some(0),
            reason: Some(reason.into()),
            ..UpdateDrain::default()
        };
        let name = name_of(
            by,
            [
                "update-drain-contributor",
                "update-drain-operator",
                "update-drain-authority",
            ],
        );
        let instruction = world.update_drain(by, args);
        Scenario::new(
            name,
            draining.clone(),
            instruction,
            &updating(other),
            NothingToChange,
        )
        .strings(&[reason])
        .tags(&[1, 2, 3, 4, 5, 10, 15])
    };
    let undrain = |by: Caller| {
        let name = name_of(
            by,
            [
                "undrain-contributor",
                "undrain-operator",
                "undrain-authority",
            ],
        );
        let instruction = world.undrain(by.actor);
        Scenario::new(
            name,
            draining.clone(),
            instruction,
            &entering,
            AlreadyInStatus,
        )
        .tags(EXPECT)
    };
    let activate = world.activate(Actor::Authority);
    vec![
        Scenario::new("activate", pending, activate, &entering, AlreadyInStatus).tags(EXPECT),
        drain(Caller::CONTRIBUTOR),
        drain(Caller::OPERATOR),
        drain(Caller::AUTHORITY),
        update(Caller::CONTRIBUTOR, WrongContributor),
        update(Caller::OPERATOR, WrongContributor),
        update(Caller::AUTHORITY, NotDraining),
        undrain(Caller::CONTRIBUTOR),
        undrain(Caller::OPERATOR),
        undrain(Caller::AUTHORITY),
    ]
}

fn name_of(by: Caller, [contributor, operator, authority]: [&'static str; 3]) -> &'static str {
    match by.actor {
        Actor::Contributor => contributor,
        Actor::Operator => operator,
        _ => authority,
    }
}

fn ends(world: &World) -> Vec<Scenario> {
    let at = |status| Situation::of(Some(status)).establish(world);
    let (draining, retired) = (at(Draining), at(Retired));
    let retiring = [CONTRIBUTOR, LOCATED, HERE, Slot::Credential];
    let removing = [
        CONTRIBUTOR,
        LOCATED,
        HERE,
        OWNER,
        Slot::Recipient,
        Slot::Credential,
    ];
    let retire = |name, by| {
        let instruction = world.retire(by);
        Scenario::new(
            name,
            draining.clone(),
            instruction,
            &retiring,
            AlreadyInStatus,
        )
        .tags(EXPECT)
    };
    let remove = |name, by| {
        let instruction = world.remove(by);
        Scenario::new(name, retired.clone(), instruction, &removing, WrongOwner).tags(EXPECT)
    };
    vec![
        retire("retire-contributor", Caller::CONTRIBUTOR),
        retire("retire-authority", Caller::AUTHORITY),
        remove("remove-contributor", Caller::CONTRIBUTOR),
        remove("remove-authority", Caller::AUTHORITY),
    ]
}
