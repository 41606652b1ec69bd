//! Signing in one place and sending from another.

use {
    ebb_sdk::ledger::Ledger,
    ebb_validator_tests::{preloaded, Ebb, Validator},
    serde_json::Value,
    solana_sdk::{hash::Hash, pubkey::Pubkey, signature::Keypair, signer::Signer},
    solana_system_interface::instruction::create_nonce_account,
};

/// The signature that `--sign-only` printed, as `--signer` takes it.
fn signature(signed: &Value) -> &str {
    let signers = signed["signers"].as_array().expect("there are signers");
    assert_eq!(signers.len(), 1, "{signed}");
    signers[0].as_str().expect("a signer is a string")
}

/// Makes a nonce account whose authority this is.
pub async fn nonce_account(validator: &Validator, authority: &Keypair) -> Pubkey {
    let (nonce, key) = (Keypair::new(), authority.pubkey());
    let create = create_nonce_account(&key, &nonce.pubkey(), &key, 10_000_000);
    let sent = validator.ledger().send(&create, &[authority, &nonce]).await;
    sent.expect("the nonce is created");
    nonce.pubkey()
}

/// The value that a nonce account holds, after its version, state and authority.
pub async fn nonce_value(validator: &Validator, nonce: &Pubkey) -> Hash {
    let found = validator
        .ledger()
        .accounts(&[*nonce])
        .await
        .expect("it is read");
    let data = &found[0].as_ref().expect("it is there").data;
    let value: [u8; 32] = data[40..72].try_into().expect("it is long enough");
    Hash::new_from_array(value)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_signs_elsewhere() {
    let (validator, authority) = preloaded(&ebb_sdk::ID);
    validator.fund(&authority.pubkey()).await;
    let payer = validator.funded().await;
    let there = Ebb::new(&validator, &ebb_sdk::ID, &authority);
    there.json(&["init"]).await;
    let here = Ebb::new(&validator, &ebb_sdk::ID, &payer).signing_for(&authority.pubkey());
    let (payer_key, payer_file) = (payer.pubkey().to_string(), here.key_file());
    let policy = ["registry", "set-policy", "--require-healthy"];

    let client = validator.client();
    let blockhash = client
        .get_latest_blockhash()
        .await
        .expect("a blockhash")
        .to_string();
    let verb = [&policy[..], &["true", "--blockhash", &blockhash]].concat();
    let sign = ["--fee-payer", &payer_key, "--sign-only"];
    let signed = there.json(&[&verb[..], &sign].concat()).await;
    assert_eq!(signed["absent"][0], payer_key.as_str());
    let send = [
        "--fee-payer",
        &payer_file,
        "--signer",
        signature(&signed),
        "--verbose",
    ];
    let sent = here.run(&[&verb[..], &send].concat()).await;
    assert_eq!(sent.code, Some(0), "{sent:#?}");
    assert!(
        sent.stderr.contains("compute units, fee 0.00001 SOL"),
        "{sent:#?}"
    );

    let nonce = nonce_account(&validator, &payer).await;
    let held = nonce_value(&validator, &nonce).await.to_string();
    let nonce_key = nonce.to_string();
    let verb = [
        &policy[..],
        &["false", "--nonce", &nonce_key, "--blockhash", &held],
    ]
    .concat();
    let price = ["--with-compute-unit-price", "1000"];
    let sign = [&sign[..], &price, &["--nonce-authority", &payer_key]].concat();
    let signed = there.json(&[&verb[..], &sign].concat()).await;
    let send = ["--fee-payer", &payer_file, "--nonce-authority", &payer_file];
    let send = [&send[..], &price, &["--signer", signature(&signed)]].concat();
    let sent = here.json(&[&verb[..], &send].concat()).await;
    assert_eq!(sent["results"][0]["to"], "false");
    assert_ne!(nonce_value(&validator, &nonce).await.to_string(), held);

    let registry = there.json(&["registry", "get"]).await;
    assert_eq!(registry["require_healthy"], false);
}
