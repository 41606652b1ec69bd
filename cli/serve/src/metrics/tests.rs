//! What is scraped of a fleet with an account that cannot be read.

use {
    super::*,
    crate::{
        ingest::History,
        view::tests::{device, view, with_unreadable},
    },
    ebb_sdk::state::ProvisioningStatus::{Activated, Draining},
    solana_sdk::pubkey::Pubkey,
};

#[test]
fn an_account_that_cannot_be_read_is_counted_and_takes_no_metric_of_another_away() {
    let fleet = vec![device("a", Activated), device("b", Draining)];
    let place = fleet[0].account.head.location;
    let broken = Pubkey::new_from_array([9; 32]);
    let view = with_unreadable(view(1, None, fleet), broken);
    let history = History::away("no store").now();
    let metrics = Metrics::new(10);
    let text = metrics.render(Some(view.into()), history, Traffic::default());
    let text = text.unwrap();
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
