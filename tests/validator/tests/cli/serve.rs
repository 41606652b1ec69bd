//! `ebb serve` on a cluster, which reports changes by itself and may be away.

use {
    ebb_validator_tests::{preloaded, until, Ebb, Network},
    serde_json::Value,
    solana_sdk::signer::Signer,
};

pub const VERBS: [&str; 1] = ["serve"];

const DEVICE: &str = "ams-dz001";

/// What the series of a metric whose labels contain this count together.
async fn counted(url: &str, metric: &str, labels: &str) -> u64 {
    let response = reqwest::get(format!("{url}/metrics")).await;
    let text = response.expect("the server answers").text().await;
    let text = text.expect("it is text");
    let lines = text.lines().filter_map(|line| line.rsplit_once(' '));
    let series = lines.filter(|(name, _)| name.starts_with(metric) && name.contains(labels));
    series
        .map(|(_, value)| value.parse::<u64>().expect("a count"))
        .sum()
}

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
        .run(&[
            "device", "drain", DEVICE, "--yes", "--detach", "--until", "10s",
        ])
        .await;
    assert_eq!(drained.code, Some(0), "{drained:#?}");
    let mut heard = String::new();
    while !heard.contains("\"provisioning_status\":\"draining\"") {
        let chunk = events.chunk().await.expect("the stream goes on");
        heard.push_str(&String::from_utf8_lossy(&chunk.expect("there is more")));
    }
    let second = get(&url, &path).await;
    // The planned return passes, and nothing else happens.
    let overdue = format!("{url}/api/v1/devices?overdue");
    let none = reqwest::get(&overdue).await.expect("the server answers");
    let etag = none.headers()["etag"].clone();
    let none: Value = none.json().await.expect("it is JSON");
    assert_eq!(none["devices"], Value::Array(vec![]));
    let wait = reqwest::Client::new().get(format!("{overdue}&wait=60s"));
    let passed = wait.header("if-none-match", etag).send().await;
    let passed: Value = passed
        .expect("the server answers")
        .json()
        .await
        .expect("it is JSON, as something changed");
    assert_eq!(passed["devices"][0]["code"], DEVICE);
    assert!(second["slot"].as_u64() >= first["slot"].as_u64());

    let (requests, reconnects) = ("ebb_rpc_requests_total{", "ebb_websocket_reconnects_total");
    let (listed, unreachable) = (
        r#"method="getProgramAccounts",result="ok""#,
        r#"result="unreachable""#,
    );
    // Devices, contributors and locations, twice at least.
    assert!(counted(&url, requests, listed).await >= 6);
    assert_eq!(counted(&url, requests, unreachable).await, 0);
    assert_eq!(counted(&url, reconnects, "").await, 0);

    validator.kill();
    server.says("serving what was read before").await;
    let lag = |document: &Value| document["lag_slots"].as_u64();
    let away = get(&url, &path).await;
    assert_eq!(away["provisioning_status"], "draining");
    until("the lag grows", || async {
        lag(&get(&url, &path).await) > lag(&away)
    })
    .await;
    assert!(counted(&url, requests, unreachable).await >= 1);
    validator.restart();
    server.says("the ledger can be read again").await;
    let undrained = owner.run(&["device", "undrain", DEVICE]).await;
    assert_eq!(undrained.code, Some(0), "{undrained:#?}");
    until("the server catches up", || async {
        get(&url, &path).await["provisioning_status"] == "activated"
    })
    .await;

    until("the websocket is connected anew", || async {
        counted(&url, reconnects, "").await >= 1
    })
    .await;

    server.signal("TERM");
    let ended = server.end().await;
    assert_eq!(ended.code, Some(143), "{ended:#?}");
}
