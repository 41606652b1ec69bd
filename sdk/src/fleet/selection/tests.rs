//! Which devices a selection takes.

use {
    super::*,
    crate::state::{Hold, HoldKind},
    ProvisioningStatus::{Activated, Draining},
};

fn device(status: ProvisioningStatus) -> DeviceHead {
    let key = Pubkey::new_from_array([1; 32]);
    let mut device = DeviceHead::new(key, key, key, 1, 255);
    device.provisioning_status = status;
    device.drain.started_at = 1_000;
    device
}

fn takes(selection: &Selection, device: &DeviceHead, now: i64) -> bool {
    selection.admits(device, None, now)
}

#[test]
fn no_option_takes_all() {
    for status in ProvisioningStatus::ALL {
        assert!(takes(&Selection::default(), &device(status), 0));
    }
}

#[test]
fn statuses_in_and_out() {
    let selection = Selection {
        status: vec![Activated, Draining],
        ..Selection::default()
    };
    assert!(takes(&selection, &device(Draining), 0));
    assert!(!takes(&selection, &device(ProvisioningStatus::Pending), 0));
    let selection = Selection {
        without_status: vec![Draining],
        ..Selection::default()
    };
    assert!(!takes(&selection, &device(Draining), 0));
    assert!(takes(&selection, &device(Activated), 0));
}

#[test]
fn what_drains_for_long() {
    let hour = Some(Duration::from_secs(3_600));
    let selection = Selection {
        draining_longer_than: hour,
        ..Selection::default()
    };
    assert!(!takes(&selection, &device(Draining), 4_600));
    assert!(takes(&selection, &device(Draining), 4_601));
    assert!(!takes(&selection, &device(Activated), 9_999));
}

#[test]
fn what_is_overdue() {
    let selection = Selection {
        overdue: true,
        ..Selection::default()
    };
    let mut late = device(Draining);
    late.drain.deadline = 2_000;
    late.sessions = 1;
    assert!(takes(&selection, &late, 2_000));
    assert!(!takes(&selection, &late, 1_999));
    late.sessions = 0;
    assert!(!takes(&selection, &late, 2_000));
    // Without a deadline only a planned return can pass, drained or not.
    late.drain.deadline = 0;
    assert!(!takes(&selection, &late, i64::MAX));
    late.drain.planned_return = 3_000;
    assert!(!takes(&selection, &late, 2_999));
    assert!(takes(&selection, &late, 3_000));
}

#[test]
fn what_is_blocked() {
    let selection = Selection {
        blocked: true,
        ..Selection::default()
    };
    let mut location = LocationHead::new(*b"NL", 0, 0, 1, 255);
    location.activated = 2;
    assert!(!selection.takes_at(&device(Activated), Some(&location), 0));
    location.activated = 1;
    assert!(selection.takes_at(&device(Activated), Some(&location), 0));

    let mut held = device(Draining);
    held.sessions = 5;
    assert!(!selection.takes_at(&held, Some(&location), 0));
    held.holds[0] = Hold {
        kind: HoldKind::PendingTask,
        expires_at: 10,
        ..Hold::default()
    };
    assert!(selection.takes_at(&held, Some(&location), 0));
    assert!(!selection.takes_at(&held, Some(&location), 10));
}

#[test]
fn the_ledger_filters_on_single_values() {
    let key = Pubkey::new_from_array([7; 32]);
    let selection = Selection {
        status: vec![Activated],
        contributor: vec![key],
        location: vec![key, key],
        ..Selection::default()
    };
    let filter = selection.for_ledger();
    assert_eq!(filter.status, Some(Activated));
    assert_eq!((filter.contributor, filter.location), (Some(key), None));
    let selection = Selection {
        overdue: true,
        ..Selection::default()
    };
    assert_eq!(selection.for_ledger().status, Some(Draining));
}

/// The moments at which time changes something, from `now` on.
fn moments(selection: &Selection, device: &DeviceHead, now: i64) -> Vec<i64> {
    let mut moments = vec![];
    let mut next = selection.next_moment(device, now);
    while let Some(at) = next {
        moments.push(at);
        next = selection.next_moment(device, at);
    }
    moments
}

#[test]
fn when_time_alone_changes_what_is_taken() {
    let mut device = device(Draining);
    device.drain.deadline = 2_000;
    device.drain.planned_return = 5_000;
    for (slot, expires_at) in [(0, 3_000), (1, 1_500)] {
        device.holds[slot] = Hold {
            kind: HoldKind::CriticalTraffic,
            expires_at,
            ..Hold::default()
        };
    }
    let all = Selection::default();
    assert_eq!(moments(&all, &device, 0), [1_500, 2_000, 3_000, 5_000]);
    assert_eq!(moments(&all, &device, 2_000), [3_000, 5_000]);

    let long = Selection {
        draining_longer_than: Some(Duration::from_secs(60)),
        ..Selection::default()
    };
    let at = moments(&long, &device, 0)[0];
    assert_eq!(at, 1_061);
    assert!(!takes(&long, &device, at - 1) && takes(&long, &device, at));

    device.provisioning_status = Activated;
    assert_eq!(moments(&long, &device, 0), [1_500, 3_000]);
    device.health = Health::Dead;
    device.health_reported_at = 4_000;
    assert_eq!(moments(&all, &device, 3_000), [4_060]);
    assert_eq!(all.next_moment(&device, 4_060), None);
}
