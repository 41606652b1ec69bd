//! Where accounts hold what can be garbled.

use {
    core::mem::{offset_of, size_of},
    ebb_sdk::state::{
        AccountType, ContributorHead, DeviceHead, DrainRecord, Hold, HoldReason, Reason, Registry,
    },
};

/// Where an account holds an enum or a bool, and how many values of it are known.
pub fn enums(kind: AccountType) -> Vec<(usize, u8)> {
    match kind {
        AccountType::Registry => vec![(offset_of!(Registry, require_healthy), 2)],
        AccountType::Contributor => vec![(offset_of!(ContributorHead, suspended), 2)],
        AccountType::Device => device_enums(),
        AccountType::Location | AccountType::Session | AccountType::DiskKey => Vec::new(),
    }
}

fn device_enums() -> Vec<(usize, u8)> {
    const ROLES: u8 = 7;
    let drain = offset_of!(DeviceHead, drain);
    let mut enums = vec![
        (offset_of!(DeviceHead, provisioning_status), 5),
        (offset_of!(DeviceHead, health), 4),
        (offset_of!(DeviceHead, health_reported_by), ROLES),
        (offset_of!(DeviceHead, device_type), 3),
        (drain + offset_of!(DrainRecord, role), ROLES),
        (drain + offset_of!(DrainRecord, reason_role), ROLES),
        (drain + offset_of!(DrainRecord, deadline_role), ROLES),
    ];
    for hold in holds() {
        enums.push((hold + offset_of!(Hold, kind), 3));
        enums.push((hold + offset_of!(Hold, role), ROLES));
    }
    enums
}

/// Where a device's holds begin.
fn holds() -> impl Iterator<Item = usize> {
    (0..8).map(|index| offset_of!(DeviceHead, holds) + index * size_of::<Hold>())
}

/// Where a device holds a short text, and its size with the length byte.
pub fn texts() -> Vec<(usize, usize)> {
    let drain = offset_of!(DeviceHead, drain) + offset_of!(DrainRecord, reason);
    let mut texts = vec![(drain, size_of::<Reason>())];
    texts.extend(holds().map(|hold| {
        let reason = hold + offset_of!(Hold, reason);
        (reason, size_of::<HoldReason>())
    }));
    texts
}

/// Where a string's length stands, in the order of an account's strings.
pub fn strings(kind: AccountType, data: &[u8]) -> Vec<usize> {
    let count = match kind {
        AccountType::Registry | AccountType::Session => 0,
        AccountType::Location => 2,
        AccountType::Contributor | AccountType::Device | AccountType::DiskKey => 1,
    };
    let mut at = kind.head_len();
    let mut strings = Vec::new();
    for _ in 0..count {
        strings.push(at);
        let len = data[at..at + 4].try_into().map(u32::from_le_bytes);
        at += 4 + len.expect("four bytes") as usize;
    }
    strings
}
