//! Which commands a device has, and what refuses them.

use {
    super::*,
    crate::{
        client::Keyed,
        lifecycle::OWNERS,
        state::{Device, Registry},
        value::MIN_DEAD_SECONDS,
    },
    ProvisioningStatus::{Activated, Draining, Pending, Retired, Retiring},
};

const NOW: i64 = 1_000;

fn found(head: DeviceHead) -> Keyed<Device> {
    Keyed {
        address: Pubkey::new_from_array([1; 32]),
        account: Device {
            head,
            code: "ams-dz001".to_owned(),
        },
    }
}

/// The commands of a device: each with what refuses it.
fn commands(head: DeviceHead, location: Option<&LocationJson>) -> Vec<(String, Vec<EbbError>)> {
    let found = found(head);
    let device = DeviceJson::new(&found, "co01", "ams", NOW);
    let commands = device.commands(None, None, location, NOW).into_iter();
    commands.map(|it| (it.arguments, it.refusals)).collect()
}

fn device(status: ProvisioningStatus) -> DeviceHead {
    let key = Pubkey::new_from_array([1; 32]);
    DeviceHead {
        provisioning_status: status,
        ..DeviceHead::new(key, key, key, 1, 255)
    }
}

fn line(command: &str, refusals: &[EbbError]) -> (String, Vec<EbbError>) {
    (command.to_owned(), refusals.to_vec())
}

fn location(activated: u32) -> LocationJson {
    LocationJson {
        code: "ams".to_owned(),
        address: String::new(),
        name: String::new(),
        country: String::new(),
        lat: 0.0,
        lng: 0.0,
        min_activated: 1,
        devices: activated,
        activated,
        draining: 0,
        sequence: 0,
    }
}

#[test]
fn what_each_status_allows() {
    let expected = [
        (
            Pending,
            vec![
                line("device activate ams-dz001", &[]),
                line("device retire ams-dz001", &[]),
            ],
        ),
        (Activated, vec![line("device drain ams-dz001", &[])]),
        (
            Draining,
            vec![
                line("device undrain ams-dz001", &[]),
                line("device retire ams-dz001", &[]),
                line("device drain ams-dz001 --update --deadline 1h", &[]),
            ],
        ),
        (
            Retiring,
            vec![
                line("device retire ams-dz001", &[EbbError::DiskKeysLeft]),
                line("disk-key destroy ams-dz001 --all", &[]),
            ],
        ),
        (Retired, vec![line("device remove ams-dz001", &[])]),
    ];
    for (status, expected) in expected {
        let mut head = device(status);
        head.disk_keys = u32::from(status == Retiring);
        assert_eq!(commands(head, None), expected, "{status}");
    }
}

#[test]
fn what_holds_and_budget_refuse() {
    let mut head = device(Activated);
    head.holds[0] = Hold {
        expires_at: NOW + 1,
        id: 4,
        kind: HoldKind::PendingTask,
        role: Role::Agent,
        ..Hold::default()
    };
    let drain = "device drain ams-dz001";
    let release = line("device release ams-dz001 4", &[]);
    assert_eq!(
        commands(head, Some(&location(1))),
        [
            line(drain, &[EbbError::LiveHold, EbbError::BudgetExceeded]),
            release.clone(),
        ]
    );
    assert_eq!(
        commands(head, Some(&location(2))),
        [line(drain, &[EbbError::LiveHold]), release.clone()]
    );
    head.provisioning_status = Draining;
    head.sessions = 2;
    assert_eq!(
        commands(head, Some(&location(1))),
        [
            line("device undrain ams-dz001", &[]),
            line(
                "device retire ams-dz001",
                &[EbbError::NotDrained, EbbError::PendingTask]
            ),
            line("device drain ams-dz001 --wait", &[]),
            line("device drain ams-dz001 --update --deadline 1h", &[]),
            release,
        ]
    );
    head.holds[0].expires_at = NOW;
    head.drain.deadline = NOW;
    assert_eq!(
        commands(head, None)[1..3],
        [
            line("device retire ams-dz001", &[EbbError::NotDrained]),
            line("device drain ams-dz001 --evict", &[]),
        ]
    );
}

#[test]
fn a_dead_device_is_retired_from_service_once_its_death_is_confirmed() {
    let mut head = device(Activated);
    head.health = Health::Dead;
    head.health_reported_at = NOW - MIN_DEAD_SECONDS + 1;
    let drain = line("device drain ams-dz001", &[]);
    let retire = "device retire ams-dz001";
    assert_eq!(
        commands(head, Some(&location(1))),
        [drain.clone(), line(retire, &[EbbError::DeathUnconfirmed])]
    );
    head.health_reported_at -= 1;
    assert_eq!(
        commands(head, Some(&location(1))),
        [drain, line(retire, &[])]
    );
}

#[test]
fn a_suspended_contributor_brings_no_device_back() {
    let found = found(device(Draining));
    let device = DeviceJson::new(&found, "co01", "ams", NOW);
    let contributor = |suspended| ContributorJson {
        code: "co01".to_owned(),
        address: String::new(),
        authority: String::new(),
        nominee: None,
        operator: None,
        suspended,
        devices: 1,
        registrations: 1,
        sequence: 1,
    };
    for (suspended, refusals) in [
        (false, vec![]),
        (true, vec![EbbError::ContributorSuspended]),
    ] {
        let commands = device.commands(Some(&contributor(suspended)), None, None, NOW);
        let refused: Vec<_> = commands
            .into_iter()
            .map(|it| (it.arguments, it.refusals))
            .collect();
        assert_eq!(
            refused,
            [
                line("device undrain ams-dz001", &refusals),
                line("device retire ams-dz001", &[]),
                line("device drain ams-dz001 --update --deadline 1h", &[]),
            ]
        );
    }
}

#[test]
fn under_the_policy_only_proven_health_brings_a_device_into_service() {
    let key = Pubkey::new_from_array([1; 32]);
    let registry = |require_healthy| {
        RegistryJson::new(&crate::ID, &Registry::new(key, key, require_healthy, 255))
    };
    let entering = |head, registry: Option<&RegistryJson>| {
        let found = found(head);
        let device = DeviceJson::new(&found, "co01", "ams", NOW);
        let commands = device.commands(None, registry, None, NOW);
        commands[0].refusals.clone()
    };
    let missing = [EbbError::HealthNotProven];
    for status in [Pending, Draining] {
        let mut head = device(status);
        head.health = Health::Healthy;
        head.health_reported_by = Role::HealthOracle;
        // Its last change of status came behind the report.
        (head.health_reported_sequence, head.status_changed_sequence) = (2, 3);
        assert_eq!(entering(head, Some(&registry(true))), missing, "{status}");
        assert_eq!(entering(head, Some(&registry(false))), [], "{status}");
        assert_eq!(entering(head, None), [], "{status}");
        head.health_reported_sequence = 4;
        assert_eq!(entering(head, Some(&registry(true))), [], "{status}");
        head.health_reported_by = Role::Agent;
        assert_eq!(entering(head, Some(&registry(true))), missing, "{status}");
    }
}

#[test]
fn json_without_a_proof_of_health_is_an_older_servers() {
    let found = found(device(Draining));
    let device = DeviceJson::new(&found, "co01", "ams", NOW);
    let mut json = serde_json::to_value(&device).unwrap();
    assert_eq!(
        json.as_object_mut().unwrap().remove("health_proven"),
        Some(serde_json::Value::Bool(false))
    );
    let read: DeviceJson<'static> = serde_json::from_value(json).unwrap();
    assert_eq!(read, device);
}

#[test]
fn who_signs_is_who_the_rules_name() {
    let found = found(device(Draining));
    let device = DeviceJson::new(&found, "co01", "ams", NOW);
    let commands = device.commands(None, None, None, NOW).into_iter();
    let roles: Vec<_> = commands.map(|it| (it.effect, it.roles)).collect();
    assert_eq!(
        roles,
        [
            ("bring it back into service", DRAINERS),
            ("take it out of service for good", OWNERS),
            ("move its deadline", DRAINERS),
        ]
    );
    let hostile = DeviceJson {
        code: "x; reboot".into(),
        ..device
    };
    assert_eq!(hostile.commands(None, None, None, NOW), []);
}

#[test]
fn an_account_and_its_json_are_overdue_alike() {
    for (sessions, deadline, planned_return) in [
        (0, 0, 0),
        (1, NOW, 0),
        (0, NOW, 0),
        (1, NOW + 1, 0),
        (0, 0, NOW),
        (1, 0, NOW + 1),
    ] {
        let mut head = device(Draining);
        head.sessions = sessions;
        (head.drain.deadline, head.drain.planned_return) = (deadline, planned_return);
        let found = found(head);
        let json = DeviceJson::new(&found, "co01", "ams", NOW);
        let case = (sessions, deadline, planned_return);
        assert_eq!(json.is_overdue(NOW), head.is_overdue(NOW), "{case:?}");
    }
}
