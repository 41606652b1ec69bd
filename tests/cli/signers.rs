//! A key that can sign signs wherever it is named.

use {
    crate::{
        custody::{Custody, DEVICE},
        support::{Key, Lab, Run},
    },
    ebb_sdk::{embedded::EmbeddedLedger, ledger::Ledger},
    solana_sdk::{hash::Hash, pubkey::Pubkey, signature::read_keypair_file, signer::Signer},
    solana_system_interface::{
        instruction::create_nonce_account_with_seed, program as system_program,
    },
    std::fs,
};

/// How a key is named: by its file, or by its pubkey.
const NAMES: [bool; 2] = [true, false];

fn name(key: &Key, is_file: bool) -> &str {
    if is_file {
        &key.path
    } else {
        &key.pubkey
    }
}

fn ledger(lab: &Lab) -> EmbeddedLedger {
    EmbeddedLedger::open(lab.ledger(), Default::default()).unwrap()
}

/// Makes a nonce account of which a key has the authority.
#[tokio::main]
async fn nonce_account(lab: &Lab, key: &Key) -> String {
    let key = read_keypair_file(&key.path).unwrap();
    let authority = key.pubkey();
    let address = Pubkey::create_with_seed(&authority, "nonce", &system_program::ID).unwrap();
    let create = create_nonce_account_with_seed(
        &authority, &address, &authority, "nonce", &authority, 10_000_000,
    );
    ledger(lab).send(&create, &[&key]).await.unwrap();
    address.to_string()
}

#[tokio::main]
async fn nonce_value(lab: &Lab, nonce: &str) -> String {
    let found = ledger(lab).accounts(&[nonce.parse().unwrap()]).await;
    let found = found.unwrap();
    // Version, state and authority come before it.
    let data = &found[0].as_ref().unwrap().data;
    Hash::new_from_array(*data[40..].first_chunk().unwrap()).to_string()
}

/// The only signature in what `--sign-only` prints, as `--signer` takes it.
fn signature(signed: &Run) -> String {
    let signed = signed.json();
    let signers = signed["signers"].as_array().unwrap();
    assert_eq!(signers.len(), 1, "{signed}");
    assert_eq!(
        signed["absent"].as_array().map(Vec::len),
        Some(0),
        "{signed}"
    );
    signers[0].as_str().unwrap().to_owned()
}

/// Sets the agent, to another one each time, with a nonce whose authority is the owner.
struct Desk {
    lab: Lab,
    owner: Key,
    nonce: String,
}

impl Desk {
    fn new() -> Self {
        let (lab, owner, _) = Lab::in_service();
        let nonce = nonce_account(&lab, &owner);
        Self { lab, owner, nonce }
    }

    fn set_agent(&self, agent: &str, names: [bool; 3], more: &[&str]) -> Run {
        let [keypair, fee_payer, authority] = names.map(|is_file| name(&self.owner, is_file));
        let set = ["device", "set-agent", "ams-dz001", agent];
        let keys = ["--keypair", keypair, "--fee-payer", fee_payer];
        let nonce = ["--nonce", &self.nonce, "--nonce-authority", authority];
        self.lab.ebb(&[&set[..], &keys, &nonce, more].concat())
    }

    /// Sends, after another transaction: a nonce is not used in the block that it is of.
    fn send(&self, agent: &str, names: [bool; 3], more: &[&str]) -> Run {
        self.lab.ebb(&["registry", "set-oracle", agent]).exits(0);
        self.set_agent(agent, names, more)
    }

    /// Signs, and sends nothing.
    fn presign(&self, agent: &str, names: [bool; 3]) -> String {
        let value = nonce_value(&self.lab, &self.nonce);
        let sign = ["--sign-only", "--blockhash", &value, "--output", "json"];
        signature(&self.set_agent(agent, names, &sign).exits(0))
    }
}

#[test]
fn signer_fee_payer_and_nonce_authority_that_are_one_key() {
    let desk = Desk::new();
    let every_way = NAMES.into_iter().flat_map(|keypair| {
        NAMES
            .into_iter()
            .flat_map(move |payer| NAMES.map(|authority| [keypair, payer, authority]))
    });
    for (number, names) in every_way.enumerate() {
        let agents = ["plain", "foreign", "presigned", "other"].map(|name| {
            let name = format!("{name}{number}");
            desk.lab.key(&name).pubkey
        });
        let [plain, foreign, presigned, other] = &agents;
        let of_another = desk.presign(other, [true; 3]);
        if names.contains(&true) {
            // The file signs for the pubkeys, without and with a signature of another transaction.
            desk.presign(plain, names);
            desk.send(plain, names, &[]).exits(0);
            desk.send(foreign, names, &["--signer", &of_another])
                .exits(0);
        } else {
            let none = desk.send(plain, names, &[]);
            none.exits(2).warns("a pubkey cannot sign");
            desk.send(foreign, names, &["--signer", &of_another])
                .exits(1)
                .warns("is of another transaction");
        }
        let brought = desk.presign(presigned, [true; 3]);
        desk.send(presigned, names, &["--signer", &brought])
            .exits(0);
    }
}

#[test]
fn the_default_key_signs_where_its_pubkey_is_named() {
    let lab = Lab::initialized();
    let info = lab.ebb(&["ledger", "info", "--output", "json"]).json();
    let key = info["default_key"].as_str().unwrap();
    let user = lab.key("user").pubkey;
    lab.ebb(&["registry", "set-oracle", &user, "--fee-payer", key])
        .exits(0);
}

#[test]
fn custodian_and_owner_that_are_the_signer() {
    let custody = Custody::new();
    let (lab, owner) = (&custody.lab, &custody.owner);
    let kept = [
        "--generate",
        "--identity",
        "identity.txt",
        "--store",
        "store",
    ];
    let mut number = 0;
    for keypair in NAMES {
        for custodian in NAMES {
            for is_file in NAMES {
                number += 1;
                let path = format!("disk{number}");
                let names = [keypair, custodian, is_file].map(|it| name(owner, it));
                let register = ["disk-key", "register", DEVICE, &path];
                let keys = [
                    "--keypair",
                    names[0],
                    "--custodian",
                    names[1],
                    "--owner",
                    names[2],
                ];
                let run = lab.ebb(&[&register[..], &keys, &kept].concat());
                if [keypair, custodian, is_file].contains(&true) {
                    run.exits(0);
                } else {
                    run.exits(2).warns("a pubkey cannot sign");
                }
            }
        }
    }
    custody.retire();
    let destroy = ["disk-key", "destroy", DEVICE, "disk1"];
    let destroy = [&destroy[..], &kept[1..]].concat();
    let keys = ["-k", &owner.path, "--custodian", &owner.pubkey, "--yes"];
    lab.ebb(&[&destroy[..], &keys].concat()).exits(0);
}

#[test]
fn an_old_agent_that_is_the_fee_payer() {
    let (lab, owner, agent) = Lab::in_service();
    let user = lab.key("user").pubkey;
    lab.ebb_as(&agent, &["session", "open", "ams-dz001", "--user", &user])
        .exits(0);
    let set = ["device", "set-agent", "ams-dz001", &user];
    let named = ["--old-agent", &agent.pubkey];
    lab.ebb_as(&owner, &[&set[..], &named].concat())
        .exits(2)
        .warns("--old-agent: cannot read a key from")
        .warns("a pubkey cannot sign");
    let paid = ["--fee-payer", &agent.path];
    lab.ebb_as(&owner, &[&set[..], &named, &paid].concat())
        .exits(0);
}

#[test]
fn a_key_that_comes_by_stdin_is_read_once() {
    let (lab, owner, _) = Lab::in_service();
    let agent = lab.key("other").pubkey;
    let json = fs::read_to_string(&owner.path).unwrap();
    lab.with(|command| {
        command
            .args(["--url", &lab.url(), "--keypair", "-", "--fee-payer", "-"])
            .args(["device", "set-agent", "ams-dz001", &agent])
            .write_stdin(json)
    })
    .exits(0);
}
