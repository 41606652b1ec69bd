//! `ebb serve` on a cluster, which reports changes by itself and may be away.

use {
    ebb_validator_tests::{preloaded, until, Ebb, Network},
    serde_json::Value,
    solana_sdk::signer::Signer,
};

pub const VERBS: [&str; 1] = ["serve"];

const DEVICE: &str = "ams-dz001";

/// The JSON of a path that answers 200.
pub async fn get(url: &str, path: &str) -> Value {
    let response = reqwest::get(format!("{url}{path}")).await;
    let response = response.expect("the server answers");
    assert_eq!(response.status(), 200, "{path}");
    response.json().await.expect("it is JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_is_heard_and_a_cluster_that_is_away_is_served_as_it_was() {
    let (mut validator, authority) = preloaded(&ebb_sdk::ID);
    let network = Network::found(&validator, &ebb_sdk::ID, &authority).await;
    let device = network.device(DEVICE).await;
    validator.fund(&device.owner.pubkey()).await;
    let owner = Ebb::new(&validator, &ebb_sdk::ID, &device.owner);
    // So seldom that nothing is heard but what the cluster reports.
    let mut server = owner.start(&["serve", "--listen", "127.0.0.1:0", "--interval", "1h"]);
    server.says("serving on ").await;
    let url = server.said().trim().replace("serving on ", "");
    let path = format!("/api/v1/devices/{DEVICE}");
    let first = get(&url, &path).await;
    assert_eq!(first["provisioning_status"], "activated");

    let events = reqwest::get(format!("{url}/api/v1/events")).await;
    let mut events = events.expect("the server answers");
    let drained = owner
        .run(&["device", "drain", DEVICE, "--yes", "--detach"])
        .await;
    assert_eq!(drained.code, Some(0), "{drained:#?}");
    let mut heard = String::new();
    while !heard.contains("\"provisioning_status\":\"draining\"") {
        let chunk = events.chunk().await.expect("the stream goes on");
        heard.push_str(&String::from_utf8_lossy(&chunk.expect("there is more")));
    }
    let second = get(&url, &path).await;
    assert!(second["slot"].as_u64() >= first["slot"].as_u64());

    validator.kill();
    server.says("serving what was read before").await;
    let lag = |document: &Value| document["lag_slots"].as_u64();
    let away = get(&url, &path).await;
    assert_eq!(away["provisioning_status"], "draining");
    until("the lag grows", || async {
        lag(&get(&url, &path).await) > lag(&away)
    })
    .await;
    validator.restart();
    server.says("the ledger can be read again").await;
    let undrained = owner.run(&["device", "undrain", DEVICE]).await;
    assert_eq!(undrained.code, Some(0), "{undrained:#?}");
    until("the server catches up", || async {
        get(&url, &path).await["provisioning_status"] == "activated"
    })
    .await;

    server.signal("TERM");
    let ended = server.end().await;
    assert_eq!(ended.code, Some(143), "{ended:#?}");
}
