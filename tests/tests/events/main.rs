//! Every accepted instruction logs one event, and every field of it is right.

mod replay;

use {
    ebb_sdk::{
        event::{from_logs, Event, EventKind, Logged, EVENT_VERSION},
        pda,
        state::{Health, HoldKind, ProvisioningStatus, Reason},
        Role,
    },
    ebb_tests::{path, user, Actor, Caller, Places, Scenario, World, MAX_SESSIONS},
    solana_sdk::pubkey::Pubkey,
    ProvisioningStatus::{Activated, Draining, Pending, Retired, Retiring},
};

/// What an event says besides who, where and when.
#[derive(Default)]
struct Expected {
    from: i64,
    to: i64,
    related: Pubkey,
    hold_kind: HoldKind,
    reason: &'static str,
    detail: [u8; 32],
}

fn moved(from: ProvisioningStatus, to: ProvisioningStatus) -> Expected {
    Expected {
        from: from as i64,
        to: to as i64,
        ..Expected::default()
    }
}

fn key(related: Actor) -> Expected {
    Expected {
        related: related.key(),
        ..Expected::default()
    }
}

fn counted(from: i64, to: i64, related: Pubkey) -> Expected {
    Expected {
        from,
        to,
        related,
        ..Expected::default()
    }
}

fn expected(world: &World, kind: EventKind, name: &str) -> Expected {
    let now = world.now();
    let at = &world.at;
    let disk_key = pda::disk_key(&world.program_id, &at.device, &path(0)).0;
    match kind {
        EventKind::Initialized => key(Actor::Authority),
        EventKind::PolicySet | EventKind::ContributorSuspended => counted(0, 1, Pubkey::default()),
        EventKind::ContributorResumed => counted(1, 0, Pubkey::default()),
        EventKind::HealthOracleSet
        | EventKind::AuthorityNominated
        | EventKind::AuthorityAccepted
        | EventKind::ContributorCreated
        | EventKind::OperatorSet
        | EventKind::ContributorAuthorityNominated
        | EventKind::ContributorAuthorityAccepted
        | EventKind::AgentSet
        | EventKind::CustodianReassigned => key(Actor::Successor),
        EventKind::LocationCreated | EventKind::BudgetSet => counted(0, 3, Pubkey::default()),
        EventKind::DeviceCreated => Expected {
            detail: at.contributor.to_bytes(),
            ..counted(0, 1, at.location)
        },
        EventKind::DeviceUpdated => {
            let moves = name == "relocate-device";
            let location = if moves {
                at.other_location
            } else {
                at.location
            };
            let mut detail = [0; 32];
            detail[..4].copy_from_slice(&[203, 0, 113, 7]);
            Expected {
                detail,
                ..counted(MAX_SESSIONS.into(), 9, location)
            }
        }
        EventKind::DeviceActivated => Expected {
            related: at.location,
            ..moved(Pending, Activated)
        },
        EventKind::DrainStarted => Expected {
            related: at.location,
            reason: "rack power",
            ..moved(Activated, Draining)
        },
        EventKind::DrainUpdated => Expected {
            to: now + 900,
            reason: "rack power",
            ..Expected::default()
        },
        EventKind::DeviceUndrained => Expected {
            related: at.location,
            ..moved(Draining, Activated)
        },
        EventKind::DeviceRetired => Expected {
            related: at.location,
            ..moved(Draining, Retired)
        },
        EventKind::DeviceRemoved => Expected {
            detail: Actor::Payer.key().to_bytes(),
            ..counted(Retired as i64, 0, at.location)
        },
        EventKind::HealthReported => counted(
            Health::Unknown as i64,
            Health::Unhealthy as i64,
            Pubkey::default(),
        ),
        EventKind::HoldPlaced => Expected {
            from: 1,
            to: now + 60,
            hold_kind: HoldKind::PendingTask,
            reason: "backup of /var/log",
            ..Expected::default()
        },
        EventKind::HoldReleased => Expected {
            from: 1,
            related: match name {
                "release-agent" => Actor::Agent.key(),
                _ => Actor::Contributor.key(),
            },
            hold_kind: match name {
                "release-agent" => HoldKind::PendingTask,
                _ => HoldKind::CriticalTraffic,
            },
            reason: "backup of /var/log",
            ..Expected::default()
        },
        EventKind::SessionOpened => counted(0, 1, user(0)),
        EventKind::SessionClosed => counted(2, 1, user(0)),
        EventKind::DiskKeyRegistered => Expected {
            detail: match name {
                "register-disk-key-agent" => Actor::Agent.key(),
                _ => Actor::Contributor.key(),
            }
            .to_bytes(),
            ..counted(0, 1, disk_key)
        },
        EventKind::DiskKeyDestroyed => {
            let is_last = name == "destroy-last-disk-key";
            Expected {
                related: disk_key,
                ..moved(Retiring, if is_last { Retired } else { Retiring })
            }
        }
    }
}

fn subject(world: &World, kind: EventKind, name: &str) -> Pubkey {
    match kind as u8 {
        0..=4 => world.at.registry,
        5 => pda::contributor(&world.program_id, "co09").0,
        6..=10 => world.at.contributor,
        11 => pda::location(&world.program_id, "lon").0,
        12 => world.at.location,
        13..=29 => world.at.device,
        number => panic!("{name} has number {number}"),
    }
}

fn role(scenario: &Scenario) -> Role {
    let signer = Actor::of(&scenario.instruction.accounts[0].pubkey).expect("an actor signs");
    match (signer, scenario.name) {
        (Actor::Contributor, _) | (Actor::Successor, "accept-contributor") => Role::Contributor,
        (Actor::Operator, _) => Role::Operator,
        (Actor::Authority | Actor::Deployer | Actor::Successor, _) => Role::Authority,
        (Actor::Agent, _) => Role::Agent,
        (Actor::Oracle, _) => Role::HealthOracle,
        (Actor::Custodian, _) => Role::Custodian,
        (signer, name) => panic!("{signer:?} signs {name}"),
    }
}

#[test]
fn every_field() {
    for scenario in Scenario::all() {
        let mut world = scenario.world.clone();
        let found = world.must(scenario.instruction.clone());
        let name = scenario.name;
        let Expected {
            from,
            to,
            related,
            hold_kind,
            reason,
            detail,
        } = expected(&world, found.kind, name);
        let subject = subject(&world, found.kind, name);
        let before = scenario.world.snapshot().sequence(&subject).unwrap_or(0);
        let expected = Event {
            version: EVENT_VERSION,
            role: role(&scenario),
            forced: name == "drain-authority",
            from,
            to,
            sequence: before + 1,
            slot: world.clock().slot,
            time: world.now(),
            related,
            hold_kind,
            detail,
            reason: Reason::new(reason).expect("it is short"),
            ..Event::new(
                found.kind,
                &subject,
                &scenario.instruction.accounts[0].pubkey,
                Role::None,
            )
        };
        assert_eq!(found, expected, "{name}");
        assert_eq!(found.kind as u8, scenario.instruction.data[0], "{name}");
        // What is closed counts no longer.
        if let Some(counted) = world.snapshot().sequence(&subject) {
            assert_eq!(counted, expected.sequence, "{name}");
        }
    }
}

#[test]
fn a_life_in_events_has_no_gap() {
    let mut world = World::new();
    let instructions = [
        world.create_device(Actor::Contributor, Places::DEVICE),
        world.register_disk_key(Actor::Custodian, Caller::AGENT, 0),
        world.report(Caller::ORACLE, Health::Healthy),
        world.activate(Actor::Authority),
        world.open_session(Actor::Agent, &user(0)),
        world.drain(Caller::OPERATOR, false),
        world.close_session(Caller::AGENT, &user(0)),
        world.retire(Caller::CONTRIBUTOR),
        world.destroy_disk_key(Actor::Custodian, 0),
        world.remove(Caller::CONTRIBUTOR),
    ];
    let sequences = instructions.map(|instruction| world.must(instruction).sequence);
    assert_eq!(sequences, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
}

#[test]
fn a_refusal_logs_no_event() {
    let world = World::new();
    let drain = world.drain(Caller::CONTRIBUTOR, false);
    let logs = world.simulate(&[drain]);
    assert!(logs.iter().any(|line| line.contains("failed")));
    let events = from_logs(&world.program_id, logs.iter().map(String::as_str));
    assert_eq!(events, Ok(Logged::Whole(vec![])));
}
