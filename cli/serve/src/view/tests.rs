mod follow;
pub mod quiet;
mod refresh;
mod registry;

use {
    super::*,
    ebb_sdk::{
        client::{Keyed, Listing},
        state::{Device, DeviceHead, Location, LocationHead, ProvisioningStatus, Registry},
        EbbError,
    },
    solana_sdk::pubkey::Pubkey,
    std::{sync::Arc, time::Duration},
    tokio::time::Instant,
};

/// A device of a status.
pub fn device(code: &str, status: ProvisioningStatus) -> Keyed<Device> {
    let key = Pubkey::new_from_array([1; 32]);
    let mut head = DeviceHead::new(key, key, key, 1, 255);
    head.provisioning_status = status;
    let mut address = [0; 32];
    address[..code.len()].copy_from_slice(code.as_bytes());
    Keyed {
        address: Pubkey::new_from_array(address),
        account: Device {
            head,
            code: code.to_owned(),
        },
    }
}

/// A view of nothing.
fn none(read_at: Instant) -> View {
    View {
        version: 0,
        revision: 0,
        slot: 0,
        time: 0,
        read_at,
        newest_slot: 0,
        moved_at: read_at,
        devices: Arc::default(),
        contributors: Arc::default(),
        locations: Arc::default(),
        registry: None,
    }
}

/// A view of these devices. It shares all else with the one before, and the devices too where they are the same.
pub fn view(version: u64, before: Option<&View>, devices: Vec<Keyed<Device>>) -> View {
    let first = none(Instant::now());
    let before = before.unwrap_or(&first);
    let listing = Listing {
        items: devices,
        unreadable: vec![],
        slot: version,
    };
    let table = Table::new(listing, &before.devices);
    View {
        version,
        devices: if table.is_same(&before.devices) {
            Arc::clone(&before.devices)
        } else {
            table.into()
        },
        contributors: Arc::clone(&before.contributors),
        locations: Arc::clone(&before.locations),
        registry: before.registry,
        ..none(Instant::now())
    }
}

/// The same view, in which the device at an address cannot be read.
pub fn with_unreadable(view: View, address: Pubkey) -> View {
    let mut devices = Table::clone(&view.devices);
    devices.replace(address, Some(Err(EbbError::UnsupportedVersion)));
    View {
        devices: devices.into(),
        ..view
    }
}

/// Publishes a view, of slot ten times its version, of one device of a status.
pub fn publish(views: &Views, version: u64, status: ProvisioningStatus) {
    let before = views.newest();
    let view = view(version, before.as_deref(), vec![device("a", status)]);
    views.publish(View {
        slot: 10 * version,
        ..view
    });
}

use ProvisioningStatus::{Activated, Draining};

#[test]
fn lag_grows_by_a_slot_each_400_milliseconds() {
    let view = View {
        slot: 90,
        newest_slot: 100,
        ..none(Instant::now())
    };
    let slots = |milliseconds| view.lag_after(Duration::from_millis(milliseconds)).slots;
    assert_eq!(
        (slots(0), slots(399), slots(400), slots(4_000)),
        (10, 10, 11, 20)
    );
    assert_eq!(
        view.lag_after(Duration::from_secs(4)).time(),
        Duration::from_secs(8)
    );
}

#[test]
fn lag_counts_from_when_the_ledger_last_moved() {
    let read_at = Instant::now() + Duration::from_secs(60);
    let view = View {
        slot: 100,
        newest_slot: 100,
        moved_at: read_at - Duration::from_secs(40),
        ..none(read_at)
    };
    let lag = view.lag_after(Duration::from_secs(4));
    assert_eq!((lag.slots, lag.age), (110, Duration::from_secs(4)));
}

#[test]
fn what_changed_between_two_views() {
    let first = view(
        1,
        None,
        vec![
            device("a", Activated),
            device("b", Activated),
            device("c", Activated),
        ],
    );
    let second = view(
        2,
        Some(&first),
        vec![
            device("a", Activated),
            device("b", Draining),
            device("d", Activated),
        ],
    );
    let changes = Change::between(&first.devices, &second.devices);
    let found: Vec<(&str, bool, bool)> = changes
        .iter()
        .map(|it| {
            let device = it.after.as_ref().or(it.before.as_ref()).unwrap();
            let code = device.account.code.as_str();
            (code, it.before.is_some(), it.after.is_some())
        })
        .collect();
    assert_eq!(
        found,
        [("b", true, true), ("c", true, false), ("d", false, true)]
    );
}

#[test]
fn a_stream_goes_on_strictly_behind_its_position() {
    let views = Views::keeping(100);
    let versions = |after: u64, to| {
        let changes = views.changes(&views.position(after), to)?;
        Some(
            changes
                .iter()
                .map(|(version, _)| *version)
                .collect::<Vec<_>>(),
        )
    };
    views.publish(view(1, None, vec![device("a", Activated)]));
    for (version, status) in [(2, Draining), (3, Draining), (4, Activated)] {
        let before = views.newest();
        views.publish(view(version, before.as_deref(), vec![device("a", status)]));
    }
    // The third view is as the second.
    assert_eq!(versions(1, 4), Some(vec![2, 4]));
    assert_eq!(versions(1, 3), Some(vec![2]));
    assert_eq!(versions(2, 4), Some(vec![4]));
    assert_eq!(versions(4, 4), Some(vec![]));
    // Before the first view, and ahead of the newest.
    assert_eq!(versions(0, 4), None);
    assert_eq!(versions(5, 4), None);
    // Another server's.
    let foreign = Views::keeping(100).position(2);
    assert!(views.changes(&foreign, 4).is_none());
}

#[test]
fn a_position_is_text() {
    let position = Views::keeping(100).position(17);
    assert_eq!(position.to_string().parse(), Ok(position));
    for wrong in ["", "17", "x-17", "1-", "1-x"] {
        assert_eq!(wrong.parse::<Position>(), Err(()), "{wrong}");
    }
}

#[test]
fn a_stream_that_is_too_slow_loses_its_position() {
    let views = Views::keeping(2);
    views.publish(view(1, None, vec![device("a", Activated)]));
    for (version, status) in [(2, Draining), (3, Activated), (4, Draining)] {
        let before = views.newest();
        views.publish(view(version, before.as_deref(), vec![device("a", status)]));
    }
    assert!(views.changes(&views.position(1), 4).is_none());
    let kept = views.changes(&views.position(2), 4).unwrap();
    assert_eq!(
        kept.iter().map(|(version, _)| *version).collect::<Vec<_>>(),
        [3, 4]
    );
}

#[test]
fn a_location_that_changed_is_a_change_that_is_kept() {
    let views = Views::keeping(2);
    for (version, min_activated) in [(1, 0), (2, 1), (3, 1), (4, 2), (5, 3)] {
        let before = views.newest();
        let view = view(version, before.as_deref(), vec![]);
        let head = LocationHead::new(*b"NL", 0, 0, min_activated, 255);
        let (code, name) = ("ams".to_owned(), "Amsterdam".to_owned());
        let found = Keyed {
            address: Pubkey::new_from_array([2; 32]),
            account: Location { head, code, name },
        };
        let mut locations = Table::default();
        locations.add(found, &view.locations);
        let locations = Arc::new(locations);
        views.publish(View { locations, ..view });
    }
    let kept = views.changes(&views.position(2), 5).unwrap();
    let budgets = kept.iter().map(|(version, changes)| {
        let [location] = &changes.locations[..] else {
            panic!("{changes:?}");
        };
        (*version, location.account.head.min_activated)
    });
    // The third view is as the second.
    assert_eq!(budgets.collect::<Vec<_>>(), [(4, 2), (5, 3)]);
    // As many changes are kept as of devices.
    assert!(views.changes(&views.position(1), 5).is_none());
}

#[test]
fn a_registry_that_changed_is_a_change() {
    let views = Views::keeping(10);
    let registry =
        |require_healthy| Registry::new([1; 32].into(), [2; 32].into(), require_healthy, 255);
    for (version, require_healthy) in [(1, false), (2, true), (3, true)] {
        let before = views.newest();
        let view = view(version, before.as_deref(), vec![]);
        views.publish(View {
            registry: Some(Ok(registry(require_healthy))),
            ..view
        });
    }
    let kept = views.changes(&views.position(1), 3).unwrap();
    let policies = kept.iter().map(|(version, changes)| {
        assert_eq!(changes.count(), 1);
        (*version, changes.registry.unwrap().require_healthy)
    });
    assert_eq!(policies.collect::<Vec<_>>(), [(2, true)]);
}

/// The newest view's version and revision, and whether it was reported.
fn published(views: &Views, view: View) -> (u64, u64, bool) {
    let subscriber = views.subscribe();
    views.publish(view);
    let newest = views.newest().unwrap();
    let is_reported = subscriber.has_changed().unwrap();
    (newest.version, newest.revision, is_reported)
}

#[test]
fn a_view_is_reported_only_where_something_may_be_found_that_was_not() {
    let views = Views::keeping(100);
    let next = |version, time, status| {
        let before = views.newest();
        let view = view(version, before.as_deref(), vec![device("a", status)]);
        published(&views, View { time, ..view })
    };
    assert_eq!(next(1, 100, Activated), (1, 1, true));
    assert_eq!(next(2, 101, Activated), (2, 1, false));
    assert_eq!(next(3, 102, Draining), (3, 3, true));
    assert_eq!(next(4, 103, Draining), (4, 3, false));
    // One that cannot be read any more.
    let before = views.newest().unwrap();
    let mut unreadable = view(5, Some(&before), vec![device("a", Draining)]);
    let address = Pubkey::new_from_array([9; 32]);
    let error = ebb_sdk::EbbError::UnsupportedVersion;
    let mut locations = Table::clone(&unreadable.locations);
    locations.replace(address, Some(Err(error)));
    unreadable.locations = locations.into();
    assert_eq!(published(&views, unreadable), (5, 5, true));
}

#[test]
fn a_view_is_reported_when_the_time_passes_a_deadline_or_what_a_query_named() {
    let views = Views::keeping(100);
    let mut draining = device("a", Draining);
    draining.account.head.drain.deadline = 110;
    let next = |version, time| {
        let before = views.newest();
        let view = view(version, before.as_deref(), vec![draining.clone()]);
        published(&views, View { time, ..view })
    };
    assert_eq!(next(1, 100), (1, 1, true));
    assert_eq!(next(2, 109), (2, 1, false));
    assert_eq!(next(3, 110), (3, 3, true));
    assert_eq!(next(4, 111), (4, 3, false));

    let newest = views.newest().unwrap();
    views.renew_at(&newest, 120);
    views.renew_at(&newest, 115);
    views.renew_at(&newest, 130);
    assert_eq!(next(5, 114), (5, 3, false));
    assert_eq!(next(6, 115), (6, 6, true));
    // What is named is of the view in which it was found.
    views.renew_at(&newest, 117);
    assert_eq!(next(7, 118), (7, 6, false));
}
