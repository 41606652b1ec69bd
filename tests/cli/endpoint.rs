//! What is said of a node that does not answer as it should.

use {
    crate::support::{Lab, Run},
    serde_json::{json, Value},
    std::{
        io::{BufRead, BufReader, Read, Write},
        net::{TcpListener, TcpStream},
        sync::{Arc, Mutex},
        thread,
    },
};

/// The answer to a request whose method was asked for so many times before; `None` ends the connection.
type Answer = dyn Fn(&Value, usize) -> Option<String> + Send + Sync;

/// A node of a cluster.
pub struct Node {
    pub url: String,
    asked: Arc<Mutex<Vec<Value>>>,
}

impl Node {
    pub fn start(answer: impl Fn(&Value, usize) -> Option<String> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/token-s3cret", listener.local_addr().unwrap());
        let (asked, answer) = (Arc::<Mutex<Vec<Value>>>::default(), Arc::new(answer));
        let seen = Arc::clone(&asked);
        // It ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
                thread::spawn(move || serve(&stream.unwrap(), &*answer, &seen));
            }
        });
        Self { url, asked }
    }

    fn ebb(&self, lab: &Lab, args: &[&str]) -> Run {
        let run = lab.bare(&[&["-u", &self.url], args].concat());
        assert!(!format!("{run:?}").contains("s3cret"), "{run:?}");
        run
    }

    fn count(&self, method: &str) -> usize {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|it| it["method"] == method).count()
    }
}

fn serve(mut stream: &TcpStream, answer: &Answer, seen: &Mutex<Vec<Value>>) {
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
    let number = {
        let mut seen = seen.lock().unwrap();
        let same = seen.iter().filter(|it| it["method"] == request["method"]);
        let number = same.count();
        seen.push(request.clone());
        number
    };
    if let Some(answer) = answer(&request, number) {
        // The command may have ended by now.
        let _ = stream.write_all(answer.as_bytes());
    }
}

pub fn http(head: &str, body: &str) -> String {
    let len = body.len();
    format!("HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {len}\r\n\r\n{body}")
}

/// What a node in good order answers that is at a slot.
fn at(slot: u64, request: &Value) -> String {
    let context = json!({ "slot": slot });
    let result = match method(request) {
        "getSlot" => json!(slot),
        "getMultipleAccounts" => {
            let addresses = request["params"][0].as_array().unwrap();
            json!({ "context": context, "value": vec![Value::Null; addresses.len()] })
        }
        "getProgramAccounts" => json!({ "context": context, "value": [] }),
        other => panic!("{other} was not expected"),
    };
    let body = json!({ "jsonrpc": "2.0", "id": 0, "result": result });
    http("200 OK", &body.to_string())
}

fn method(request: &Value) -> &str {
    request["method"].as_str().unwrap()
}

const GET: [&str; 2] = ["registry", "get"];

#[test]
fn access_that_is_refused_is_no_outage() {
    let lab = Lab::new();
    for (head, body, said) in [
        (
            "401 Unauthorized",
            r#"{"error":{"message":"unknown key token-s3cret"}}"#,
            "401 Unauthorized: unknown key …",
        ),
        (
            "403 Forbidden",
            "your plan excludes this method",
            "403 Forbidden: your plan excludes this method",
        ),
    ] {
        let node = Node::start(move |_, _| Some(http(head, body)));
        node.ebb(&lab, &GET)
            .exits(1)
            .says_nothing()
            .warns(&format!("/… refuses access: {said}\n"))
            .warns("hint: check the token or password in --url");
        let run = node.ebb(&lab, &[&GET[..], &["--output", "json"]].concat());
        let error: Value = serde_json::from_str(&run.stderr).unwrap();
        assert_eq!(error["error"]["name"], "AccessDenied");
        assert_eq!(error["error"]["kind"], "other");
        assert_eq!(node.count("getMultipleAccounts"), 2);
    }
}

#[test]
fn one_broken_answer_is_asked_for_again() {
    let lab = Lab::new();
    let broken: [fn() -> Option<String>; 3] = [
        || Some(http("502 Bad Gateway", "<html>")),
        || None,
        || Some(http("200 OK", "{}").split_at(40).0.to_owned()),
    ];
    for broken in broken {
        let node = Node::start(move |request, number| match number {
            0 => broken(),
            _ => Some(at(100, request)),
        });
        // What is asked for is not there, which the node could say in the end.
        node.ebb(&lab, &GET)
            .exits(3)
            .warns("there is no program at");
    }
}

#[test]
fn a_wait_for_a_limit_of_requests_is_said_before_it_begins() {
    let lab = Lab::new();
    let node = Node::start(|request, number| match (method(request), number) {
        ("getMultipleAccounts", 0) => Some(http("429 Too Many Requests\r\nRetry-After: 3", "")),
        _ => Some(at(100, request)),
    });
    let run = node.ebb(&lab, &GET).exits(3);
    assert!(
        run.stderr
            .starts_with("waiting: the node limits requests (429); asking again in 3.0 s\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_is_shown_from_a_node_that_is_behind_says_so() {
    let lab = Lab::new();
    let node = Node::start(|request, _| match method(request) {
        "getSlot" => Some(at(1_075, request)),
        _ => Some(at(1_000, request)),
    });
    node.ebb(&lab, &GET).exits(3).warns(
        "warning: the node that answered is 75 slots (about 30 s) behind the cluster: it is at slot 1000, and the cluster \
         reports 1075\n",
    );
}

#[test]
fn nothing_is_changed_by_what_a_node_says_that_stays_behind() {
    let lab = Lab::new();
    let key = lab.key("id").path;
    let node = Node::start(|request, _| match method(request) {
        "getSlot" => Some(at(1_075, request)),
        _ => Some(at(1_000, request)),
    });
    let nominate = ["-k", &key, "device", "activate", "ams-dz001"];
    let run = node.ebb(&lab, &nominate).exits(6);
    let said: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(
        said[0],
        "waiting: the node is at slot 1000, behind slot 1075, which was seen; asking again"
    );
    assert!(
        said.iter()
            .any(|line| line
                .ends_with(": the node is at slot 1000, behind slot 1075, which was seen")),
        "{}",
        run.stderr
    );
    let asked = node.asked.lock().unwrap();
    let reads = asked.iter().filter(|it| it["method"] != "getSlot");
    assert!(reads.clone().count() > 10);
    for read in reads {
        assert_eq!(read["params"][1]["minContextSlot"], 1_075, "{read}");
    }
}

#[test]
fn a_proxy_that_cannot_be_reached_is_named() {
    let lab = Lab::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    for variable in ["HTTP_PROXY", "ALL_PROXY"] {
        let run = lab.with(|command| {
            command
                .env(variable, format!("http://me:s3cret@{address}"))
                .args([
                    "-u",
                    "http://node.invalid:8899/t0ken-s3cret",
                    "registry",
                    "get",
                ])
        });
        assert!(!format!("{run:?}").contains("s3cret"), "{run:?}");
        run.exits(6).warns(&format!(
            "error: cannot reach the proxy http://{address} in front of http://node.invalid:8899/…: "
        ));
    }
}
