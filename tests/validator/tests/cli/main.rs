//! The CLI on a validator.

mod contributor;
mod contributors;
mod device;
mod disk_key;
mod elsewhere;
mod failures;
mod lab;
mod location;
mod offline;
mod program;
mod registry;
mod session;
mod start;
mod verbs;

use {
    ebb_validator_tests::{preloaded, Ebb},
    serde_json::Value,
    solana_sdk::signer::Signer,
};

/// What a mutation of one device says of it.
fn result(output: &Value) -> &Value {
    let results = output["results"].as_array().expect("there are results");
    assert_eq!(results.len(), 1, "{output}");
    &results[0]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_drained() {
    let (mut validator, authority) = preloaded(&ebb_sdk::ID);
    validator.fund(&authority.pubkey()).await;
    let ebb = Ebb::new(&validator, &ebb_sdk::ID, &authority);
    let key = authority.pubkey().to_string();

    let nothing = ebb.run(&["device", "get", "ams-dz001"]).await;
    assert_eq!(nothing.code, Some(3), "{nothing:#?}");

    ebb.json(&["init"]).await;
    ebb.json(&["contributor", "create", "co01", "--authority", &key])
        .await;
    let place = [
        "--name",
        "Amsterdam",
        "--country",
        "NL",
        "--lat",
        "52.3",
        "--lng",
        "4.94",
    ];
    ebb.json(&[&["location", "create", "ams"][..], &place].concat())
        .await;
    let device = [
        "--type",
        "hybrid",
        "--public-ip",
        "195.219.138.50",
        "--max-sessions",
        "128",
    ];
    let owner = [
        "--contributor",
        "co01",
        "--location",
        "ams",
        "--agent",
        &key,
    ];
    let created = ebb
        .json(&[&["device", "create", "ams-dz001"][..], &device, &owner].concat())
        .await;
    assert_eq!(result(&created)["to"], "pending");
    let activated = ebb.json(&["device", "activate", "ams-dz001"]).await;
    assert_eq!(result(&activated)["to"], "activated");
    ebb.json(&["session", "open", "ams-dz001", "--user", &key])
        .await;

    let drain = [
        "device",
        "drain",
        "ams-dz001",
        "--reason",
        "rack power",
        "--detach",
        "--yes",
    ];
    let drained = ebb.json(&drain).await;
    assert_eq!(result(&drained)["from"], "activated");
    assert_eq!(result(&drained)["to"], "draining");
    assert_eq!(result(&drained)["changed"], true);
    let again = ebb.json(&drain).await;
    assert_eq!(result(&again)["changed"], false);

    let list = ebb.json(&["device", "list", "--status", "draining"]).await;
    let device = &list["devices"][0];
    assert_eq!(device["code"], "ams-dz001");
    assert_eq!(device["drain"]["reason"], "rack power");
    assert_eq!(
        (&device["sessions"], &device["drained"]),
        (&1.into(), &false.into())
    );

    // Who waits for it bears that the validator is away for a while.
    let wait = [
        "device",
        "drain",
        "ams-dz001",
        "--wait",
        "--yes",
        "--output",
        "json",
    ];
    let mut waiting = ebb.start(&wait);
    waiting.says("Watching ams-dz001").await;
    validator.kill();
    waiting.says("cannot reach").await;
    let list = ebb.run(&["device", "list"]).await;
    assert_eq!(list.code, Some(6), "{list:#?}");
    validator.restart();
    ebb.json(&["session", "close", "ams-dz001", "--user", &key])
        .await;
    let waited = waiting.end().await;
    assert_eq!(waited.code, Some(0), "{waited:#?}");
    let device = ebb.json(&["device", "get", "ams-dz001"]).await;
    assert_eq!(device["drained"], true);
}
