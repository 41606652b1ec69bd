//! Signals that come while transactions are on their way.

use {
    crate::lab::{json, validator, Lab, User},
    ebb_validator_tests::{until, Tap},
    serde_json::{json, Value},
};

const FILE: &str = "\
code,contributor,location,device_type,public_ip,max_sessions
ams-dz003,co01,ams,hybrid,195.219.138.50,128
ams-dz004,co01,ams,edge,195.219.138.51,64
";

/// Runs a command line whose transactions are sent and get no answer, until so many are on their way and a signal comes.
async fn cut_short(
    mut user: User,
    line: &str,
    transactions: usize,
    signal: &str,
) -> (Option<i32>, Value) {
    let tap = Tap::new(validator().await.url(), |method, _| {
        let is_sent = method == "sendTransaction";
        async move {
            if is_sent {
                std::future::pending::<()>().await;
            }
            true
        }
    })
    .await;
    user.ebb = user.ebb.through(tap.url());
    let running = user.start(line);
    until("the transactions are sent", || async {
        let seen = tap.seen();
        let mut sent: Vec<&Value> = seen
            .iter()
            .filter(|it| it.method == "sendTransaction")
            .map(|it| &it.params[0])
            .collect();
        sent.sort_by_key(|it| it.to_string());
        sent.dedup();
        sent.len() == transactions
    })
    .await;
    running.signal(signal);
    let run = running.end().await;
    (run.code, json(&run)["results"].clone())
}

fn messages(results: &Value) -> Vec<(&Value, &Value, &Value)> {
    let results = results.as_array().expect("there are results").iter();
    results
        .map(|it| (&it["code"], &it["signature"], &it["error"]["message"]))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_its_way_is_said() {
    let (lab, owner) = Lab::with_contributor().await;
    for code in ["ams-dz001", "ams-dz002"] {
        owner.registers(code, "co01").await;
    }
    let (code, results) = cut_short(
        lab.authority,
        "device activate ams-dz001 ams-dz002",
        2,
        "TERM",
    )
    .await;
    assert_eq!(code, Some(143), "{results}");
    let said = |code: &str| {
        json!(format!(
            "{code}: sent, and not known to be accepted: ended by SIGTERM"
        ))
    };
    assert_eq!(
        messages(&results),
        [
            (&json!("ams-dz001"), &Value::Null, &said("ams-dz001")),
            (&json!("ams-dz002"), &Value::Null, &said("ams-dz002")),
        ]
    );

    owner.ebb.file("devices.csv", FILE);
    let (code, results) = cut_short(owner, "device import devices.csv", 1, "INT").await;
    assert_eq!(code, Some(130), "{results}");
    let said = |code: &str, line| {
        json!(format!(
            "{code}: sent, and not known to be accepted: line {line}: interrupted"
        ))
    };
    assert_eq!(
        messages(&results),
        [
            (&json!("ams-dz003"), &Value::Null, &said("ams-dz003", 2)),
            (&json!("ams-dz004"), &Value::Null, &said("ams-dz004", 3)),
        ]
    );
}
