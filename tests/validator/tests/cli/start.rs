//! A validator that has only just started.

use {
    ebb_validator_tests::{until, Ebb, Options, Validator},
    solana_sdk::{signature::Keypair, signer::Signer},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_cannot_be_called_yet_is_waited_for() {
    let authority = Keypair::new();
    let key = authority.pubkey();
    let options = Options::default().program(&ebb_sdk::ID, &key).mint(&key);
    let validator = Validator::start_only(options);
    let ebb = Ebb::new(&validator, &ebb_sdk::ID, &authority);
    until("it answers", || async {
        ebb.run(&["program", "show"]).await.code != Some(6)
    })
    .await;
    // That is in the slot that has the program from the start.
    ebb.json(&["init"]).await;
    let registry = ebb.json(&["registry", "get"]).await;
    assert_eq!(registry["authority"], key.to_string());
}
