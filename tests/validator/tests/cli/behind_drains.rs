//! Drains of several devices behind a load balancer, one of whose nodes is some thirty slots behind.

use {
    crate::lab::{json, validator, Lab},
    ebb_validator_tests::{balancer, Behind},
    futures_util::future::join_all,
    serde_json::json,
};

/// The orders that are tried in which two nodes answer.
const RANDOM_ORDERS: [u64; 3] = [1, 2, 3];

/// Drains several devices in one transaction, brings them back, and drains them one after another.
async fn drain_several(behind: Behind) {
    let (lab, owner) = Lab::with_contributor().await;
    let codes = ["ams-dz001", "ams-dz002", "ams-dz003"];
    for code in codes {
        lab.device(&owner, "co01", code).await;
    }
    let url = balancer(validator().await.url(), behind).await.url();
    let (owner, codes) = (owner.through(url), codes.join(" "));
    for (line, from, to) in [
        (
            "device drain CODES --parallel 1 --detach --yes",
            "activated",
            "draining",
        ),
        ("device undrain CODES", "draining", "activated"),
        (
            "device drain CODES --rolling --max-parallel 2 --yes",
            "activated",
            "draining",
        ),
    ] {
        let line = line.replace("CODES", &codes);
        let run = owner.run(&line).await;
        assert_eq!(run.code, Some(0), "{line}: {run:#?}");
        assert!(!run.stderr.contains("another party"), "{line}: {run:#?}");
        let results = json(&run)["results"].clone();
        for at in 0..3 {
            let result = &results[at];
            assert_eq!(
                (
                    &result["from"],
                    &result["to"],
                    &result["changed"],
                    &result["error"]
                ),
                (&json!(from), &json!(to), &json!(true), &json!(null)),
                "{line}: {result}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_drains_are_what_their_receipts_prove() {
    tokio::join!(
        drain_several(Behind::EverySecond),
        drain_several(Behind::Always)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whichever_node_answers_nothing_older_than_the_receipts_is_reported() {
    join_all(RANDOM_ORDERS.map(|seed| drain_several(Behind::AtRandom(seed)))).await;
}
