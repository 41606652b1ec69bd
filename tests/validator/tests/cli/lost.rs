//! What no node has any more, as a server shows it.

use {
    crate::server::Server,
    ebb_validator_tests::{Ebb, Validator},
    serde_json::{json, Value},
};

/// Which sequences a device's history lacks, and whether they are lost.
fn gaps(history: &Value) -> Value {
    // Before the store is open there is no list.
    let gaps = history["gaps"].as_array().into_iter().flatten();
    let of = |gap: &Value| json!([gap["from"], gap["to"], gap["lost"]]);
    gaps.map(of).collect()
}

/// The validator has cut the fourth event of the device out of its logs, and then prunes those from the sixth on before a
/// server reads them.
pub async fn is_shown_by_a_server(validator: &mut Validator, ebb: &Ebb, device: &str) {
    let path = format!("/api/v1/devices/{device}/history");
    let server = Server::start(ebb, &[]).await;
    let cut = json!([[4, 4, false]]);
    server
        .until("all is read", &path, |_, history| {
            let events = history["events"].as_array().map(Vec::len);
            events == Some(4) && gaps(history) == cut
        })
        .await;
    // The whole history says the same, once it was compared with the accounts.
    let compared = |_, history: &Value| history["complete"] == false;
    let whole = server
        .until("the history is compared", "/api/v1/history", compared)
        .await;
    let holes = whole["gaps"].as_array().expect("a list").iter();
    let of = |hole: &Value| json!([hole["code"], hole["generation"], hole["from"], hole["to"]]);
    assert_eq!(holes.map(of).collect::<Value>(), json!([[device, 1, 4, 4]]));
    let history = server
        .until("what is read is final", &path, |_, history| {
            let events = history["events"].as_array().into_iter().flatten();
            let is_final = |event: &Value| event["final"] == true;
            events.filter(|event| is_final(event)).count() == 4
        })
        .await;
    server.until_metric("ebb_history_dead_letters 1").await;
    server.until_metric("ebb_history_lost_ranges 0").await;
    server.signal("KILL");
    server.end().await;

    for verb in ["drain", "undrain", "drain"] {
        let detach: &[&str] = match verb {
            "drain" => &["--detach", "--yes"],
            _ => &[],
        };
        ebb.json(&[&["device", verb, device], detach].concat())
            .await;
    }
    validator.prune();
    let server = Server::start(ebb, &[]).await;
    let lost = json!([[4, 4, true], [6, 8, true]]);
    let after = server
        .until("what is missing is lost", &path, |_, history| {
            gaps(history) == lost
        })
        .await;
    assert_eq!(after["complete"], false);
    // What was read before is kept.
    assert_eq!(after["events"], history["events"]);
    let state = server.get(&format!("/api/v1/devices/{device}")).await;
    assert_eq!(state["provisioning_status"], "draining");
    server.until_metric("ebb_history_lost_ranges 2").await;
    server.until_metric("ebb_history_gaps 0").await;

    let run = ebb.run(&["history", "verify", "--output", "json"]).await;
    assert_eq!(run.code, Some(1), "{run:#?}");
    let verdict: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let missing = verdict["missing"].as_array().expect("a list").iter();
    let missing = missing.map(|it| json!([it["code"], it["first"], it["last"], it["lost"]]));
    let expected = json!([[device, 4, 4, true], [device, 6, 8, true]]);
    assert_eq!(missing.collect::<Value>(), expected);
    // What happens from then on is read.
    ebb.json(&["device", "undrain", device]).await;
    let goes_on = |_, history: &Value| history["events"].as_array().map(Vec::len) == Some(5);
    let last = server.until("it goes on", &path, goes_on).await;
    assert_eq!(last["events"][4]["sequence"], 9);
    assert_eq!(gaps(&last), lost);
}
