//! Steps on devices.

use {
    super::{
        aim, by,
        detail::{create, drain, place_hold, report, set_agent, update, update_drain},
        places, value, Act,
    },
    ebb_sdk::Role,
    ebb_tests::model::{
        state::{Device, Model, Stage, DEVICES, MAX_HOLDS},
        step::{Deed, DeviceDeed},
    },
    proptest::{
        sample::select,
        strategy::{BoxedStrategy, Just, Strategy},
    },
};

/// Users that connect, few enough to meet one that is connected.
const USERS: usize = 3;
/// Disks of a device, few enough to meet one whose key is registered.
const DISKS: usize = 3;

const AUTHORITY: &[Role] = &[Role::Authority];
const CONTRIBUTOR: &[Role] = &[Role::Contributor];
const OWNERS: &[Role] = &[Role::Contributor, Role::Authority];
const DRAINERS: &[Role] = &[Role::Contributor, Role::Operator, Role::Authority];
const HOLDERS: &[Role] = &[
    Role::Contributor,
    Role::Operator,
    Role::Authority,
    Role::Agent,
];
const CLOSERS: &[Role] = &[
    Role::Agent,
    Role::Agent,
    Role::Contributor,
    Role::Operator,
    Role::Authority,
];
const AGENT: &[Role] = &[Role::Agent];
const CONSENTING: &[Role] = &[Role::Agent, Role::Contributor];
const REPORTERS: &[Role] = &[Role::HealthOracle, Role::Authority, Role::Agent];
const CUSTODIAN: &[Role] = &[Role::Custodian];

/// Each with its weight.
pub fn acts(model: &Model) -> Vec<(u32, Act)> {
    let absent = (0..DEVICES).filter(|index| model.devices[*index].is_none());
    let (weight, index) = aim(50, absent.collect(), 0..DEVICES);
    let new = (index, create(model)).prop_map(|(index, deed)| Deed::Device(index, deed));
    let mut acts = vec![(weight, by(CONTRIBUTOR, new))];
    acts.extend(whole(model));
    acts.extend(parts(model));
    acts
}

/// On a device as a whole.
fn whole(model: &Model) -> Vec<(u32, Act)> {
    use DeviceDeed::{Activate, ReleaseHolds, Remove, Retire, Undrain};
    let on = |weight, roles, suits: fn(&Device) -> bool, deed: BoxedStrategy<DeviceDeed>| {
        let (weight, index) = aim(weight, places(&model.devices, suits), 0..DEVICES);
        let deed = (index, deed).prop_map(|(index, deed)| Deed::Device(index, deed));
        (weight, by(roles, deed))
    };
    let changeable = |device: &Device| is_pending(device) || device.is_drained();
    let leaving = |device: &Device| device.is_drained() || device.is_dead();
    let here = |device: &Device| !is_retired(device);
    vec![
        on(14, CONTRIBUTOR, changeable, update().boxed()),
        on(60, AUTHORITY, is_pending, Just(Activate).boxed()),
        on(26, DRAINERS, is_activated, drain().boxed()),
        on(12, DRAINERS, is_draining, update_drain().boxed()),
        on(14, DRAINERS, is_draining, Just(Undrain).boxed()),
        on(14, OWNERS, leaving, Just(Retire).boxed()),
        on(20, OWNERS, is_retired, Just(Remove).boxed()),
        on(10, OWNERS, here, set_agent().boxed()),
        on(24, REPORTERS, here, report().boxed()),
        on(40, HOLDERS, is_in_service, place_hold().boxed()),
        on(6, HOLDERS, is_in_service, Just(ReleaseHolds).boxed()),
    ]
}

/// On a device's holds, sessions and disk keys.
fn parts(model: &Model) -> Vec<(u32, Act)> {
    use DeviceDeed::{CloseSession, DestroyDiskKey, OpenSession, ReleaseHold};
    let on = |weight, parts: fn(&Device) -> Vec<usize>, most: usize| {
        aim(weight, pairs(model, parts), (0..DEVICES, 0..most))
    };
    let simple =
        |part: (u32, BoxedStrategy<(usize, usize)>), roles, deed: fn(usize) -> DeviceDeed| {
            let (weight, part) = part;
            let deed = part.prop_map(move |(index, part)| Deed::Device(index, deed(part)));
            (weight, by(roles, deed))
        };
    let (register_weight, free_disk) = on(20, free_disks, DISKS);
    let register = (free_disk, select(value::KEYS)).prop_map(|((index, disk), custodian)| {
        Deed::Device(index, DeviceDeed::RegisterDiskKey { disk, custodian })
    });
    let (reassign_weight, disk) = on(8, disks, DISKS);
    let reassign = (disk, value::key()).prop_map(|((index, disk), custodian)| {
        Deed::Device(index, DeviceDeed::ReassignCustodian { disk, custodian })
    });
    vec![
        simple(on(14, holds, MAX_HOLDS), HOLDERS, ReleaseHold),
        simple(on(44, free_users, USERS), AGENT, OpenSession),
        simple(on(30, connected_users, USERS), CLOSERS, CloseSession),
        (register_weight, by(CONSENTING, register)),
        simple(on(40, doomed_disks, DISKS), CUSTODIAN, DestroyDiskKey),
        (reassign_weight, by(AUTHORITY, reassign)),
    ]
}

/// Each device with each of these parts of it.
fn pairs(model: &Model, parts: fn(&Device) -> Vec<usize>) -> Vec<(usize, usize)> {
    let of = |(index, device): (usize, &Option<Device>)| {
        let parts = device.as_ref().map(parts).unwrap_or_default();
        parts.into_iter().map(move |part| (index, part))
    };
    model.devices.iter().enumerate().flat_map(of).collect()
}

fn is_pending(device: &Device) -> bool {
    matches!(device.stage, Stage::Pending)
}

fn is_activated(device: &Device) -> bool {
    matches!(device.stage, Stage::Activated)
}

fn is_draining(device: &Device) -> bool {
    matches!(device.stage, Stage::Draining(_))
}

fn is_in_service(device: &Device) -> bool {
    is_activated(device) || is_draining(device)
}

fn is_retired(device: &Device) -> bool {
    matches!(device.stage, Stage::Retired)
}

fn holds(device: &Device) -> Vec<usize> {
    let held = |place: &usize| device.holds[*place].is_some();
    (0..MAX_HOLDS).filter(held).collect()
}

fn connected_users(device: &Device) -> Vec<usize> {
    device.sessions.keys().copied().collect()
}

fn free_users(device: &Device) -> Vec<usize> {
    let free = |user: &usize| !device.sessions.contains_key(user);
    let open = is_activated(device);
    (0..USERS).filter(|user| open && free(user)).collect()
}

fn disks(device: &Device) -> Vec<usize> {
    device.disk_keys.keys().copied().collect()
}

fn free_disks(device: &Device) -> Vec<usize> {
    let free = |disk: &usize| !device.disk_keys.contains_key(disk);
    let open = is_pending(device) || is_in_service(device);
    (0..DISKS).filter(|disk| open && free(disk)).collect()
}

fn doomed_disks(device: &Device) -> Vec<usize> {
    match device.stage {
        Stage::Retiring => disks(device),
        _ => Vec::new(),
    }
}
