//! Lists: what they ask the validator for.

use {
    crate::fleet::Fleet,
    ebb_sdk::pda,
    ebb_validator_tests::{Exchange, Tap},
    serde_json::{json, Value},
    solana_sdk_ids::sysvar,
    std::collections::BTreeSet,
};

/// What a list asks for, and the codes that it shows.
async fn list(fleet: &Fleet, arguments: &[&str]) -> (Vec<Exchange>, Vec<String>) {
    let tap = Tap::new(fleet.validator.url(), |_, _| async { true }).await;
    let ebb = fleet.through(tap.url());
    let list = [&["device", "list"], arguments].concat();
    let devices = ebb.json(&list).await["devices"].clone();
    let devices = devices.as_array().expect("there are devices").iter();
    let codes = devices.map(|device| device["code"].as_str().expect("a code").to_owned());
    (tap.seen(), codes.collect())
}

/// The addresses of all accounts that were asked for one by one.
fn read(seen: &[Exchange]) -> BTreeSet<String> {
    let reads = seen.iter().filter(|it| it.method == "getMultipleAccounts");
    let addresses = reads.flat_map(|it| it.params[0].as_array().expect("addresses").clone());
    addresses
        .map(|address| address.as_str().expect("an address").to_owned())
        .collect()
}

fn listed(seen: &[Exchange]) -> &Exchange {
    let mut lists = seen.iter().filter(|it| it.method == "getProgramAccounts");
    let list = lists.next().expect("there is a list");
    assert_eq!(lists.count(), 0, "there is one list");
    list
}

#[tokio::test(flavor = "multi_thread")]
async fn the_validator_filters_and_no_device_is_read_by_itself() {
    let fleet = Fleet::new(15).await;
    let other = fleet.contributor("co02", "b", 9).await;
    let drain = ["device", "drain", "--yes", "--detach"];
    let mine = ["a-02", "a-07", "a-11"];
    fleet.owner.json(&[&drain[..], &mine].concat()).await;
    other.json(&[&drain[..], &["b-03"]].concat()).await;

    let (seen, codes) = list(&fleet, &["--status", "draining"]).await;
    assert_eq!(codes, ["a-02", "a-07", "a-11", "b-03"]);
    let methods: BTreeSet<&str> = seen.iter().map(|it| it.method.as_str()).collect();
    let expected = ["getMultipleAccounts", "getProgramAccounts", "getSlot"];
    assert_eq!(methods, BTreeSet::from(expected));
    let memcmp = |offset: usize, bytes: &str| json!({ "memcmp": { "offset": offset, "encoding": "base64", "bytes": bytes } });
    let asked = listed(&seen);
    let filters = json!([memcmp(0, "BA=="), memcmp(2, "Ag==")]);
    assert_eq!(asked.params[1]["filters"], filters);
    let sent = asked.result["value"].as_array().map(Vec::len);
    assert_eq!(sent, Some(4), "the validator sends what is shown");
    let named = [
        sysvar::clock::ID,
        pda::contributor(&fleet.program_id, "co01").0,
        pda::contributor(&fleet.program_id, "co02").0,
        pda::location(&fleet.program_id, "ams").0,
    ];
    assert_eq!(read(&seen), named.map(|it| it.to_string()).into());

    // As many requests for one device as for four.
    let (fewer, codes) = list(&fleet, &["--status", "draining", "--contributor", "co02"]).await;
    assert_eq!(codes, ["b-03"]);
    let sent = listed(&fewer).result["value"].as_array().map(Vec::len);
    assert_eq!(sent, Some(1));
    assert!(fewer.len() <= seen.len(), "{fewer:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_depends_on_the_time_passes_too() {
    let fleet = Fleet::new(6).await;
    let drain = ["device", "drain", "a-01", "a-04", "--yes", "--detach"];
    fleet.owner.json(&drain).await;
    fleet.hold("a-05").await;
    fleet.budget(0).await;
    let (seen, codes) = list(&fleet, &["--blocked"]).await;
    assert_eq!(codes, ["a-05"]);
    assert_eq!(
        listed(&seen).result["value"].as_array().map(Vec::len),
        Some(6)
    );
    let (seen, codes) = list(&fleet, &["--draining-longer-than", "7d"]).await;
    assert!(codes.is_empty(), "{codes:?}");
    let sent: Option<&Vec<Value>> = listed(&seen).result["value"].as_array();
    assert_eq!(sent.map(Vec::len), Some(2));
}
