//! What hangs on a device: its agent, health, holds, sessions and disk keys.

use {
    super::{Scenario, Slot, AGENT, AUTHORITY, CONTRIBUTOR, EXPECT, OWNED, PARENT, REGISTRY, RUN},
    crate::{path, user, Actor, Caller, Deadline, Holding, Situation, World},
    ebb_sdk::{
        state::{
            AccountType::{Device, DiskKey, Session},
            Health, HoldKind,
            ProvisioningStatus::{Activated, Draining, Pending, Retiring},
        },
        EbbError::{
            AgentSignatureRequired, DiskKeyExists, HoldNotFound, NotCustodian, NothingToChange,
            SessionExists, WrongDevice, WrongOwner,
        },
    },
};

pub fn scenarios(world: &World) -> Vec<Scenario> {
    let mut all = agents(world);
    all.extend(reports(world));
    all.extend(holds(world));
    all.extend(sessions(world));
    all.extend(disk_keys(world));
    all
}

/// A device that any other one could stand in for.
const FREE: Slot = Slot::Any(Device, None);

fn agents(world: &World) -> Vec<Scenario> {
    let in_use = Situation {
        sessions: 1,
        ..Situation::of(Some(Activated))
    }
    .establish(world);
    let by_contributor = [CONTRIBUTOR, OWNED, Slot::Credential, Slot::OldAgent];
    let by_authority = [AUTHORITY, FREE, Slot::Credential];
    let agreed = world.set_agent(Caller::CONTRIBUTOR, Some(Actor::Agent), Actor::Successor);
    let ordered = world.set_agent(Caller::AUTHORITY, None, Actor::Successor);
    let again = AgentSignatureRequired;
    vec![
        Scenario::new(
            "set-agent-contributor",
            in_use.clone(),
            agreed,
            &by_contributor,
            again,
        )
        .tags(EXPECT)
        .optional(1),
        Scenario::new(
            "set-agent-authority",
            in_use,
            ordered,
            &by_authority,
            NothingToChange,
        )
        .tags(EXPECT),
    ]
}

fn reports(world: &World) -> Vec<Scenario> {
    let activated = Situation::of(Some(Activated)).establish(world);
    let report = |name, by, slots: &[Slot]| {
        let instruction = world.report(by, Health::Unhealthy);
        Scenario::new(name, activated.clone(), instruction, slots, None).tags(&[1, 2, 3, 4, 5])
    };
    vec![
        report("report-agent", Caller::AGENT, &[AGENT, RUN]),
        report(
            "report-oracle",
            Caller::ORACLE,
            &[AUTHORITY, FREE, REGISTRY],
        )
        .optional(1),
        report(
            "report-authority",
            Caller::AUTHORITY,
            &[AUTHORITY, FREE, REGISTRY],
        )
        .optional(1),
    ]
}

fn holds(world: &World) -> Vec<Scenario> {
    let at = |holding| {
        let situation = Situation {
            holding,
            ..Situation::of(Some(Activated))
        };
        situation.establish(world)
    };
    let (free, held) = (at(Holding::Nothing), at(Holding::Traffic));
    let mut held_by_agent = free.clone();
    held_by_agent.must(world.place_hold(Caller::AGENT, HoldKind::PendingTask, 3_600));
    let owner = [CONTRIBUTOR, OWNED, Slot::Credential];
    let authority = [AUTHORITY, FREE, Slot::Credential];
    let reason = "backup of /var/log";
    let place = |name, by, slots: &[Slot]| {
        let instruction = world.place_hold(by, HoldKind::PendingTask, 60);
        Scenario::new(name, free.clone(), instruction, slots, None)
            .strings(&[reason])
            .tags(&[1, 2, 3, 4, 5])
    };
    let release = |name, there: &World, by, slots: &[Slot]| {
        let instruction = world.release_hold(by, 1);
        Scenario::new(name, there.clone(), instruction, slots, HoldNotFound).tags(EXPECT)
    };
    let unheld = [
        AUTHORITY,
        Slot::Any(Device, Some(HoldNotFound)),
        Slot::Credential,
    ];
    vec![
        place("hold-agent", Caller::AGENT, &[AGENT, RUN]),
        place("hold-contributor", Caller::CONTRIBUTOR, &owner).optional(1),
        place("hold-operator", Caller::OPERATOR, &owner).optional(1),
        place("hold-authority", Caller::AUTHORITY, &authority).optional(1),
        release(
            "release-agent",
            &held_by_agent,
            Caller::AGENT,
            &[AGENT, RUN],
        ),
        release("release-contributor", &held, Caller::CONTRIBUTOR, &owner).optional(1),
        release("release-operator", &held, Caller::OPERATOR, &owner).optional(1),
        release("release-authority", &held, Caller::AUTHORITY, &unheld).optional(1),
    ]
}

fn sessions(world: &World) -> Vec<Scenario> {
    let activated = Situation::of(Some(Activated)).establish(world);
    let overdue = Situation {
        sessions: 2,
        deadline: Deadline::Passed,
        ..Situation::of(Some(Draining))
    }
    .establish(world);
    let opening = [
        AGENT,
        Slot::Payer,
        RUN,
        Slot::Vacancy(SessionExists),
        Slot::System,
    ];
    let session = Slot::Any(Session, Some(WrongDevice));
    let closing = [AGENT, PARENT, session, Slot::Recipient];
    let evicting = [
        CONTRIBUTOR,
        PARENT,
        session,
        Slot::Recipient,
        Slot::Credential,
    ];
    let open = world.open_session(Actor::Agent, &user(0));
    let close = |name, by, slots: &[Slot]| {
        let instruction = world.close_session(by, &user(0));
        Scenario::new(name, overdue.clone(), instruction, slots, WrongOwner).tags(EXPECT)
    };
    vec![
        Scenario::new("open-session", activated, open, &opening, SessionExists).tags(EXPECT),
        close("close-session-agent", Caller::AGENT, &closing),
        close("evict-contributor", Caller::CONTRIBUTOR, &evicting).optional(1),
        close("evict-operator", Caller::OPERATOR, &evicting).optional(1),
        close("evict-authority", Caller::AUTHORITY, &evicting).optional(1),
    ]
}

fn disk_keys(world: &World) -> Vec<Scenario> {
    let pending = Situation::of(Some(Pending)).establish(world);
    let retiring = |disk_keys| {
        let situation = Situation {
            disk_keys,
            ..Situation::of(Some(Retiring))
        };
        situation.establish(world)
    };
    let (last, two) = (retiring(1), retiring(2));
    let custodian = Slot::Signer(None);
    let by_agent = [
        custodian,
        AGENT,
        Slot::Payer,
        RUN,
        Slot::Vacancy(DiskKeyExists),
        Slot::System,
    ];
    let by_contributor = [
        custodian,
        CONTRIBUTOR,
        Slot::Payer,
        OWNED,
        Slot::Vacancy(DiskKeyExists),
        Slot::System,
        Slot::Credential,
    ];
    let disk_key = Slot::Any(DiskKey, Some(WrongDevice));
    let destroying = [
        Slot::Signer(Some(NotCustodian)),
        PARENT,
        disk_key,
        Slot::Recipient,
    ];
    let reassigning = [AUTHORITY, PARENT, disk_key, REGISTRY];
    let register = |name, by, slots: &[Slot]| {
        let instruction = world.register_disk_key(Actor::Custodian, by, 0);
        Scenario::new(name, pending.clone(), instruction, slots, DiskKeyExists)
            .strings(&[&path(0)])
            .tags(EXPECT)
    };
    let destroy = |name, there| {
        let instruction = world.destroy_disk_key(Actor::Custodian, 0);
        Scenario::new(name, there, instruction, &destroying, WrongOwner).tags(EXPECT)
    };
    let reassign = world.reassign(Actor::Authority, 0, Actor::Successor);
    vec![
        register("register-disk-key-agent", Caller::AGENT, &by_agent),
        register(
            "register-disk-key-contributor",
            Caller::CONTRIBUTOR,
            &by_contributor,
        )
        .optional(1),
        destroy("destroy-disk-key", two.clone()),
        destroy("destroy-last-disk-key", last),
        Scenario::new(
            "reassign-custodian",
            two,
            reassign,
            &reassigning,
            NothingToChange,
        )
        .tags(EXPECT),
    ]
}
