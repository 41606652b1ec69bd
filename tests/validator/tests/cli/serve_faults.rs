//! `ebb serve` where the cluster reports nothing, answers with old states, or stands still.

use {
    crate::{
        lab::{validator, Lab, User},
        server::{Events, Server},
    },
    ebb_validator_tests::{balancer, until, Behind, Tap, Wire},
    futures_util::future::join_all,
    serde_json::{json, Value},
    std::{future::ready, time::Duration},
    tokio::time::sleep,
};

const DEVICE: &str = "ams-dz001";
const PATH: &str = "/api/v1/devices/ams-dz001";
const HISTORY: &str = "/api/v1/devices/ams-dz001/history";

/// An activated device and its owner.
async fn with_device() -> (Lab, User) {
    let (lab, owner) = Lab::with_contributor().await;
    lab.device(&owner, "co01", DEVICE).await;
    (lab, owner)
}

/// A server of a new user's, which asks the cluster by another URL.
async fn serve(lab: &Lab, url: String, options: &[&str]) -> (User, Server) {
    let user = lab.user().await.through(url);
    let server = Server::start(&user.ebb, options).await;
    (user, server)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_mute_websocket_does_not_report_is_read_all_the_same() {
    let (lab, owner) = with_device().await;
    let wire = Wire::to(&validator().await.url()).await;
    let (_user, server) = serve(&lab, wire.url(), &[]).await;
    server.until_complete(HISTORY, 2).await;
    // A device's own history may be read before the others'.
    let is_complete = |_, all: &Value| all["complete"] == true;
    let all = server
        .until("everything is read", "/api/v1/history", is_complete)
        .await;
    let after = all["cursor"].as_str().expect("a cursor");
    let happened = format!("/api/v1/history/events?after={after}");
    let mut happened = Events::of(&server, &happened).await;
    let mut changes = Events::of(&server, "/api/v1/events").await;
    until("the cluster reports", || async { wire.reported().0 > 0 }).await;
    let drain = format!("device drain {DEVICE} --detach --yes");
    owner.changes(&drain).await;
    assert_eq!(changes.next().await["provisioning_status"], "draining");
    assert_eq!(happened.next().await["event"], "drain-started");

    wire.mute();
    owner.changes(&format!("device undrain {DEVICE}")).await;
    assert_eq!(changes.next().await["provisioning_status"], "activated");
    assert_eq!(happened.next().await["event"], "device-undrained");
    until("a report was held back", || async { wire.reported().1 > 0 }).await;
    server.until_complete(HISTORY, 4).await;
}

/// Asks a server again and again until the device has got so far. No answer is older than one before it.
async fn is_followed(server: &Server, sequence: u64) {
    let mut last = (0, 0);
    while last.1 < sequence {
        let device = server.get(PATH).await;
        let at = |key: &str| device[key].as_u64().expect("a number");
        let now = (at("slot"), at("sequence"));
        assert!(now.0 >= last.0 && now.1 >= last.1, "{last:?}, {now:?}");
        last = now;
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_balancer_no_answer_is_older_than_the_one_before() {
    let (lab, owner) = with_device().await;
    let orders = [Behind::EverySecond, Behind::AtRandom(1)];
    let through = async |behind| {
        let url = balancer(validator().await.url(), behind).await.url();
        serve(&lab, url, &[]).await
    };
    let servers = join_all(orders.map(through)).await;
    let mut streams = vec![];
    for (_, server) in &servers {
        server.until_complete(HISTORY, 2).await;
        streams.push(Events::of(server, "/api/v1/events").await);
    }
    let steps = async {
        for _ in 0..2 {
            let drain = format!("device drain {DEVICE} --detach --yes");
            owner.changes(&drain).await;
            owner.changes(&format!("device undrain {DEVICE}")).await;
        }
    };
    let followers = join_all(servers.iter().map(|(_, server)| is_followed(server, 6)));
    tokio::join!(steps, followers);
    for (stream, (_, server)) in streams.iter_mut().zip(&servers) {
        let mut last = 2;
        while last < 6 {
            let sequence = stream.next().await["sequence"].as_u64();
            assert!(sequence > Some(last), "{last}, {sequence:?}");
            last = sequence.expect("a number");
        }
        let history = server.until_complete(HISTORY, 6).await;
        let events = history["events"].as_array().expect("a list").iter();
        let sequences: Vec<_> = events.map(|event| event["sequence"].as_u64()).collect();
        assert_eq!(sequences, [1, 2, 3, 4, 5, 6].map(Some));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_stands_still_is_stale() {
    let (lab, _) = with_device().await;
    let tap = Tap::new(validator().await.url(), |_, _| ready(true)).await;
    let (_user, server) = serve(&lab, tap.url(), &["--max-lag", "5s", "--no-history"]).await;
    server.until_status("/readyz", 200).await;
    tap.freeze();
    let stale = server.until_status("/readyz", 503).await;
    let detail = stale["detail"].as_str().expect("a detail");
    assert!(detail.starts_with("the view lags by "), "{detail}");
    // It answers, and so it is read again and again.
    let device = server.get(PATH).await;
    assert_eq!(device["provisioning_status"], "activated");
    assert!(device["lag_slots"].as_u64() > Some(12), "{device}");
    let failed = "ebb_view_readings_total{result=\"failed\"}";
    let metrics = server.metrics().await;
    let is_failure = |line: &str| line.starts_with(failed) && !line.ends_with(" 0");
    assert!(!metrics.lines().any(is_failure), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_reported_is_served_without_reading_all_accounts() {
    let (lab, owner) = with_device().await;
    let user = lab.user().await;
    // So seldom that nothing is heard but what the cluster reports.
    let server = Server::start(&user.ebb, &["--interval", "1h", "--no-history"]).await;
    let (requests, listed) = ("ebb_rpc_requests_total{", r#"method="getProgramAccounts""#);
    // At the start, and once all that follows is reported.
    until("all accounts are read", || async {
        server.counted(requests, listed).await >= 6
    })
    .await;
    let before = server.counted(requests, listed).await;
    let mut changes = Events::of(&server, "/api/v1/events").await;
    let drain = format!("device drain {DEVICE} --detach --yes");
    owner.changes(&drain).await;
    assert_eq!(changes.next().await["provisioning_status"], "draining");
    owner
        .changes(&format!("device retire {DEVICE} --yes"))
        .await;
    assert_eq!(changes.next().await["provisioning_status"], "retired");
    owner
        .changes(&format!("device remove {DEVICE} --yes"))
        .await;
    let removed = changes.next().await;
    assert_eq!(removed["code"], DEVICE);
    assert!(removed.get("provisioning_status").is_none(), "{removed}");
    lab.device(&owner, "co01", DEVICE).await;
    let created = changes.next().await;
    assert_eq!(created["code"], DEVICE);
    assert_eq!(created["generation"], 2);
    // The registry is reported like any other account, and need not be looked up.
    let looked_up = r#"method="getMultipleAccounts""#;
    let lookups = server.counted(requests, looked_up).await;
    let policy = "registry set-policy --require-healthy true";
    lab.authority.changes(policy).await;
    let slot = validator().await.client().get_slot().await;
    let slot = slot.expect("it answers");
    server
        .until("the slot goes on", PATH, |_, device| {
            device["slot"].as_u64() > Some(slot)
        })
        .await;
    assert_eq!(server.counted(requests, looked_up).await, lookups);
    let registry = server.get("/api/v1/registry").await;
    assert_eq!(registry["require_healthy"], true);
    let followed = server.get(PATH).await;
    assert!(followed["lag_slots"].as_u64() < Some(25), "{followed}");
    assert_eq!(server.counted(requests, listed).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_without_transactions_makes_the_history_stand_still_and_nothing_else() {
    let (lab, owner) = with_device().await;
    let tap = Tap::new(validator().await.url(), |_, _| ready(true)).await;
    let (_user, mut server) = serve(&lab, tap.url(), &[]).await;
    server.until_complete(HISTORY, 2).await;
    let message = "Transaction history is not available from this node";
    let error = json!({"code": -32011, "message": message});
    tap.refuse(Some(("getSignaturesForAddress", error)));
    let reason = format!("{} answered: {message} (-32011)", tap.url());
    let warning = format!("warning: the history stands still: {reason}");
    server.says(&warning).await;
    let drain = format!("device drain {DEVICE} --detach --yes");
    owner.changes(&drain).await;
    server
        .until("the drain is served", PATH, |_, device| {
            device["provisioning_status"] == "draining"
        })
        .await;
    let whole = server.get("/api/v1/history").await;
    assert_eq!(
        (&whole["problem"], &whole["complete"]),
        (&json!(reason), &Value::Null)
    );
    let history = server.get(HISTORY).await;
    assert_eq!(history["problem"], json!(reason));
    // What was read before is there, and what happened since is named.
    assert_eq!(history["events"].as_array().map(Vec::len), Some(2));
    let gap = json!([{"registration": 1, "from": 3, "to": 3, "lost": false}]);
    assert_eq!(
        (&history["complete"], &history["gaps"]),
        (&json!(false), &gap)
    );

    tap.refuse(None);
    server.says("the history can be read again").await;
    let history = server.until_complete(HISTORY, 3).await;
    assert_eq!(history["problem"], Value::Null);
    let all = |_, all: &Value| all["complete"] == true;
    server.until("all is read", "/api/v1/history", all).await;
}
