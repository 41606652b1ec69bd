//! What is true of the program's accounts after every accepted transaction.

use {
    crate::Snapshot,
    ebb_sdk::state::{
        Contributor, Device, DiskKey, DrainRecord, HoldKind, HoldSlots, Location,
        ProvisioningStatus, Session,
    },
    solana_sdk::pubkey::Pubkey,
};

/// Recounts what accounts count and checks what each device's status promises.
pub fn check(accounts: &Snapshot) {
    let devices: Vec<(&Pubkey, Device)> = accounts.all::<Device>().collect();
    let sessions: Vec<Pubkey> = accounts
        .all::<Session>()
        .map(|(_, session)| session.device)
        .collect();
    let disk_keys: Vec<Pubkey> = accounts
        .all::<DiskKey>()
        .map(|(_, disk_key)| disk_key.head.device)
        .collect();

    for (address, location) in accounts.all::<Location>() {
        let here = |status: Option<ProvisioningStatus>| {
            devices
                .iter()
                .filter(|(_, device)| device.head.location == *address)
                .filter(|(_, device)| {
                    status.is_none_or(|status| device.head.provisioning_status == status)
                })
                .count()
        };
        assert_eq!(location.head.devices as usize, here(None));
        assert_eq!(
            location.head.activated as usize,
            here(Some(ProvisioningStatus::Activated))
        );
        assert_eq!(
            location.head.draining as usize,
            here(Some(ProvisioningStatus::Draining))
        );
    }

    for (address, contributor) in accounts.all::<Contributor>() {
        let owned = devices
            .iter()
            .filter(|(_, device)| device.head.contributor == *address)
            .count();
        assert_eq!(contributor.head.devices as usize, owned);
        assert!(contributor.head.registrations >= owned as u64);
    }

    for (address, device) in &devices {
        let on = |parents: &[Pubkey]| parents.iter().filter(|parent| parent == address).count();
        assert_eq!(device.head.sessions as usize, on(&sessions));
        assert_eq!(device.head.disk_keys as usize, on(&disk_keys));
        check_device(device);
    }
}

fn check_device(device: &Device) {
    use ProvisioningStatus::{Activated, Draining, Pending, Retired, Retiring};
    let head = &device.head;
    let status = head.provisioning_status;

    assert!(head.sessions <= head.max_sessions);
    assert!(head.disk_keys <= 32);
    assert_eq!(head.reserved, [0; 5]);
    assert_eq!(status == Draining, head.drain != DrainRecord::default());
    assert!(head.status_changed_sequence <= head.sequence);
    assert!(head.health_reported_sequence <= head.sequence);
    match status {
        Activated | Draining => {}
        Pending | Retiring | Retired => {
            assert_eq!(head.sessions, 0);
            assert_eq!(head.holds, HoldSlots::default());
        }
    }
    match status {
        Retiring => assert_ne!(head.disk_keys, 0),
        Retired => assert_eq!(head.disk_keys, 0),
        _ => {}
    }

    let mut ids: Vec<u32> = head
        .holds
        .iter()
        .filter(|hold| hold.kind != HoldKind::None)
        .map(|hold| hold.id)
        .collect();
    let held = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), held, "hold ids differ");
    assert!(ids.iter().all(|id| *id < head.next_hold_id));
}
