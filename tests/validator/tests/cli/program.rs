//! `ebb program`

use {
    crate::lab::{result, validator, Lab},
    ebb_validator_tests::Ebb,
    serde_json::json,
    solana_sdk::{
        signature::Keypair,
        signer::{EncodableKey, Signer},
    },
};

pub const VERBS: [&str; 2] = ["program-deploy", "program-show"];

#[tokio::test(flavor = "multi_thread")]
async fn the_program_is_deployed_and_shown() {
    let lab = Lab::new().await;
    let shown = lab.authority.json("program show").await;
    assert_eq!(shown["program_id"], lab.program_id.to_string());
    assert_eq!(shown["upgrade_authority"], lab.authority.key);
    assert_eq!(
        (&shown["same_build"], &shown["deployed_slot"]),
        (&json!(true), &json!(0))
    );
    lab.authority.changes_nothing("program deploy").await;

    let (key, owner) = (Keypair::new(), validator().await.funded().await);
    let ebb = Ebb::new(validator().await, &key.pubkey(), &owner);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("program.json");
    key.write_to_file(&file).expect("the key is written");
    let file = file.to_str().expect("the path is UTF-8");
    let absent = ebb.run(&["program", "show"]).await;
    assert_eq!(absent.code, Some(3), "{absent:#?}");
    let deploy = ["program", "deploy", "--program-keypair", file];
    let deployed = ebb.run(&deploy).await;
    assert_eq!(deployed.code, Some(0), "{deployed:#?}");
    // Off a terminal, each stage is one line.
    assert_eq!(deployed.stderr, "uploading\ninstalling\n");
    let again = result(&ebb.json(&deploy).await);
    assert_eq!(again["changed"], false);
    let shown = ebb.json(&["program", "show"]).await;
    assert_eq!(shown["upgrade_authority"], owner.pubkey().to_string());
    assert_eq!(shown["same_build"], true);
    assert_eq!(shown["sha256"], shown["cli_sha256"]);
    ebb.json(&["init"]).await;
    lab.ran(&VERBS).await;
}
