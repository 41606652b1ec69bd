//! `ebb program`

use {
    crate::lab::{result, validator, Lab},
    ebb_validator_tests::Ebb,
    serde_json::json,
    solana_sdk::{
        pubkey::Pubkey,
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

#[tokio::test(flavor = "multi_thread")]
async fn a_program_key_that_pays_or_is_another_ones_is_a_mistake_of_the_command_line() {
    let payer = validator().await.funded().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("program.json");
    payer.write_to_file(&file).expect("the key is written");
    let file = file.to_str().expect("the path is UTF-8");
    let deploy = ["program", "deploy", "--program-keypair", file];
    let mistakes = [
        (payer.pubkey(), "cannot pay"),
        (Pubkey::new_unique(), "--program-id or EBB_PROGRAM_ID"),
    ];
    for (program_id, text) in mistakes {
        let ebb = Ebb::new(validator().await, &program_id, &payer);
        let run = ebb.run(&deploy).await;
        assert_eq!(run.code, Some(2), "{run:#?}");
        assert!(run.stderr.contains(text), "{text}: {run:#?}");
        assert!(!run.stderr.contains("uploading"), "{run:#?}");
    }
}
