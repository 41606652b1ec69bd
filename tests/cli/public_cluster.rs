//! What is not sent on the clusters that everybody uses.

use {
    crate::support::{Lab, Run},
    ebb_sdk::pda,
    serde_json::{json, Value},
    std::{
        io::{BufRead, BufReader, Read, Write},
        net::{TcpListener, TcpStream},
        sync::{Arc, Mutex},
        thread,
    },
};

const MAINNET: &str = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d";
const TESTNET: &str = "4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY";
const DEVNET: &str = "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG";
const LOADER: &str = "BPFLoaderUpgradeab1e11111111111111111111111";
/// A stranger's program.
const STRANGER: &str = "Config1111111111111111111111111111111111111";

/// A node of a cluster on which the program is and nothing else. It simulates and sends nothing.
struct Node {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

/// What the node answers with.
#[derive(Clone)]
struct Answers {
    genesis: String,
    program_id: String,
    owner: &'static str,
}

impl Node {
    fn start(answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&asked);
        // It ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (answers, seen) = (answers.clone(), Arc::clone(&seen));
                thread::spawn(move || answers.serve(&stream.unwrap(), &seen));
            }
        });
        Self { url, asked }
    }

    fn count(&self, method: &str) -> usize {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|it| *it == method).count()
    }

    fn ebb(&self, lab: &Lab, args: &[&str]) -> Run {
        let key = lab.key("id").path;
        lab.bare(&[&["-u", &self.url, "-k", &key], args].concat())
    }
}

impl Answers {
    /// Of a cluster with the program at the development id.
    fn of(genesis: &str) -> Self {
        Self {
            genesis: genesis.to_owned(),
            program_id: ebb_sdk::ID.to_string(),
            owner: LOADER,
        }
    }

    fn serve(&self, stream: &TcpStream, seen: &Mutex<Vec<String>>) {
        let mut reader = BufReader::new(stream);
        let mut len = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            let line = line.to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                len = value.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; len];
        reader.read_exact(&mut body).unwrap();
        let request: Value = serde_json::from_slice(&body).unwrap();
        let method = request["method"].as_str().unwrap();
        seen.lock().unwrap().push(method.to_owned());
        let answer = match method {
            "getSlot" => json!({ "result": 1 }),
            "getGenesisHash" => json!({ "result": self.genesis }),
            "getMultipleAccounts" => {
                let addresses = request["params"][0].as_array().unwrap().iter();
                let accounts: Vec<_> = addresses.map(|it| self.account(it)).collect();
                json!({ "result": { "context": { "slot": 1 }, "value": accounts } })
            }
            _ => json!({ "error": { "code": -32601, "message": "no such method here" } }),
        };
        let mut answer = answer;
        answer["jsonrpc"] = json!("2.0");
        answer["id"] = request["id"].clone();
        let answer = answer.to_string();
        let mut stream = stream;
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{answer}",
            answer.len()
        )
        .unwrap();
    }

    fn account(&self, address: &Value) -> Value {
        let data = pda::program_data(&self.program_id.parse().unwrap()).to_string();
        let is_there = [&self.program_id, &data].contains(&&address.as_str().unwrap().to_owned());
        if !is_there {
            return json!(null);
        }
        json!({
            "lamports": 1, "owner": self.owner, "executable": true, "rentEpoch": 0, "space": 0,
            "data": ["", "base64"],
        })
    }
}

/// Asserts that it is the development id's refusal and that nothing was signed or sent.
#[track_caller]
fn assert_refused(run: Run, node: &Node, cluster: &str) {
    run.exits(2)
        .says_nothing()
        .warns(&format!(
            "error: the private key of the development id {} is public, so on {cluster} the program there may be \
             anybody's",
            ebb_sdk::ID
        ))
        .warns("hint: deploy it at an id of your own: solana-keygen new -o program.json, then ebb program deploy --program-keypair program.json")
        .warns("--program-id or EBB_PROGRAM_ID");
    assert_eq!(node.count("getGenesisHash"), 1);
    for method in [
        "simulateTransaction",
        "getLatestBlockhash",
        "sendTransaction",
    ] {
        assert_eq!(node.count(method), 0, "{method}");
    }
}

#[test]
fn nothing_is_sent_to_the_development_id() {
    for (genesis, cluster) in [
        (MAINNET, "mainnet"),
        (TESTNET, "testnet"),
        (DEVNET, "devnet"),
    ] {
        let (lab, node) = (Lab::new(), Node::start(Answers::of(genesis)));
        assert_refused(node.ebb(&lab, &["init"]), &node, cluster);
    }
    let (lab, node) = (Lab::new(), Node::start(Answers::of(DEVNET)));
    let sign = ["--sign-only", "--blockhash", MAINNET];
    assert_refused(
        node.ebb(&lab, &[&["init"], &sign[..]].concat()),
        &node,
        "devnet",
    );
    let (lab, node) = (Lab::new(), Node::start(Answers::of(DEVNET)));
    let error = node
        .ebb(&lab, &["init", "--output", "json"])
        .exits(2)
        .error();
    assert_eq!(
        (&error["kind"], &error["name"]),
        (&json!("usage"), &json!("DevelopmentId"))
    );
}

#[test]
fn nothing_is_deployed_at_the_development_id() {
    let dev_key = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../programs/device-registry/dev-keypair.json"
    );
    for deploy in [
        &["program", "deploy"][..],
        &["program", "deploy", "--program-keypair", dev_key],
    ] {
        let (lab, node) = (Lab::new(), Node::start(Answers::of(TESTNET)));
        assert_refused(node.ebb(&lab, deploy), &node, "testnet");
        assert_eq!(node.count("getMultipleAccounts"), 0);

        // What is at the address is checked next: it is no program that can be upgraded.
        let id = ebb_sdk::ID.to_string();
        node.ebb(&lab, &[deploy, &["--program-id", &id]].concat())
            .exits(1)
            .warns("is not a program that can be upgraded");
        assert_eq!(node.count("getGenesisHash"), 1);
    }
}

#[test]
fn a_key_and_an_id_that_differ_are_refused_for_the_development_id_too() {
    let (lab, node) = (Lab::new(), Node::start(Answers::of(TESTNET)));
    let (key, id) = (lab.key("program"), ebb_sdk::ID.to_string());
    let named = ["--program-keypair", &key.path, "--program-id", &id];
    node.ebb(&lab, &[&["program", "deploy"], &named[..]].concat())
        .exits(2)
        .warns(&format!("--program-keypair is the key of {}", key.pubkey));
}

#[test]
fn the_development_id_is_sent_to_where_it_is_named() {
    let id = ebb_sdk::ID.to_string();
    let (lab, node) = (Lab::new(), Node::start(Answers::of(DEVNET)));
    let goes_on = "no such method here";
    node.ebb(&lab, &["init", "--program-id", &id])
        .exits(1)
        .warns(goes_on);
    assert_eq!(node.count("simulateTransaction"), 1);

    let key = lab.key("id").path;
    lab.with(|command| {
        let command = command.env("EBB_PROGRAM_ID", &id);
        command.args(["-u", &node.url, "-k", &key, "init"])
    })
    .exits(1)
    .warns(goes_on);
    assert_eq!(node.count("simulateTransaction"), 2);
    assert_eq!(node.count("getGenesisHash"), 0);
}

#[test]
fn an_id_of_its_own_and_another_cluster_are_sent_to() {
    let lab = Lab::new();
    let own = lab.key("own").pubkey;
    let answers = Answers {
        program_id: own.clone(),
        ..Answers::of(MAINNET)
    };
    let node = Node::start(answers);
    node.ebb(&lab, &["init", "--program-id", &own]).exits(1);
    assert_eq!(node.count("simulateTransaction"), 1);
    assert_eq!(node.count("getGenesisHash"), 0);

    let node = Node::start(Answers::of(&own));
    node.ebb(&lab, &["init"]).exits(1);
    assert_eq!(node.count("simulateTransaction"), 1);
    assert_eq!(node.count("getGenesisHash"), 1);
}

#[test]
fn a_program_is_a_loaders() {
    let lab = Lab::new();
    let own = lab.key("own").pubkey;
    let answers = Answers {
        program_id: own.clone(),
        owner: STRANGER,
        ..Answers::of(MAINNET)
    };
    let node = Node::start(answers);
    node.ebb(&lab, &["init", "--program-id", &own])
        .exits(3)
        .warns(&format!(
            "the account at {own} is no program that can be called; its owner is {STRANGER}"
        ));
    assert_eq!(node.count("simulateTransaction"), 0);
}

#[test]
fn reads_are_allowed() {
    let (lab, node) = (Lab::new(), Node::start(Answers::of(MAINNET)));
    lab.bare(&["-u", &node.url, "registry", "get"])
        .exits(3)
        .warns("has no registry here yet");
    assert_eq!(node.count("getGenesisHash"), 0);
}
