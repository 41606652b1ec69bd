//! Devices to show in tests.

use {
    super::Screen,
    crate::render::device::DeviceView,
    ebb_sdk::{
        client::Keyed,
        json::{ContributorJson, DeviceJson, LocationJson, RegistryJson},
        state::{
            Device, DeviceHead, DrainRecord, Hold, HoldKind, ProvisioningStatus, Reason, Registry,
        },
        Role,
    },
    solana_sdk::pubkey::Pubkey,
};

/// 2026-01-02T03:04:05Z
pub const NOW: i64 = 1_767_323_045;

/// Two minutes before now a drain of 96 sessions began, whose deadline is in 25 minutes and planned return in two hours.
pub fn drain() -> DrainRecord {
    let key = Pubkey::new_from_array([7; 32]);
    DrainRecord {
        started_at: NOW - 120,
        deadline: NOW + 1_500,
        planned_return: NOW + 7_200,
        sessions_at_start: 96,
        role: Role::Contributor,
        reason_role: Role::Contributor,
        deadline_role: Role::Contributor,
        reason: Reason::new("replace line card").unwrap(),
        started_by: key,
        reason_by: key,
        deadline_by: key,
        ..DrainRecord::default()
    }
}

/// A hold for an hour.
pub fn hold(id: u32, kind: HoldKind) -> Hold {
    Hold {
        expires_at: NOW + 3_600,
        id,
        kind,
        role: Role::Authority,
        placed_by: Pubkey::new_from_array([8; 32]),
        ..Hold::default()
    }
}

/// A device of co01 in its location, with 5 sessions of 128.
pub fn device(
    code: &str,
    status: ProvisioningStatus,
    edit: impl FnOnce(&mut DeviceHead),
) -> DeviceView {
    let key = Pubkey::new_from_array([1; 32]);
    let mut head = DeviceHead {
        provisioning_status: status,
        status_changed_at: NOW - 120,
        sessions: 5,
        max_sessions: 128,
        ..DeviceHead::new(key, key, key, 1, 255)
    };
    if status == ProvisioningStatus::Draining {
        head.drain = drain();
    }
    edit(&mut head);
    let found = Keyed {
        address: key,
        account: Device {
            head,
            code: code.to_owned(),
        },
    };
    let location = code.split('-').next().unwrap();
    DeviceView {
        device: DeviceJson::new(&found, "co01", location, NOW).into_owned(),
        now: NOW,
    }
}

/// A location of three devices that keeps so many activated.
pub fn location(code: &str, activated: u32, min_activated: u32) -> LocationJson {
    LocationJson {
        code: code.to_owned(),
        address: String::new(),
        name: format!("{} I", code.to_uppercase()),
        country: "NL".to_owned(),
        lat: 52.3,
        lng: 4.94,
        min_activated,
        devices: 3,
        activated,
        draining: 3 - activated,
        sequence: 1,
    }
}

/// The contributor co01.
pub fn contributor(suspended: bool) -> ContributorJson {
    ContributorJson {
        code: "co01".to_owned(),
        address: String::new(),
        authority: String::new(),
        nominee: None,
        operator: None,
        suspended,
        devices: 1,
        registrations: 1,
        sequence: 1,
    }
}

/// A registry of this policy.
pub fn registry(require_healthy: bool) -> RegistryJson {
    let key = Pubkey::new_from_array([9; 32]);
    RegistryJson::new(&ebb_sdk::ID, &Registry::new(key, key, require_healthy, 255))
}

/// A screen without colours that shows these.
pub fn screen(devices: Vec<DeviceView>) -> Screen {
    let mut screen = Screen::new("ledger", false);
    screen.take_devices(devices, 0, NOW);
    let locations = vec![location("ams", 2, 2), location("ld4", 3, 1)];
    screen.take_context(
        vec![contributor(false)],
        Some(registry(false)),
        locations,
        NOW,
    );
    screen
}
