//! The verbs that ask no cluster.

use crate::lab::Lab;

pub const VERBS: [&str; 7] = [
    "lifecycle",
    "completions",
    "man",
    "demo",
    "ledger-info",
    "ledger-airdrop",
    "ledger-reset",
];

#[tokio::test(flavor = "multi_thread")]
async fn verbs_of_the_embedded_ledger_say_that_a_cluster_is_none() {
    let lab = Lab::new().await;
    for line in ["ledger info", "ledger airdrop 1", "ledger reset --yes"] {
        let run = lab.authority.run(line).await;
        assert_eq!(run.code, Some(2), "{line}: {run:#?}");
        assert!(run.stderr.contains("names a cluster"), "{run:#?}");
    }
    let demo = lab.authority.run("demo").await;
    assert_eq!(demo.code, Some(2), "{demo:#?}");
    let rules = lab.authority.json("lifecycle").await;
    assert!(!rules["rules"].as_array().expect("a list").is_empty());
    for (line, text) in [("completions bash", "EBB_COMPLETE"), ("man", "drain")] {
        let run = lab.authority.run(line).await;
        assert_eq!(run.code, Some(0), "{line}: {run:#?}");
        assert!(run.stdout.contains(text), "{line}");
    }
    lab.ran(&VERBS).await;
}
