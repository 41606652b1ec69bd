//! Signing in one place and sending from another.

use {
    crate::support::{Key, Lab, Run},
    ebb_sdk::{embedded::EmbeddedLedger, ledger::Ledger},
    serde_json::Value,
    solana_sdk::{hash::Hash, pubkey::Pubkey, signature::read_keypair_file, signer::Signer},
    solana_system_interface::{
        instruction::create_nonce_account_with_seed, program as system_program,
    },
};

/// The blockhash to sign with; the next mutation takes another.
fn blockhash(lab: &Lab) -> String {
    let info = lab.ebb(&["ledger", "info", "--output", "json"]).exits(0);
    info.json()["blockhash"].as_str().unwrap().to_owned()
}

/// The signature of a key in what `--sign-only` prints, as `--signer` takes it.
fn signature(signed: &Value, key: &str) -> String {
    let signers = signed["signers"].as_array().unwrap();
    let mut signers = signers.iter().map(|it| it.as_str().unwrap());
    let found = signers.find(|it| it.starts_with(&format!("{key}=")));
    found
        .unwrap_or_else(|| panic!("no {key} in {signed}"))
        .to_owned()
}

fn status(lab: &Lab) -> Value {
    let device = lab.ebb(&["device", "get", "ams-dz001", "--output", "json"]);
    device.exits(0).json()["provisioning_status"].clone()
}

/// A contributor whose authority signs on a machine of its own.
struct Desk {
    lab: Lab,
    owner: Key,
    payer: Key,
}

const DRAIN: [&str; 6] = [
    "device",
    "drain",
    "ams-dz001",
    "--reason",
    "rack power",
    "--yes",
];

impl Desk {
    fn new() -> Self {
        let (lab, owner, _) = Lab::in_service();
        let payer = lab.key("payer");
        Self { lab, owner, payer }
    }

    /// Drains with these keys and options.
    fn drain(&self, keypair: &str, fee_payer: &str, options: &[&str]) -> Run {
        let keys = ["--keypair", keypair, "--fee-payer", fee_payer];
        self.lab.ebb(&[&DRAIN[..], &keys, options].concat())
    }
}

#[test]
fn an_owner_signs_elsewhere() {
    let desk = Desk::new();
    let Desk { lab, owner, payer } = &desk;
    let hash = blockhash(lab);
    let sign = ["--sign-only", "--blockhash", &hash];

    // The owner's machine has the owner's key only.
    let owners = desk.drain(
        &owner.path,
        &payer.pubkey,
        &[&sign[..], &["--output", "json"]].concat(),
    );
    let owners = owners.exits(0).json();
    assert_eq!(owners["blockhash"], hash.as_str());
    assert_eq!(owners["absent"], serde_json::json!([payer.pubkey]));
    assert!(owners.get("message").is_none());
    let brought = signature(&owners, &owner.pubkey);
    assert_eq!(status(lab), "activated");

    let reported = desk.drain(
        &owner.path,
        &payer.pubkey,
        &[&sign[..], &["--dump-transaction-message"]].concat(),
    );
    reported
        .exits(0)
        .says(&format!("Blockhash: {hash}"))
        .says("Transaction Message: ")
        .says(&format!(" {brought}"))
        .says(&format!("Absent Signers (Pubkey):\n {}", payer.pubkey));

    // The payer's machine has the payer's key, and sends it.
    desk.drain(&owner.pubkey, &payer.path, &["--blockhash", &hash])
        .exits(2)
        .warns("cannot sign")
        .warns("--signer PUBKEY=SIGNATURE");
    let sent = desk.drain(
        &owner.pubkey,
        &payer.path,
        &[
            "--blockhash",
            &hash,
            "--signer",
            &brought,
            "--output",
            "json",
        ],
    );
    assert_eq!(sent.exits(0).item()["to"], "draining");
    assert_eq!(status(lab), "draining");
}

#[test]
fn a_signature_is_of_one_transaction_only() {
    let desk = Desk::new();
    let (owner, payer) = (&desk.owner, &desk.payer);
    let hash = blockhash(&desk.lab);
    let signed = desk
        .drain(
            &owner.path,
            &payer.pubkey,
            &["--sign-only", "--blockhash", &hash, "--output", "json"],
        )
        .exits(0)
        .json();
    let brought = signature(&signed, &owner.pubkey);
    let other = [
        "--blockhash",
        &hash,
        "--signer",
        &brought,
        "--deadline",
        "2h",
    ];
    desk.drain(&owner.pubkey, &payer.path, &other)
        .exits(1)
        .warns("is of another transaction")
        .warns("hint: ");
    // A mutation later, the blockhash is too old.
    desk.lab
        .ebb(&["registry", "set-policy", "--require-healthy", "true"])
        .exits(0);
    let late = ["--blockhash", &hash, "--signer", &brought];
    desk.drain(&owner.pubkey, &payer.path, &late)
        .exits(1)
        .warns("Blockhash not found")
        .warns("--nonce");
    assert_eq!(status(&desk.lab), "activated");
}

#[test]
fn a_nonce_lives_until_it_is_used() {
    let desk = Desk::new();
    let Desk { lab, owner, payer } = &desk;
    let nonce = nonce_account(lab, payer);
    let value = nonce_value(lab, &nonce);
    let address = nonce.to_string();
    let with = ["--nonce", &address, "--nonce-authority"];
    let sign = ["--sign-only", "--blockhash", &value, "--output", "json"];
    let signed = desk
        .drain(
            &owner.path,
            &payer.pubkey,
            &[&with[..], &[&payer.pubkey], &sign].concat(),
        )
        .exits(0)
        .json();
    let brought = signature(&signed, &owner.pubkey);
    lab.ebb(&["registry", "set-policy", "--require-healthy", "true"])
        .exits(0);

    let strange = [&with[..], &[&owner.pubkey], &["--signer", &brought]].concat();
    desk.drain(&owner.pubkey, &payer.path, &strange)
        .exits(1)
        .warns("its authority is");
    let send = [&with[..], &[&payer.path], &["--signer", &brought]].concat();
    desk.drain(&owner.pubkey, &payer.path, &send).exits(0);
    assert_eq!(status(lab), "draining");
    assert_ne!(nonce_value(lab, &nonce), value);
    let used = [
        &send[..],
        &["--blockhash", &value, "--update", "--until", "2h"],
    ]
    .concat();
    desk.drain(&owner.pubkey, &payer.path, &used)
        .exits(1)
        .warns("was used");
}

fn ledger(lab: &Lab) -> EmbeddedLedger {
    EmbeddedLedger::open(lab.ledger(), Default::default()).unwrap()
}

/// Makes a nonce account whose authority is `payer`.
#[tokio::main]
async fn nonce_account(lab: &Lab, payer: &Key) -> Pubkey {
    let payer = read_keypair_file(&payer.path).unwrap();
    let authority = payer.pubkey();
    let key = Pubkey::create_with_seed(&authority, "nonce", &system_program::ID).unwrap();
    let create = create_nonce_account_with_seed(
        &authority, &key, &authority, "nonce", &authority, 10_000_000,
    );
    ledger(lab).send(&create, &[&payer]).await.unwrap();
    key
}

#[tokio::main]
async fn nonce_value(lab: &Lab, nonce: &Pubkey) -> String {
    let found = ledger(lab).accounts(&[*nonce]).await.unwrap();
    // Version, state and authority come before it.
    let data = &found[0].as_ref().unwrap().data;
    Hash::new_from_array(*data[40..].first_chunk().unwrap()).to_string()
}

#[test]
fn what_takes_several_transactions_is_not_signed_apart() {
    let desk = Desk::new();
    let hash = blockhash(&desk.lab);
    let file = desk.lab.file("devices.csv", "");
    let verbs: [&[&str]; 6] = [
        &["device", "activate", "ams-dz001", "ams-dz002"],
        &["device", "remove", "ams-dz001", "ams-dz002"],
        &["device", "retire", "ams-dz001", "--wait"],
        &["device", "drain", "ams-dz001", "--evict", "--yes"],
        &["device", "import", &file],
        &["program", "deploy"],
    ];
    for verb in verbs {
        let run = [
            verb,
            &["--sign-only", "--blockhash", &hash],
            &["--keypair", &desk.owner.path],
        ];
        desk.lab
            .ebb(&run.concat())
            .exits(2)
            .says_nothing()
            .warns("single transaction")
            .warns("hint: ");
    }
    assert_eq!(status(&desk.lab), "activated");
}

#[test]
fn every_mutation_can_be_signed_apart() {
    let (lab, owner, agent) = Lab::in_service();
    let user = lab.key("user").pubkey;
    let place = ["--country", "NL", "--lat", "52.3", "--lng", "4.94"];
    let device = ["--type", "hybrid", "--public-ip", "195.219.138.51"];
    let create = [
        "--contributor",
        "co01",
        "--location",
        "ams",
        "--max-sessions",
        "2",
    ];
    let verbs: &[(Option<&Key>, Vec<&str>)] = &[
        (
            None,
            vec!["registry", "set-policy", "--require-healthy", "true"],
        ),
        (None, vec!["registry", "set-oracle", &user]),
        (None, vec!["registry", "nominate", &user]),
        (
            None,
            vec!["contributor", "create", "co02", "--authority", &user],
        ),
        (None, vec!["contributor", "suspend", "co01", "--yes"]),
        (
            Some(&owner),
            vec!["contributor", "set-operator", "co01", &user],
        ),
        (Some(&owner), vec!["contributor", "nominate", "co01", &user]),
        (
            None,
            [
                &["location", "create", "ld4", "--name", "London"],
                &place[..],
            ]
            .concat(),
        ),
        (
            None,
            vec!["location", "set-budget", "ams", "--min-activated", "1"],
        ),
        (
            Some(&owner),
            [&["device", "create", "ams-dz002"], &device[..], &create].concat(),
        ),
        (
            Some(&owner),
            vec!["device", "set-agent", "ams-dz001", &user],
        ),
        (
            None,
            vec!["device", "report-health", "ams-dz001", "healthy"],
        ),
        (
            Some(&agent),
            vec!["session", "open", "ams-dz001", "--user", &user],
        ),
        (
            Some(&owner),
            vec![
                "device",
                "hold",
                "ams-dz001",
                "--kind",
                "pending-task",
                "--for",
                "1h",
            ],
        ),
        (Some(&owner), vec!["device", "drain", "ams-dz001", "--yes"]),
    ];
    let signs = |key: Option<&Key>, verb: &[&str]| {
        let hash = blockhash(&lab);
        let mut args = [
            verb,
            &["--sign-only", "--blockhash", &hash, "--output", "json"],
        ]
        .concat();
        if let Some(key) = key {
            args.extend(["--keypair", &key.path]);
        }
        let signed = lab.ebb(&args).exits(0).json();
        assert_eq!(signed["blockhash"], hash.as_str(), "{verb:?}");
        assert_eq!(
            signed["signers"].as_array().map(Vec::len),
            Some(1),
            "{verb:?}"
        );
        assert_eq!(
            signed["absent"].as_array().map(Vec::len),
            Some(0),
            "{verb:?}"
        );
        assert_eq!(blockhash(&lab), hash, "{verb:?} was sent");
    };
    for (key, verb) in verbs {
        signs(*key, verb);
    }
    lab.ebb_as(&owner, &["device", "drain", "ams-dz001", "--yes"])
        .exits(0);
    let update = ["device", "drain", "ams-dz001", "--update", "--no-deadline"];
    signs(Some(&owner), &update);
    signs(Some(&owner), &["device", "undrain", "ams-dz001"]);
    signs(Some(&owner), &["device", "retire", "ams-dz001", "--yes"]);
    lab.ebb_as(&owner, &["device", "retire", "ams-dz001", "--yes"])
        .exits(0);
    signs(Some(&owner), &["device", "remove", "ams-dz001", "--yes"]);
}

#[test]
fn options_that_lack_another_are_refused() {
    let lab = Lab::initialized();
    let hash = blockhash(&lab);
    let key = lab.key("key").pubkey;
    let policy = ["registry", "set-policy", "--require-healthy", "true"];
    for (options, lacks) in [
        (vec!["--sign-only"], "--blockhash"),
        (
            vec!["--blockhash", &hash, "--dump-transaction-message"],
            "--sign-only",
        ),
        (vec!["--nonce-authority", "id.json"], "--nonce"),
        (vec!["--blockhash", "hash"], "base58"),
        (vec!["--signer", "key"], "PUBKEY=SIGNATURE"),
        (vec!["--keypair", &key], "cannot sign"),
    ] {
        lab.ebb(&[&policy[..], &options].concat())
            .exits(2)
            .warns(lacks);
    }
}
