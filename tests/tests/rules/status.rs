//! Every situation × every attempt to move a device's status × every signer.

use {
    crate::{
        domain::{vary, BOTH, CALLERS},
        oracle::{role, verdict, Attempt},
    },
    ebb_sdk::{
        event::{Event, EventKind},
        state::{
            Contributor, Device, DeviceHead, DeviceType, DrainRecord, HoldSlots, Location,
            ProvisioningStatus, Reason,
        },
    },
    ebb_tests::{
        Actor, Caller, Credential, Deadline, Held, Holding, Places, Refusal, Report, Situation,
        Snapshot, World, DEADLINE, MAX_SESSIONS,
    },
    solana_sdk::{instruction::Instruction, transaction::Transaction},
    ProvisioningStatus::{Activated, Draining, Pending, Retired, Retiring},
};

/// Whether an attempt's instruction has a place for what sets this caller apart.
fn applies(attempt: Attempt, caller: Caller) -> bool {
    match attempt {
        Attempt::Create => caller.credential == Credential::Contributor,
        Attempt::Activate | Attempt::Undrain => {
            !matches!(caller.credential, Credential::Registry | Credential::None)
        }
        _ => caller.credential != Credential::None,
    }
}

fn instruction(world: &World, attempt: Attempt, caller: Caller) -> Instruction {
    let mut instruction = match attempt {
        Attempt::Create => world.create_device(caller.actor, Places::DEVICE),
        Attempt::Activate => world.activate(caller.actor),
        Attempt::Drain => world.drain(caller, false),
        Attempt::ForceDrain => world.drain(caller, true),
        Attempt::Undrain => world.undrain(caller.actor),
        Attempt::Retire => world.retire(caller),
        Attempt::Remove => world.remove(caller),
    };
    let takes_contributor = matches!(attempt, Attempt::Activate | Attempt::Undrain);
    if takes_contributor && caller.credential == Credential::OtherContributor {
        instruction.accounts[3].pubkey = world.at.other_contributor;
    }
    instruction
}

fn situations(status: Option<ProvisioningStatus>, deadline: Deadline) -> Vec<Situation> {
    let mut all = vec![Situation {
        deadline,
        disk_keys: 0,
        ..Situation::of(status)
    }];
    vary(&mut all, &Report::ALL, |situation, value| {
        situation.report = value
    });
    vary(&mut all, &BOTH, |situation, value| {
        situation.suspended = value
    });
    vary(&mut all, &BOTH, |situation, value| {
        situation.require_healthy = value
    });
    vary(&mut all, &Holding::ALL, |situation, value| {
        situation.holding = value
    });
    vary(&mut all, &BOTH, |situation, value| {
        situation.budget_spent = value
    });
    vary(&mut all, &[0, 1], |situation, value| {
        situation.sessions = value
    });
    vary(&mut all, &[0, 1], |situation, value| {
        situation.disk_keys = value
    });
    all.retain(Situation::is_reachable);
    all
}

/// What the attempts of a sweep came to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    situations: usize,
    cells: usize,
    allowed: usize,
}

fn sweep(status: Option<ProvisioningStatus>, deadline: Deadline) -> Tally {
    let origin = World::new().without_signature_checks();
    let attempts: Vec<(Attempt, Caller, Transaction)> = Attempt::ALL
        .into_iter()
        .flat_map(|attempt| CALLERS.map(|caller| (attempt, caller)))
        .filter(|(attempt, caller)| applies(*attempt, *caller))
        .map(|(attempt, caller)| {
            let instruction = instruction(&origin, attempt, caller);
            (attempt, caller, origin.sign(&[instruction]))
        })
        .collect();

    let mut tally = Tally::default();
    for situation in situations(status, deadline) {
        let there = situation.establish(&origin);
        let before = there.snapshot();
        let payer_before = there.lamports(&Actor::Payer.key());
        let mut world = there.clone();
        tally.situations += 1;
        for (attempt, caller, transaction) in &attempts {
            let cell = || format!("{attempt:?} by {caller:?}, {situation:?}");
            let expected = verdict(&situation, *attempt, *caller);
            let found = world.submit(transaction);
            tally.cells += 1;
            match (found, expected) {
                (Ok(events), Ok(to)) => {
                    let after = after(&world, before.clone(), *attempt, *caller, to);
                    assert_eq!(world.snapshot(), after, "{}", cell());
                    check_event(&world, &events, *attempt, *caller, situation.status, to);
                    let payer = i128::from(world.lamports(&Actor::Payer.key()));
                    let moved = held_lamports(&before) - held_lamports(&after);
                    assert_eq!(payer - i128::from(payer_before), moved, "{}", cell());
                    tally.allowed += 1;
                    world = there.clone();
                }
                (Err(Refusal::Ebb(found)), Err(expected)) => {
                    assert_eq!(found, expected, "{}", cell());
                }
                (found, expected) => panic!("{found:?}, not {expected:?}: {}", cell()),
            }
        }
    }
    tally
}

fn held_lamports(accounts: &Snapshot) -> i128 {
    let lamports = |held: &Held| i128::from(held.lamports);
    accounts.0.values().map(lamports).sum()
}

/// All accounts as an accepted attempt must leave them.
fn after(
    world: &World,
    before: Snapshot,
    attempt: Attempt,
    caller: Caller,
    to: Option<ProvisioningStatus>,
) -> Snapshot {
    let (device, location) = (&world.at.device, &world.at.location);
    let contributor = &world.at.contributor;
    let (slot, time) = (world.clock().slot, world.now());
    let moved = |accounts: Snapshot, edit: &dyn Fn(&mut DeviceHead)| {
        accounts.with::<Device>(device, |device| {
            let head = &mut device.head;
            head.sequence += 1;
            head.provisioning_status = to.expect("it stays");
            head.status_changed_slot = slot;
            head.status_changed_at = time;
            head.status_changed_sequence = head.sequence;
            edit(head);
        })
    };
    match attempt {
        Attempt::Create => {
            let mut accounts = before
                .with::<Contributor>(contributor, |contributor| {
                    contributor.head.devices += 1;
                    contributor.head.registrations += 1;
                })
                .with::<Location>(location, |location| location.head.devices += 1);
            accounts.0.insert(*device, created(world));
            accounts
        }
        Attempt::Activate => moved(before, &|_| {})
            .with::<Location>(location, |location| location.head.activated += 1),
        Attempt::Drain | Attempt::ForceDrain => moved(before, &|head| {
            let role = role(attempt, caller).expect("it has one");
            let starter = caller.actor.key();
            head.drain = DrainRecord {
                started_slot: slot,
                started_at: time,
                deadline: time + i64::from(DEADLINE),
                planned_return: 0,
                sessions_at_start: head.sessions,
                role,
                reason_role: role,
                deadline_role: role,
                reason: Reason::new("rack power").expect("it is short"),
                started_by: starter,
                reason_by: starter,
                deadline_by: starter,
            };
        })
        .with::<Location>(location, |location| {
            location.head.activated -= 1;
            location.head.draining += 1;
        }),
        Attempt::Undrain => moved(before, &|head| head.drain = DrainRecord::default())
            .with::<Location>(location, |location| {
                location.head.draining -= 1;
                location.head.activated += 1;
            }),
        Attempt::Retire => {
            let from = before.get::<Device>(device).expect("it exists");
            moved(before, &|head| {
                head.drain = DrainRecord::default();
                head.holds = HoldSlots::default();
            })
            .with::<Location>(location, |location| {
                match from.head.provisioning_status {
                    Activated => location.head.activated -= 1,
                    Draining => location.head.draining -= 1,
                    _ => {}
                }
            })
        }
        Attempt::Remove => before
            .without(device)
            .with::<Contributor>(contributor, |contributor| contributor.head.devices -= 1)
            .with::<Location>(location, |location| location.head.devices -= 1),
    }
}

fn created(world: &World) -> Held {
    let (slot, time) = (world.clock().slot, world.now());
    let (contributor, location) = (world.at.contributor, world.at.location);
    let bump = ebb_sdk::pda::device(&world.program_id, Places::DEVICE).1;
    let device = Device {
        head: DeviceHead {
            device_type: DeviceType::Edge,
            public_ip: [195, 219, 138, 50],
            max_sessions: MAX_SESSIONS,
            agent: Actor::Agent.key(),
            created_slot: slot,
            created_at: time,
            status_changed_slot: slot,
            status_changed_at: time,
            ..DeviceHead::new(contributor, location, Actor::Payer.key(), 1, bump)
        },
        code: Places::DEVICE.to_owned(),
    };
    let data = borsh::to_vec(&device).expect("it encodes");
    Held {
        lamports: world.rent(data.len()),
        data,
    }
}

fn check_event(
    world: &World,
    events: &[Event],
    attempt: Attempt,
    caller: Caller,
    from: Option<ProvisioningStatus>,
    to: Option<ProvisioningStatus>,
) {
    let [event] = events else {
        panic!("one event: {events:?}");
    };
    let kind = match attempt {
        Attempt::Create => EventKind::DeviceCreated,
        Attempt::Activate => EventKind::DeviceActivated,
        Attempt::Drain | Attempt::ForceDrain => EventKind::DrainStarted,
        Attempt::Undrain => EventKind::DeviceUndrained,
        Attempt::Retire => EventKind::DeviceRetired,
        Attempt::Remove => EventKind::DeviceRemoved,
    };
    assert_eq!((event.kind, event.subject), (kind, world.at.device));
    assert_eq!(event.actor, caller.actor.key());
    assert_eq!(Ok(event.role), role(attempt, caller));
    assert_eq!(event.forced, attempt == Attempt::ForceDrain);
    if let (Some(from), Some(to)) = (from, to) {
        assert_eq!(event.statuses(), Some((from, to)));
    }
}

/// The expected tally of a sweep.
fn tally(situations: usize, cells: usize, allowed: usize) -> Tally {
    Tally {
        situations,
        cells,
        allowed,
    }
}

#[test]
fn from_nothing() {
    assert_eq!(sweep(None, Deadline::None), tally(8, 688, 4));
}

#[test]
fn from_pending() {
    assert_eq!(sweep(Some(Pending), Deadline::None), tally(96, 8_256, 216));
}

#[test]
fn from_activated() {
    assert_eq!(
        sweep(Some(Activated), Deadline::None),
        tally(896, 77_056, 1_920)
    );
}

#[test]
fn from_draining_without_deadline() {
    assert_eq!(
        sweep(Some(Draining), Deadline::None),
        tally(1_152, 99_072, 1_536)
    );
}

#[test]
fn from_draining_before_its_deadline() {
    assert_eq!(
        sweep(Some(Draining), Deadline::Ahead),
        tally(1_152, 99_072, 1_536)
    );
}

#[test]
fn from_draining_after_its_deadline() {
    assert_eq!(
        sweep(Some(Draining), Deadline::Passed),
        tally(1_152, 99_072, 1_536)
    );
}

#[test]
fn from_retiring() {
    assert_eq!(sweep(Some(Retiring), Deadline::None), tally(72, 6_192, 0));
}

#[test]
fn from_retired() {
    assert_eq!(sweep(Some(Retired), Deadline::None), tally(32, 2_752, 64));
}
