//! The values behind the bytes, written out.

use {
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::{
            CreateContributor, CreateDevice, CreateLocation, DrainDevice,
            EbbInstruction::{self, *},
            Expect, Initialize, PlaceHold, RegisterDiskKey, UpdateDevice, UpdateDrain,
        },
        state::{
            Contributor, ContributorHead, Device, DeviceHead, DeviceType, DiskKey, DiskKeyHead,
            DrainRecord, Health, Hold, HoldKind, HoldReason, HoldSlots, Location, LocationHead,
            ProvisioningStatus, Reason, Registry, Session,
        },
        Role,
    },
    ebb_tests::{user, Actor},
    solana_sdk::pubkey::Pubkey,
};

/// An instruction by its name in the fixture.
type Named = (&'static str, EbbInstruction);

/// One value of each instruction.
pub fn instructions() -> Vec<Named> {
    let all = [
        of_registry(),
        of_contributor(),
        of_location(),
        of_device(),
        of_its_children(),
    ];
    all.into_iter().flatten().collect()
}

fn of_registry() -> Vec<Named> {
    let successor = Actor::Successor.key();
    vec![
        (
            "initialize",
            Initialize(Initialize {
                authority: Actor::Authority.key(),
                health_oracle: Actor::Oracle.key(),
                require_healthy: false,
            }),
        ),
        (
            "set-policy",
            SetPolicy {
                require_healthy: true,
            },
        ),
        (
            "set-oracle",
            SetHealthOracle {
                health_oracle: successor,
            },
        ),
        ("nominate", NominateAuthority { nominee: successor }),
        ("accept", AcceptAuthority),
    ]
}

fn of_contributor() -> Vec<Named> {
    let successor = Actor::Successor.key();
    vec![
        (
            "create-contributor",
            CreateContributor(CreateContributor {
                code: "co09".into(),
                authority: successor,
            }),
        ),
        ("suspend", SuspendContributor),
        ("resume", ResumeContributor),
        (
            "set-operator",
            SetOperator {
                operator: successor,
            },
        ),
        (
            "nominate-own",
            NominateContributorAuthority { nominee: successor },
        ),
        ("accept-contributor", AcceptContributorAuthority),
    ]
}

fn of_location() -> Vec<Named> {
    vec![
        (
            "create-location",
            CreateLocation(CreateLocation {
                code: "lon".into(),
                name: "Amsterdam".into(),
                country: *b"NL",
                latitude: 52_300_000,
                longitude: 4_940_000,
                min_activated: 3,
            }),
        ),
        ("set-budget", SetBudget { min_activated: 3 }),
    ]
}

fn of_device() -> Vec<Named> {
    let (expect, successor) = (Expect::default(), Actor::Successor.key());
    vec![
        (
            "create-device",
            CreateDevice(CreateDevice {
                code: "ams-dz001".into(),
                device_type: DeviceType::Edge,
                public_ip: [195, 219, 138, 50],
                max_sessions: 4,
                agent: Actor::Agent.key(),
            }),
        ),
        (
            "update-device",
            UpdateDevice(UpdateDevice {
                expect,
                public_ip: Some([203, 0, 113, 7]),
                max_sessions: Some(9),
            }),
        ),
        ("activate", ActivateDevice(expect)),
        (
            "drain-authority",
            DrainDevice(DrainDevice {
                expect,
                deadline_seconds: 600,
                planned_return_seconds: 7_200,
                force: true,
                reason: "rack power".into(),
            }),
        ),
        (
            "update-drain-contributor",
            UpdateDrain(UpdateDrain {
                expect,
                deadline_seconds: Some(900),
                planned_return_seconds: Some(0),
                reason: Some("rack power".into()),
            }),
        ),
        ("undrain-contributor", UndrainDevice(expect)),
        ("retire-contributor", RetireDevice(expect)),
        ("remove-contributor", RemoveDevice(expect)),
        (
            "set-agent-contributor",
            SetAgent {
                expect,
                agent: successor,
            },
        ),
        (
            "report-oracle",
            ReportHealth {
                expect,
                health: Health::Unhealthy,
            },
        ),
    ]
}

/// Holds, sessions and disk keys.
fn of_its_children() -> Vec<Named> {
    let (expect, successor) = (Expect::default(), Actor::Successor.key());
    vec![
        (
            "hold-agent",
            PlaceHold(PlaceHold {
                expect,
                kind: HoldKind::PendingTask,
                duration_seconds: 60,
                reason: "backup of /var/log".into(),
            }),
        ),
        ("release-agent", ReleaseHold { expect, id: 1 }),
        (
            "open-session",
            OpenSession {
                expect,
                user: user(0),
            },
        ),
        ("close-session-agent", CloseSession(expect)),
        (
            "register-disk-key-agent",
            RegisterDiskKey(RegisterDiskKey {
                expect,
                path: "/dev/disk/by-id/0".into(),
                commitment: [200; 32],
            }),
        ),
        ("destroy-disk-key", DestroyDiskKey(expect)),
        (
            "reassign-custodian",
            ReassignCustodian {
                expect,
                custodian: successor,
            },
        ),
    ]
}

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

pub fn registry() -> Registry {
    Registry {
        nominee: key(3),
        contributors: 0x0102_0304,
        locations: 0x0506_0708,
        sequence: 0x1112_1314_1516_1718,
        ..Registry::new(key(1), key(2), true, 255)
    }
}

pub fn contributor() -> Contributor {
    Contributor {
        head: ContributorHead {
            suspended: true,
            nominee: key(2),
            operator: key(3),
            devices: 0x0102_0304,
            registrations: 0x1112_1314_1516_1718,
            sequence: 0x2122_2324_2526_2728,
            ..ContributorHead::new(key(1), 254)
        },
        code: "co01".to_owned(),
    }
}

pub fn location() -> Location {
    Location {
        head: LocationHead {
            devices: 7,
            activated: 5,
            draining: 2,
            sequence: 0x1112_1314_1516_1718,
            ..LocationHead::new(*b"BR", -23_550_520, -46_633_308, 3, 253)
        },
        code: "gru".to_owned(),
        name: "São Paulo".to_owned(),
    }
}

pub fn device() -> Device {
    let mut holds = HoldSlots::default();
    for (index, hold) in holds.iter_mut().enumerate() {
        let number = u8::try_from(index).expect("there are eight");
        *hold = Hold {
            expires_at: 1_800_000_000 + i64::from(number),
            id: 0x0a00 + u32::from(number),
            kind: HoldKind::ALL[index % 2],
            role: Role::ALL[index % 4],
            reason: HoldReason::new(&format!("hold {number}")).expect("it is short"),
            reserved: 0,
            placed_by: key(0x80 + number),
        };
    }
    Device {
        head: DeviceHead {
            provisioning_status: ProvisioningStatus::Draining,
            health: Health::Unhealthy,
            public_ip: [195, 219, 138, 50],
            max_sessions: 0x0102_0304,
            sessions: 0x0506_0708,
            disk_keys: 32,
            next_hold_id: 0x0a0b_0c0d,
            sequence: 1_001,
            created_slot: 1_002,
            created_at: 1_003,
            status_changed_slot: 1_004,
            status_changed_at: 1_005,
            status_changed_sequence: 1_006,
            health_reported_slot: 1_007,
            health_reported_at: 1_008,
            health_reported_sequence: 1_009,
            agent: key(4),
            health_reported_by: Role::HealthOracle,
            device_type: DeviceType::Transit,
            drain: DrainRecord {
                started_slot: 1_010,
                started_at: 1_011,
                deadline: 1_012,
                planned_return: 1_013,
                sessions_at_start: 1_014,
                role: Role::Operator,
                reason_role: Role::Contributor,
                deadline_role: Role::Authority,
                reason: Reason::new("rack 12, power").expect("it is short"),
                started_by: key(5),
                reason_by: key(6),
                deadline_by: key(7),
            },
            holds,
            ..DeviceHead::new(key(1), key(2), key(3), 1_000, 252)
        },
        code: "ams-dz001".to_owned(),
    }
}

pub fn session() -> Session {
    Session::new(key(1), key(2), key(3), 251, 1_000, -1)
}

pub fn disk_key() -> DiskKey {
    DiskKey {
        head: DiskKeyHead::new(key(1), key(2), key(3), [4; 32], 250, 1_000, 1_001),
        path: "/dev/disk/by-id/ä".to_owned(),
    }
}

/// Events under the names of their kinds.
pub fn events() -> [(&'static str, Event); 3] {
    let drain_started = Event {
        forced: true,
        from: 1,
        to: 2,
        sequence: 1_000,
        slot: 1_001,
        time: 1_002,
        related: key(3),
        reason: Reason::new("rack 12, power").expect("it is short"),
        ..Event::new(EventKind::DrainStarted, &key(1), &key(2), Role::Authority)
    };
    let hold_placed = Event {
        hold_kind: HoldKind::PendingTask,
        from: 7,
        to: 4_602,
        sequence: 1_001,
        slot: 1_001,
        time: 1_002,
        reason: Reason::new("backup of /var/log").expect("it is short"),
        ..Event::new(EventKind::HoldPlaced, &key(1), &key(2), Role::Agent)
    };
    let device_created = Event {
        to: 3,
        sequence: 1,
        slot: 1_001,
        time: 1_002,
        related: key(3),
        detail: [4; 32],
        ..Event::new(
            EventKind::DeviceCreated,
            &key(1),
            &key(2),
            Role::Contributor,
        )
    };
    [
        ("drain-started", drain_started),
        ("hold-placed", hold_placed),
        ("device-created", device_created),
    ]
}
