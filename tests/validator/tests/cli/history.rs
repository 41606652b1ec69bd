//! `ebb device history`

use {
    crate::{
        following::Following,
        lab::{json, validator, words, Lab, User},
        lost,
    },
    ebb_sdk::{
        client::Client,
        history::{registrations, verify, Cursor, Record, Tip, Walk},
        ledger::Ledger,
        pda,
    },
    ebb_validator_tests::{balancer, Behind, Ebb, Options, Validator},
    serde_json::{json, Value},
    solana_sdk::{pubkey::Pubkey, signature::Keypair, signer::Signer},
    std::sync::Arc,
};

pub const VERBS: [&str; 1] = ["device-history"];

const DEVICE: &str = "ams-dz001";
/// Room for the logs of a transaction with one event, and not for those of one with two.
const LOG_BYTES: &str = "760";

/// The events of a history: registration, sequence and name.
fn events(history: &Value) -> Vec<Value> {
    let events = history["events"].as_array().expect("a list");
    let of = |event: &Value, key: &str| event[key].clone();
    events
        .iter()
        .map(|it| {
            json!([
                of(it, "registration"),
                of(it, "sequence"),
                of(it, "event"),
                of(it, "signature"),
            ])
        })
        .collect()
}

/// What a mutation adds to the history.
async fn adds(user: &User, registration: u32, sequence: u64, event: &str, line: &str) -> Value {
    let changed = user.changes(line).await;
    json!([registration, sequence, event, changed["signature"]])
}

/// The device's life in two registrations by two contributors, and what its history is to be.
async fn live(lab: &Lab, owner: &User, other: &User) -> Vec<Value> {
    let network = &lab.authority;
    let create = |contributor: &str, agent: &str| {
        format!(
            "device create {DEVICE} --contributor {contributor} --location ams --type hybrid \
             --public-ip 195.219.138.50 --max-sessions 128 --agent {agent}"
        )
    };
    let user = Pubkey::new_unique();
    let activate = format!("device activate {DEVICE}");
    let remove = format!("device remove {DEVICE} --yes");
    let steps: [(&User, &str, String); 9] = [
        (owner, "device-created", create("co01", &owner.key)),
        (network, "device-activated", activate.clone()),
        (
            owner,
            "session-opened",
            format!("session open {DEVICE} --user {user}"),
        ),
        (
            owner,
            "health-reported",
            format!("device report-health {DEVICE} healthy"),
        ),
        (
            owner,
            "drain-started",
            format!("device drain {DEVICE} --detach --yes"),
        ),
        (
            owner,
            "session-closed",
            format!("session close {DEVICE} --user {user}"),
        ),
        (
            owner,
            "device-undrained",
            format!("device undrain {DEVICE}"),
        ),
        (
            owner,
            "drain-started",
            format!("device drain {DEVICE} --detach --yes"),
        ),
        (
            owner,
            "device-retired",
            format!("device retire {DEVICE} --yes"),
        ),
    ];
    let mut expected = vec![];
    for (sequence, (user, event, line)) in (1..).zip(&steps) {
        expected.push(adds(user, 1, sequence, event, line).await);
    }
    expected.push(adds(owner, 1, 10, "device-removed", &remove).await);
    expected.push(adds(other, 2, 1, "device-created", &create("co02", &other.key)).await);
    expected.push(adds(network, 2, 2, "device-activated", &activate).await);
    expected
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_is_what_was_sent() {
    let (lab, owner) = Lab::with_contributor().await;
    let other = lab.contributor("co02").await;
    let expected = live(&lab, &owner, &other).await;
    let line = format!("device history {DEVICE}");
    let history = owner.json(&line).await;
    assert_eq!(events(&history), expected);
    assert_eq!(history["gaps"], json!([]));

    // Behind a balancer every answer is a history of its own time, and none has a hole.
    for behind in [
        Behind::EverySecond,
        Behind::AtRandom(1),
        Behind::AtRandom(2),
    ] {
        let url = balancer(validator().await.url(), behind).await.url();
        let behind = lab.user().await.through(url).json(&line).await;
        assert_eq!(events(&behind), expected, "{behind}");
    }
    validator().await.until_final().await;
    let url = balancer(validator().await.url(), Behind::Always)
        .await
        .url();
    let behind = lab.user().await.through(url).json(&line).await;
    assert_eq!(events(&behind), expected, "{behind}");
    let last = owner.json(&format!("{line} --commitment finalized")).await;
    assert_eq!(events(&last), expected);
    let is_final = last["events"].as_array().expect("a list");
    assert!(
        is_final.iter().all(|event| event["final"] == true),
        "{last}"
    );
    lab.ran(&VERBS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_programs_history_is_complete_and_goes_on() {
    let (lab, owner) = Lab::with_contributor().await;
    let ledger: Arc<dyn Ledger> = Arc::new(validator().await.ledger());
    let client = Client::new(ledger, lab.program_id);
    let mut walk = Walk::new(client.clone(), Cursor::default());
    let first = reads(&mut walk, 3).await;
    let codes: Vec<_> = first.iter().map(|it| it.code.as_deref()).collect();
    assert_eq!(codes, [None, Some("ams"), Some("co01")]);
    assert!(first.iter().all(|it| it.index.is_some()));

    // Refused, and so no part of it; then two that are.
    owner.registers(DEVICE, "co01").await;
    let activate = format!("device activate {DEVICE}");
    owner.is_refused(&activate, "RoleNotAllowed").await;
    lab.authority.changes(&activate).await;
    let second = reads(&mut walk, 2).await;
    let sequences: Vec<_> = second.iter().map(|it| it.event.sequence).collect();
    assert_eq!(sequences, [1, 2]);
    let cursor = walk.cursor().clone();
    let again = walk.next_batch().await.expect("it is read");
    assert_eq!((again.records, again.cursor), (vec![], cursor));

    let device = pda::device(&lab.program_id, DEVICE).0;
    let device = client.device(&device).await.expect("it is read");
    let heads: Vec<Tip> = device.iter().map(Tip::from).collect();
    let all = [first, second].concat();
    assert_eq!(verify(all.clone(), &heads), []);
    assert_eq!(registrations(all).len(), 4);

    // A cursor of another ledger is refused by this version of the node.
    let foreign = Cursor {
        slot: 1,
        anchors: vec![[1; 64].into(), [2; 64].into()],
    };
    let lost = Walk::new(client, foreign).next_batch().await;
    assert_eq!(
        lost.expect_err("it is lost").to_string(),
        "the ledger no longer has the place from which the history was to go on"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lands_is_printed_through_an_outage() {
    let authority = Keypair::new();
    let program_id = Pubkey::new_unique();
    let options = Options::default()
        .mint(&authority.pubkey())
        .program(&program_id, &authority.pubkey());
    let mut validator = Validator::start(options);
    let ebb = Ebb::new(&validator, &program_id, &authority);
    set_up(&ebb, &authority).await;
    let mut following = following(&ebb);
    let first = following.line();
    ebb.json(&words(&format!("device activate {DEVICE}"))).await;
    let second = following.line();
    validator.until_final().await;
    validator.kill();
    following.says("trying again");
    validator.restart();
    let drain = format!("device drain {DEVICE} --detach --yes");
    ebb.json(&words(&drain)).await;
    let third = following.line();
    assert_eq!(following.end(), Some(130));
    let history = ebb.json(&["device", "history", DEVICE]).await;
    let lines = json!({ "events": [first, second, third] });
    assert_eq!(events(&lines), events(&history));
}

/// A run that goes on.
fn following(ebb: &Ebb) -> Following {
    let verb = ["device", "history", DEVICE, "--follow"];
    Following::start(ebb.command(&[&verb[..], &["--output", "json-lines"]].concat()))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_node_cut_out_of_its_logs_is_a_hole_that_is_named() {
    let authority = Keypair::new();
    let program_id = Pubkey::new_unique();
    let options = Options::default()
        .mint(&authority.pubkey())
        .program(&program_id, &authority.pubkey())
        .argument("--log-messages-bytes-limit", LOG_BYTES)
        .pruning();
    let mut validator = Validator::start(options);
    let ebb = Ebb::new(&validator, &program_id, &authority);
    set_up(&ebb, &authority).await;
    ebb.json(&words(&format!("device activate {DEVICE}"))).await;
    // Two events in one transaction.
    let drain = format!("device drain {DEVICE} --release-holds --detach --yes");
    let drained = ebb.json(&words(&drain)).await;
    ebb.json(&words(&format!("device undrain {DEVICE}"))).await;

    let run = ebb
        .run(&["device", "history", DEVICE, "--output", "json"])
        .await;
    assert_eq!(run.code, Some(1), "{run:#?}");
    let history = json(&run);
    let sequences: Vec<_> = history["events"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|event| event["sequence"].clone())
        .collect();
    assert_eq!(sequences, [1, 2, 3, 5].map(|it| json!(it)), "{history}");
    assert_eq!(
        history["gaps"],
        json!([{ "registration": 1, "from": 4, "to": 4 }])
    );
    let error: Value = serde_json::from_str(&run.stderr).expect("JSON");
    assert_eq!(
        error["error"]["message"],
        format!("the history of {DEVICE} is incomplete: there is no record of event 4 of registration 1")
    );
    let run = ebb.run(&["device", "history", DEVICE]).await;
    assert_eq!(run.code, Some(1), "{run:#?}");
    let signature = drained["results"][0]["signature"].as_str().expect("one");
    assert!(run.stderr.contains(signature), "{run:#?}");
    assert!(run.stderr.contains("the runtime cut its logs"), "{run:#?}");
    lost::is_shown_by_a_server(&mut validator, &ebb, DEVICE).await;
}

/// Reads on until there are so many records: a node writes transactions down a moment after they took effect.
async fn reads(walk: &mut Walk, count: usize) -> Vec<Record> {
    let mut records = vec![];
    while records.len() < count {
        let batch = walk.next_batch().await.expect("it is read");
        records.extend(batch.records);
    }
    records
}

/// A registry, a location, a contributor and a device, all of one key.
async fn set_up(ebb: &Ebb, key: &Keypair) {
    let key = key.pubkey();
    for line in [
        "init".to_owned(),
        "location create ams --name Amsterdam --country NL --lat 52.3 --lng 4.94".to_owned(),
        format!("contributor create co01 --authority {key}"),
        format!(
            "device create {DEVICE} --contributor co01 --location ams --type hybrid \
             --public-ip 195.219.138.50 --max-sessions 128 --agent {key}"
        ),
    ] {
        ebb.json(&words(&line)).await;
    }
}
