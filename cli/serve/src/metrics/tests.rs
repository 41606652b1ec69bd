//! What is scraped of fleets: with an account that cannot be read, and with more devices than have series of their own.

use {
    super::*,
    crate::{
        ingest::History,
        view::tests::{device, view, with_unreadable},
    },
    ebb_sdk::{
        client::Keyed,
        state::{
            Device, Health,
            ProvisioningStatus::{self, Activated, Draining, Pending, Retiring},
        },
    },
    solana_sdk::pubkey::Pubkey,
};

/// What is scraped of a view by a server that gives so many devices series of their own.
fn scraped(view: View, device_series: usize) -> String {
    let history = History::none().now();
    let metrics = Metrics::new(device_series);
    let text = metrics.render(Some(view.into()), history, Traffic::default());
    text.unwrap()
}

#[test]
fn an_account_that_cannot_be_read_is_counted_and_takes_no_metric_of_another_away() {
    let fleet = vec![device("a", Activated), device("b", Draining)];
    let place = fleet[0].account.head.location;
    let broken = Pubkey::new_from_array([9; 32]);
    let text = scraped(with_unreadable(view(1, None, fleet), broken), 10);
    let fleet = |status| {
        format!("ebb_devices{{status=\"{status}\",health=\"unknown\",location=\"{place}\"}} 1")
    };
    for line in [
        "ebb_undecodable_accounts 1",
        &fleet("activated"),
        &fleet("draining"),
        "ebb_device_status{device=\"a\",status=\"activated\"} 1",
        "ebb_device_status{device=\"b\",status=\"draining\"} 1",
        "ebb_device_sessions{device=\"b\"} 0",
        "ebb_view_slot 0",
    ] {
        assert!(text.lines().any(|it| it == line), "{line}\n{text}");
    }
    assert!(text.ends_with("\n# EOF\n"), "{text}");
    assert!(!text.contains(&broken.to_string()), "{text}");
}

fn of_health(code: &str, status: ProvisioningStatus, health: Health) -> Keyed<Device> {
    let mut device = device(code, status);
    device.account.head.health = health;
    device
}

/// Asserts which devices of a fleet have series of their own, and how many have none.
#[track_caller]
fn are_chosen(device_series: usize, codes: &[&str], cut: usize, unwatched: usize) {
    let fleet = vec![
        of_health("a", Activated, Health::Healthy),
        of_health("b", Activated, Health::Unknown),
        of_health("c", Pending, Health::Dead),
        device("d", Retiring),
        of_health("e", Activated, Health::Unhealthy),
        of_health("f", Activated, Health::Dead),
        device("g", Draining),
    ];
    let text = scraped(view(1, None, fleet), device_series);
    let sessions = text.lines().filter_map(|line| {
        let of_device = line.strip_prefix("ebb_device_sessions{device=\"")?;
        of_device.split('"').next()
    });
    assert_eq!(sessions.collect::<Vec<_>>(), codes);
    for line in [
        format!("ebb_device_series_cut {cut}"),
        format!("ebb_unwatched_devices {unwatched}"),
    ] {
        assert!(text.lines().any(|it| it == line), "{line}\n{text}");
    }
}

#[test]
fn devices_that_an_alert_may_be_about_have_series_of_their_own_first() {
    are_chosen(7, &["d", "e", "f", "g", "a", "b", "c"], 0, 0);
    are_chosen(5, &["d", "e", "f", "g", "a"], 2, 0);
    are_chosen(3, &["d", "e", "f"], 4, 1);
    are_chosen(0, &[], 7, 4);
}
