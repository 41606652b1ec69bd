//! `ebb serve` on a cluster, which reports changes by itself and may be away.

use {
    crate::server::{Events, Server},
    ebb_validator_tests::{preloaded, until, Ebb, Network},
    serde_json::{json, Value},
    solana_sdk::signer::Signer,
    std::time::Duration,
    tokio::time::{sleep_until, Instant},
};

pub const VERBS: [&str; 1] = ["serve"];

const DEVICE: &str = "ams-dz001";
/// How long the cluster is away: longer than whatever is tried again at once.
const AWAY: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_is_heard_and_a_cluster_that_is_away_is_served_as_it_was() {
    let (mut validator, authority) = preloaded(&ebb_sdk::ID);
    let network = Network::found(&validator, &ebb_sdk::ID, &authority).await;
    let device = network.device(DEVICE).await;
    validator.fund(&device.owner.pubkey()).await;
    let owner = Ebb::new(&validator, &ebb_sdk::ID, &device.owner);
    // So seldom that nothing is heard but what the cluster reports.
    let mut server = Server::start(&owner, &["--interval", "1h", "--no-history"]).await;
    let mut keeper = Server::start(&owner, &["--max-lag", "5s"]).await;
    let path = format!("/api/v1/devices/{DEVICE}");
    let first = server.get(&path).await;
    assert_eq!(first["provisioning_status"], "activated");
    let history = format!("{path}/history");
    keeper.until_complete(&history, 2).await;
    // A device's own history may be read before the others'.
    let is_all = |_, all: &Value| all["events"].as_array().map(Vec::len) == Some(5);
    let before = keeper
        .until("everything is read", "/api/v1/history", is_all)
        .await;
    let after = before["cursor"].as_str().expect("a cursor");
    let happened = format!("/api/v1/history/events?after={after}");
    let mut happened = Events::of(&keeper, &happened).await;
    keeper.until_status("/readyz", 200).await;

    let mut changes = Events::of(&server, "/api/v1/events").await;
    let drained = owner
        .run(&[
            "device", "drain", DEVICE, "--yes", "--detach", "--until", "10s",
        ])
        .await;
    assert_eq!(drained.code, Some(0), "{drained:#?}");
    assert_eq!(changes.next().await["provisioning_status"], "draining");
    assert_eq!(happened.next().await["event"], "drain-started");
    let second = server.get(&path).await;
    // The planned return passes, and nothing else happens.
    let overdue = format!("{}/api/v1/devices?overdue", server.url());
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
    assert!(server.counted(requests, listed).await >= 6);
    assert_eq!(server.counted(requests, unreachable).await, 0);
    assert_eq!(server.counted(reconnects, "").await, 0);

    let killed = Instant::now();
    validator.kill();
    for server in [&mut server, &mut keeper] {
        server.says("serving what was read before").await;
    }
    let lag = |document: &Value| document["lag_slots"].as_u64();
    let away = server.get(&path).await;
    assert_eq!(away["provisioning_status"], "draining");
    until("the lag grows", || async {
        lag(&server.get(&path).await) > lag(&away)
    })
    .await;
    assert!(server.counted(requests, unreachable).await >= 1);
    let stale = keeper.until_status("/readyz", 503).await;
    let detail = stale["detail"].as_str().expect("a detail");
    assert!(detail.starts_with("the view lags by "), "{detail}");
    assert!(detail.ends_with("at most 5 s are allowed"), "{detail}");
    assert_eq!(keeper.get(&path).await["provisioning_status"], "draining");
    assert_eq!(keeper.get("/healthz").await["status"], "ok");

    sleep_until(killed + AWAY).await;
    let still = server.get(&path).await;
    assert_eq!(still["provisioning_status"], "draining");
    assert!(lag(&still) > lag(&away), "{still}");

    validator.restart();
    for server in [&mut server, &mut keeper] {
        server.says("the ledger can be read again").await;
    }
    let undrained = owner.run(&["device", "undrain", DEVICE]).await;
    assert_eq!(undrained.code, Some(0), "{undrained:#?}");
    until("the server catches up", || async {
        server.get(&path).await["provisioning_status"] == "activated"
    })
    .await;
    keeper.until_status("/readyz", 200).await;
    assert_eq!(happened.next().await["event"], "device-undrained");
    let served = keeper.until_complete(&history, 4).await;
    let walked = owner.json(&["device", "history", DEVICE]).await;
    let steps = |history: &Value| -> Vec<Value> {
        let events = history["events"].as_array().expect("a list").iter();
        let of = |event: &Value| json!([event["sequence"], event["event"], event["signature"]]);
        events.map(of).collect()
    };
    assert_eq!(steps(&served), steps(&walked));
    // The stream had each event once: registry, location, contributor, and the device's four.
    let cursor = served["cursor"].as_str().expect("a cursor");
    assert!(cursor.ends_with("-7"), "{cursor}");

    until("the websocket is connected anew", || async {
        server.counted(reconnects, "").await >= 1
    })
    .await;

    for server in [server, keeper] {
        server.signal("TERM");
        let ended = server.end().await;
        assert_eq!(ended.code, Some(143), "{ended:#?}");
    }
}
