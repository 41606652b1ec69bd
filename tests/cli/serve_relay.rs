//! `ebb serve`: transactions that others signed.

use {
    crate::{
        fleet::{Fleet, DEVICE},
        serve_history::metrics_with,
        server::Server,
    },
    base64::{prelude::BASE64_STANDARD, Engine},
    ebb_sdk::{
        embedded::{EmbeddedLedger, EmbeddedOptions},
        instruction::{drain_device, DrainDevice},
        ledger::Ledger,
        pda,
    },
    serde_json::{json, Value},
    solana_sdk::{
        hash::Hash,
        instruction::Instruction,
        message::{Message, VersionedMessage},
        pubkey::Pubkey,
        signature::{read_keypair_file, Keypair, Signature},
        signer::Signer,
        transaction::VersionedTransaction,
    },
};

/// A blockhash that a transaction may be signed with now.
fn blockhash(fleet: &Fleet) -> Hash {
    let ledger = EmbeddedLedger::open(fleet.lab.ledger(), EmbeddedOptions::default()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(ledger.latest_blockhash()).unwrap()
}

fn drain(owner: &Pubkey) -> Instruction {
    let id = ebb_sdk::ID;
    let [device, location, contributor] = [
        pda::device(&id, DEVICE).0,
        pda::location(&id, "ams").0,
        pda::contributor(&id, "co01").0,
    ];
    let args = DrainDevice {
        deadline_seconds: 3_600,
        ..DrainDevice::default()
    };
    drain_device(&id, owner, &device, &location, &contributor, args).unwrap()
}

fn message(owner: &Keypair, instructions: &[Instruction], blockhash: &Hash) -> VersionedMessage {
    let payer = owner.pubkey();
    VersionedMessage::Legacy(Message::new_with_blockhash(
        instructions,
        Some(&payer),
        blockhash,
    ))
}

fn signed(owner: &Keypair, instructions: &[Instruction], blockhash: &Hash) -> Vec<u8> {
    let message = message(owner, instructions, blockhash);
    let transaction = VersionedTransaction::try_new(message, &[owner]).unwrap();
    wincode::serialize(&transaction).unwrap()
}

/// Sends bytes, and returns status and body.
fn relay(server: &Server, bytes: &[u8]) -> (u16, Value) {
    let body = json!({"transaction": BASE64_STANDARD.encode(bytes)});
    let response = server
        .request("POST", "/api/v1/transactions")
        .json(&body)
        .send()
        .unwrap();
    (response.status().as_u16(), response.json().unwrap())
}

#[test]
fn a_signed_transaction_is_relayed_once_and_refusals_name_the_rule() {
    let fleet = Fleet::with_sessions(0);
    let owner = read_keypair_file(&fleet.owner.path).unwrap();
    let server = Server::start(&fleet.lab);
    let transaction = signed(&owner, &[drain(&owner.pubkey())], &blockhash(&fleet));
    let (status, accepted) = relay(&server, &transaction);
    assert_eq!(status, 200, "{accepted}");
    let signature: Signature = accepted["signature"].as_str().unwrap().parse().unwrap();
    let sent: VersionedTransaction = wincode::deserialize(&transaction).unwrap();
    assert_eq!(signature, sent.signatures[0]);
    assert!(accepted["landed_slot"].as_u64().unwrap() > 0);
    let device = fleet
        .lab
        .ebb(&["device", "get", DEVICE, "--output", "json"])
        .json();
    assert_eq!(device["provisioning_status"], "draining");

    // Its blockhash was used up, and whose answer was lost asks again.
    let (status, known) = relay(&server, &transaction);
    assert_eq!(status, 200, "{known}");
    for key in ["signature", "landed_slot"] {
        assert_eq!(known[key], accepted[key], "{key}");
    }

    let again = signed(&owner, &[drain(&owner.pubkey())], &blockhash(&fleet));
    let (status, problem) = relay(&server, &again);
    assert_eq!(status, 409);
    assert_eq!(problem["code"], 6050);
    assert_eq!(problem["name"], "AlreadyInStatus");
    assert_eq!(
        problem["detail"],
        "the device is in that provisioning status already"
    );

    // A stranger's signature is no role.
    let stranger = Keypair::new();
    let (status, problem) = relay(
        &server,
        &signed(&stranger, &[drain(&stranger.pubkey())], &blockhash(&fleet)),
    );
    assert_eq!(
        (status, &problem["name"]),
        (422, &json!("Unauthorized")),
        "{problem}"
    );
    let after = fleet
        .lab
        .ebb(&["device", "get", DEVICE, "--output", "json"])
        .json();
    assert_eq!(after["sequence"], device["sequence"]);
    for (result, count) in [("accepted", 2), ("refused", 2)] {
        let line = format!("\nebb_transactions_total{{result=\"{result}\"}} {count}\n");
        metrics_with(&server, &line);
    }
}

#[cfg(unix)]
#[test]
fn what_the_ledger_did_not_answer_is_counted_apart_from_what_it_refused() {
    let fleet = Fleet::with_sessions(0);
    let owner = read_keypair_file(&fleet.owner.path).unwrap();
    let server = Server::start(&fleet.lab);
    server.json("/api/v1/devices");
    let transaction = signed(&owner, &[drain(&owner.pubkey())], &blockhash(&fleet));
    let away = fleet.lab.path().join("away");
    std::fs::rename(fleet.lab.ledger(), &away).unwrap();
    let (status, problem) = relay(&server, &transaction);
    assert_eq!(status, 502, "{problem}");
    let text = metrics_with(&server, "\nebb_transactions_total{result=\"failed\"} 1\n");
    assert!(!text.contains("result=\"refused\""), "{text}");
}

#[test]
fn what_is_not_signed_or_not_this_programs_goes_nowhere() {
    let fleet = Fleet::with_sessions(0);
    let owner = read_keypair_file(&fleet.owner.path).unwrap();
    let server = Server::start(&fleet.lab);
    let blockhash = blockhash(&fleet);
    let foreign = Instruction::new_with_bytes(Pubkey::new_unique(), &[], vec![]);
    let budget =
        Instruction::new_with_bytes(solana_sdk_ids::compute_budget::ID, &[2, 0, 0, 3, 0], vec![]);
    let ours = || drain(&owner.pubkey());
    let unsigned = VersionedTransaction {
        signatures: vec![Signature::default()],
        message: message(&owner, &[ours()], &blockhash),
    };
    let unsigned = wincode::serialize(&unsigned).unwrap();
    let too_long = vec![0; 1_233];
    let mut trailing = signed(&owner, &[ours()], &blockhash);
    trailing.push(0);
    for (bytes, status, right) in [
        (unsigned, 422, "missing or wrong"),
        (
            signed(&owner, &[ours(), foreign.clone()], &blockhash),
            422,
            "instruction 1 is another program's",
        ),
        (
            signed(&owner, &[foreign], &blockhash),
            422,
            "instruction 0 is another program's",
        ),
        (
            signed(&owner, std::slice::from_ref(&budget), &blockhash),
            422,
            "it has no instruction of",
        ),
        (
            signed(&owner, &[ours()], &Hash::new_unique()),
            409,
            "the ledger does not have the transaction, and its blockhash or nonce is no longer valid, or never was; \
             sign it anew",
        ),
        (b"no transaction".to_vec(), 400, "its bytes are none"),
        (trailing, 400, "its bytes are none"),
        (too_long, 400, "a cluster takes at most 1232"),
    ] {
        let (code, problem) = relay(&server, &bytes);
        assert_eq!(code, status, "{problem}");
        assert_eq!(
            (&problem["status"], &problem["type"], problem.get("code")),
            (&json!(status), &json!("about:blank"), None)
        );
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(right), "{right}: {detail}");
    }
    for body in [
        json!({}),
        json!({"transaction": "%"}),
        json!({"transaction": "", "more": 1}),
    ] {
        let request = server.request("POST", "/api/v1/transactions").json(&body);
        assert_eq!(request.send().unwrap().status(), 400, "{body}");
    }
    // The blockhash is still good: nothing was sent.
    let (status, accepted) = relay(&server, &signed(&owner, &[budget, ours()], &blockhash));
    assert_eq!(status, 200, "{accepted}");
}

#[test]
fn an_address_that_sends_too_many_waits() {
    let fleet = Fleet::with_sessions(0);
    let server = Server::start(&fleet.lab);
    let limited = (0..1_000).find_map(|_| {
        let request = server
            .request("POST", "/api/v1/transactions")
            .json(&json!({}));
        let response = request.send().unwrap();
        (response.status() == 429).then_some(response)
    });
    let limited = limited.unwrap();
    assert_eq!(limited.headers()["retry-after"], "1");
    assert!(crate::server::detail(limited, 429).contains("too many"));
}
