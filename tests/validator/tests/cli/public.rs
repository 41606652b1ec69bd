//! The clusters that everybody uses.

use {
    ebb_validator_tests::{preloaded, Ebb, Tap},
    solana_sdk::signer::Signer,
    std::future::ready,
};

const DEVNET: &str = "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_to_the_development_id_unless_it_is_named() {
    let (validator, authority) = preloaded(&ebb_sdk::ID);
    let tap = Tap::new(validator.url(), |_, _| ready(true)).await;
    tap.claim_genesis(DEVNET);
    let ebb = |key| Ebb::new(&validator, &ebb_sdk::ID, key).through(tap.url());
    let unnamed = ebb(&authority).without_program_id();
    let asked = |method: &str| tap.seen().iter().filter(|it| it.method == method).count();
    validator.fund(&authority.pubkey()).await;

    let text = format!(
        "error: the private key of the development id {} is public, so on devnet the program there may be anybody's\n",
        ebb_sdk::ID
    );
    for verb in [&["init"][..], &["program", "deploy"]] {
        let before = asked("getGenesisHash");
        let refused = unnamed.run(verb).await;
        assert_eq!(refused.code, Some(2), "{refused:#?}");
        assert!(refused.stderr.starts_with(&text), "{refused:#?}");
        assert!(refused.stderr.contains("--program-keypair program.json"));
        assert_eq!(asked("getGenesisHash"), before + 1);
    }
    // Reads are allowed, and there is nothing to read.
    let read = unnamed.run(&["registry", "get"]).await;
    assert_eq!(read.code, Some(3), "{read:#?}");
    assert_eq!(asked("simulateTransaction") + asked("sendTransaction"), 0);

    let named = ebb(&authority).json(&["init"]).await;
    assert_eq!(named["results"][0]["changed"], true);
    let key = authority.pubkey().to_string();
    let create = ["contributor", "create", "co01", "--authority", &key];
    let mut by_environment = unnamed.command(&create);
    by_environment.env("EBB_PROGRAM_ID", ebb_sdk::ID.to_string());
    let created = tokio::task::spawn_blocking(move || by_environment.output()).await;
    let created = created.expect("it was waited for").expect("ebb runs");
    assert_eq!(created.status.code(), Some(0), "{created:?}");
    assert!(asked("sendTransaction") >= 2);
}
