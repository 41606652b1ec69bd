//! What the user reads when the cluster, the program or an account is not what it should be.

use {
    crate::lab::{json, result, validator, Lab, NEWER},
    ebb_sdk::{ledger::Ledger, pda},
    ebb_validator_tests::{Ebb, Run},
    serde_json::Value,
    solana_loader_v3_interface::instruction::close_any,
    solana_sdk::{
        pubkey::Pubkey,
        signature::Keypair,
        signer::{EncodableKey, Signer},
    },
    std::{
        io::{BufRead, BufReader, Write},
        net::{Ipv4Addr, SocketAddr, TcpListener},
        thread,
    },
};

/// A read, a list, a mutation and a drain, each of which needs the program.
const COMMANDS: [&[&str]; 6] = [
    &["registry", "get"],
    &["contributor", "list"],
    &["device", "list"],
    &["device", "get", "ams-dz001"],
    &["device", "activate", "ams-dz001"],
    &["device", "drain", "ams-dz001", "--yes"],
];

/// The error in a run's JSON, on stdout of an item and on stderr of none.
fn error(run: &Run) -> Value {
    if run.stdout.is_empty() {
        serde_json::from_str::<Value>(&run.stderr).expect("JSON")["error"].clone()
    } else {
        result(&json(run))["error"].clone()
    }
}

/// Runs commands in both forms; each ends with this code and prints all of this.
async fn all_fail_with(ebb: &Ebb, commands: &[&[&str]], code: i32, kind: &str, texts: &[&str]) {
    for command in commands {
        let run = ebb.run(command).await;
        assert_eq!(run.code, Some(code), "{command:?}: {run:#?}");
        assert_eq!(run.stdout, "", "{command:?}");
        for text in texts {
            assert!(run.stderr.contains(text), "{command:?} {text}: {run:#?}");
        }
        let run = ebb
            .run(&[command, &["--output", "json"][..]].concat())
            .await;
        assert_eq!(run.code, Some(code), "{command:?}: {run:#?}");
        let error = error(&run);
        assert_eq!(error["kind"], kind, "{command:?}: {error}");
        let message = error["message"].as_str().expect("a message");
        assert!(message.contains(texts[0]), "{command:?}: {error}");
    }
}

/// The CLI for somebody with lamports, at an address that may have no program.
async fn at(program_id: &Pubkey) -> Ebb {
    let key = validator().await.funded().await;
    Ebb::new(validator().await, program_id, &key)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_without_the_program_says_how_to_deploy_it() {
    let somebody = validator().await.funded().await;
    // The right id on the wrong cluster, an id that nobody knows, and one that is a user's.
    for id in [ebb_sdk::ID, Pubkey::new_unique(), somebody.pubkey()] {
        let ebb = at(&id).await;
        let absent = format!("there is no program at {id} on this ledger");
        let texts = [absent.as_str(), "ebb program deploy", "--program-id"];
        all_fail_with(&ebb, &COMMANDS, 3, "not-found", &texts).await;
        let more: [&[&str]; 2] = [&["init"], &["program", "show"]];
        all_fail_with(&ebb, &more, 3, "not-found", &texts).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_without_a_registry_says_how_to_make_it() {
    let lab = Lab::new().await;
    let missing = format!("program {} has no registry here yet", lab.program_id);
    let texts = [missing.as_str(), "ebb init"];
    all_fail_with(&lab.authority.ebb, &COMMANDS, 3, "not-found", &texts).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_program_is_not_taken_for_this_one() {
    // SPL's programs are on every test validator: for associated token accounts, which is final, and
    // for tokens, which can be upgraded as this one can.
    let other = Pubkey::from_str_const("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");
    let ebb = at(&other).await;
    let foreign = format!("the program at {other} is not Ebb's");
    let texts = [foreign.as_str(), "--program-id"];
    all_fail_with(&ebb, &COMMANDS, 3, "not-found", &texts).await;
    let more: [&[&str]; 2] = [&["init"], &["program", "show"]];
    all_fail_with(&ebb, &more, 3, "not-found", &texts).await;

    let other = Pubkey::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
    let ebb = at(&other).await;
    let missing = format!("program {other} has no registry here yet");
    let texts = [missing.as_str(), "--program-id"];
    all_fail_with(&ebb, &COMMANDS[..1], 3, "not-found", &texts).await;
    let init = ebb.run(&["init"]).await;
    assert_eq!(init.code, Some(1), "{init:#?}");
    assert!(
        init.stderr.contains("another program than Ebb"),
        "{init:#?}"
    );
    let shown = ebb.json(&["program", "show"]).await;
    assert_eq!(shown["same_build"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_program_is_distinguished_from_one_that_never_was() {
    let (program, owner) = (Keypair::new(), validator().await.funded().await);
    let id = program.pubkey();
    let ebb = Ebb::new(validator().await, &id, &owner);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("program.json");
    program.write_to_file(&file).expect("the key is written");
    let file = file.to_str().expect("the path is UTF-8");
    ebb.json(&["program", "deploy", "--program-keypair", file])
        .await;

    let key = owner.pubkey();
    let data = pda::program_data(&id);
    let close = close_any(&data, &key, Some(&key), Some(&id), false);
    let sent = validator().await.ledger().send(&[close], &[&owner]).await;
    sent.expect("it is closed");
    let closed = format!("the program at {id} was closed");
    let texts = [closed.as_str(), "--program-keypair"];
    all_fail_with(&ebb, &COMMANDS, 3, "not-found", &texts).await;
    let more: [&[&str]; 2] = [&["init"], &["program", "show"]];
    all_fail_with(&ebb, &more, 3, "not-found", &texts).await;
    let again = ebb
        .run(&["program", "deploy", "--program-keypair", file])
        .await;
    assert_eq!(again.code, Some(1), "{again:#?}");
    assert!(
        again.stderr.contains("was closed; it takes a new address"),
        "{again:#?}"
    );
}

/// A web server that answers every request with this, as long as this process lives.
fn web_server(answer: &'static str) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let request = BufReader::new(stream.try_clone().expect("the same stream"));
            let head = request.lines().map_while(Result::ok);
            head.take_while(|line| !line.is_empty()).for_each(drop);
            // Who hung up gets no answer.
            drop(stream.write_all(answer.as_bytes()));
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_url_where_no_cluster_answers_is_unreachable() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let closed = listener.local_addr().expect("its address");
    drop(listener);
    let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>";
    let absent = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    let hosts = [
        closed.to_string(),
        "nowhere.invalid:8899".to_owned(),
        web_server(page).to_string(),
        web_server(absent).to_string(),
    ];
    for host in hosts {
        let url = format!("http://{host}/?api-key=secret");
        let ebb = at(&ebb_sdk::ID).await.talking_to(&url);
        let texts = [&format!("cannot reach http://{host}")[..], "check --url"];
        all_fail_with(&ebb, &COMMANDS, 6, "unreachable", &texts).await;
        let more: [&[&str]; 3] = [&["init"], &["program", "show"], &["program", "deploy"]];
        all_fail_with(&ebb, &more, 6, "unreachable", &texts).await;
        let run = ebb.run(&["program", "deploy"]).await;
        assert!(!run.stderr.contains("secret"), "{run:#?}");
        assert!(!run.stderr.contains("uploaded"), "{run:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_a_newer_version_is_reported_and_hides_no_other() {
    let lab = Lab::newer().await;
    lab.authority.changes("init").await;
    let (lab, owner) = lab.and_contributor().await;
    lab.device(&owner, "co01", "ams-dz001").await;
    let address = pda::device(&lab.program_id, NEWER).0.to_string();

    let texts = [address.as_str(), "newer version", "upgrade ebb"];
    let one: [&[&str]; 2] = [
        &["device", "get", NEWER],
        &["device", "drain", NEWER, "--yes"],
    ];
    all_fail_with(&owner.ebb, &one, 1, "other", &texts).await;
    let list = owner.ebb.run(&["device", "list"]).await;
    assert_eq!(list.code, Some(1), "{list:#?}");
    assert!(list.stdout.contains("ams-dz001"), "{list:#?}");
    for text in texts {
        assert!(list.stderr.contains(text), "{text}: {list:#?}");
    }
    let list = owner.run("device list").await;
    assert_eq!(list.code, Some(1), "{list:#?}");
    assert_eq!(json(&list)["devices"][0]["code"], "ams-dz001");
    assert_eq!(json(&list)["devices"].as_array().map(Vec::len), Some(1));

    // The ledger filters on one contributor by itself, so only of several nobody knows whether it is theirs.
    lab.contributor("co02").await;
    let all = "device drain --all --contributor co01,co02 --yes --detach";
    let drain = owner.run(all).await;
    assert_eq!(drain.code, Some(1), "{drain:#?}");
    let results = json(&drain)["results"].clone();
    let codes = [&results[0]["code"], &results[1]["code"]];
    assert_eq!(codes, ["ams-dz001", address.as_str()], "{results}");
    assert_eq!(results[0]["to"], "draining");
    assert_eq!(results[1]["error"]["name"], "UnsupportedVersion");
}
