use {
    super::*,
    crate::{
        ledger::RequestOutcome,
        rpc::{CommitmentConfig, Ledger},
    },
    std::{
        io::{BufRead, BufReader, Read, Write},
        net::{TcpListener, TcpStream},
        thread::{self, JoinHandle},
    },
};

const SLOT: u64 = 100;
const KEY: Pubkey = Pubkey::new_from_array([7; 32]);

/// An account of a list, as nodes write it.
fn account(byte: u8, data: &str) -> String {
    let address = Pubkey::new_from_array([byte; 32]);
    format!(
        r#"{{"account":{{"data":["{data}","base64"],"executable":false,"lamports":9,"owner":"{KEY}","rentEpoch":18446744073709551615,"space":3}},"pubkey":"{address}"}}"#
    )
}

fn answer(accounts: &[String]) -> String {
    let accounts = accounts.join(",");
    format!(
        r#"{{"jsonrpc":"2.0","result":{{"context":{{"apiVersion":"4.2.2","slot":{SLOT}}},"value":[{accounts}]}},"id":0}}"#
    )
}

/// The elements of an answer that comes in parts of some length, and what is left of it.
fn cut(answer: &str, part: usize) -> (Vec<String>, String) {
    let mut cutter = Cutter::default();
    let mut elements = vec![];
    for part in answer.as_bytes().chunks(part) {
        let taken = cutter.take(part, |piece| {
            if let Piece::Element(element) = piece {
                elements.push(String::from_utf8(element.to_vec()).unwrap());
            }
            Ok::<_, ()>(())
        });
        taken.unwrap();
    }
    (elements, String::from_utf8(cutter.envelope()).unwrap())
}

#[test]
fn the_context_comes_first_and_stays_where_it_was() {
    let whole = answer(&[account(1, "AQID")]);
    for part in 1..=whole.len() {
        let mut cutter = Cutter::default();
        let mut pieces = vec![];
        for part in whole.as_bytes().chunks(part) {
            let taken = cutter.take(part, |piece| {
                pieces.push(match piece {
                    Piece::Context(context) => String::from_utf8(context.to_vec()).unwrap(),
                    Piece::Element(_) => "an element".into(),
                });
                Ok::<_, ()>(())
            });
            taken.unwrap();
        }
        let context = r#"{"apiVersion":"4.2.2","slot":100}"#;
        assert_eq!(pieces, [context, "an element"], "parts of {part}");
        let envelope = serde_json::from_slice::<Envelope<Value>>(&cutter.envelope()).unwrap();
        assert_eq!(envelope.slot().unwrap(), SLOT);
    }
}

#[test]
fn elements_are_cut_out_wherever_the_answer_is_parted() {
    let tricky = r#"{"a":"}],\"{[\\","b":[{"c":[]}]}"#.to_owned();
    let accounts = [account(1, "AQID"), tricky, account(2, "")];
    let whole = answer(&accounts);
    for part in 1..=whole.len() {
        let (elements, envelope) = cut(&whole, part);
        assert_eq!(elements, accounts, "parts of {part}");
        let left = r#"{"jsonrpc":"2.0","result":{"context":{"apiVersion":"4.2.2","slot":100},"value":[null,null,null]},"id":0}"#;
        assert_eq!(envelope, left, "parts of {part}");
    }
}

#[test]
fn an_error_has_no_elements() {
    let error = r#"{"error":{"code":-32010,"message":"{[","data":{"x":[{"y":1}]}},"id":[]}"#;
    assert_eq!(cut(error, 5), (vec![], error.to_owned()));
}

#[test]
fn a_list_that_breaks_off_is_never_sound() {
    let whole = answer(&[account(1, "AQID"), account(2, "AQID")]);
    for len in 0..whole.len() {
        let (_, envelope) = cut(&whole[..len], 64);
        let read = serde_json::from_str::<Envelope<Value>>(&envelope);
        assert!(read.is_err(), "{envelope}");
    }
}

fn element(json: &str) -> Option<(Pubkey, Vec<u8>)> {
    let element: Element = serde_json::from_str(json).unwrap();
    let (address, account) = element.account()?;
    assert_eq!((account.owner, account.lamports), (KEY, 9));
    assert_eq!(account.rent_epoch, u64::MAX);
    Some((address, account.data))
}

#[test]
fn an_element_is_an_account() {
    let address = Pubkey::new_from_array([3; 32]);
    let sound = account(3, "AQL/");
    assert_eq!(element(&sound), Some((address, vec![1, 2, 255])));
    // Fields that are not known yet, and texts with escapes in them.
    let newer = sound.replace(r#""lamports""#, r#""new":{"a":[1]},"lamports""#);
    assert_eq!(element(&newer), Some((address, vec![1, 2, 255])));
    let escaped = sound.replace("AQL/", r"AQL\/");
    assert_eq!(element(&escaped), Some((address, vec![1, 2, 255])));
}

#[test]
fn an_element_that_cannot_be_read_is_none() {
    let sound = account(3, "AQL/");
    for wrong in [
        sound.replace("AQL/", "AQL"),
        sound.replace("AQL/", "A*L/"),
        sound.replace("base64", "base58"),
        sound.replace(&KEY.to_string(), "nobody"),
        sound.replace(&Pubkey::new_from_array([3; 32]).to_string(), "nowhere"),
    ] {
        assert_eq!(element(&wrong), None, "{wrong}");
    }
}

/// A node that gives these answers, one to each connection, and then counts the requests that it had.
struct ListNode {
    url: String,
    served: JoinHandle<Vec<String>>,
}

impl ListNode {
    fn new(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/secret", listener.local_addr().unwrap());
        let serve = move || {
            let answers = answers.iter();
            answers
                .map(|answer| {
                    let (mut connection, _) = listener.accept().unwrap();
                    let request = request(&connection);
                    connection.write_all(answer.as_bytes()).unwrap();
                    request
                })
                .collect()
        };
        Self {
            url,
            served: thread::spawn(serve),
        }
    }

    /// What a list came to, and the requests that were made for it.
    async fn list(self) -> (Result<Vec<u8>, LedgerError>, Vec<String>) {
        let ledger = RpcLedger::new(self.url, CommitmentConfig::confirmed());
        let filter = Filter {
            offset: 0,
            bytes: vec![1],
        };
        let listed = ledger.program_accounts(&KEY, &[filter]).await;
        let requests = self.served.join().unwrap();
        let first_bytes = |(address, _): (Pubkey, _)| address.to_bytes()[0];
        (
            listed.map(|found| found.into_iter().map(first_bytes).collect()),
            requests,
        )
    }
}

/// The body of a request.
fn request(connection: &TcpStream) -> String {
    let mut connection = BufReader::new(connection);
    let mut len = 0;
    loop {
        let mut line = String::new();
        connection.read_line(&mut line).unwrap();
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            len = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; len];
    connection.read_exact(&mut body).unwrap();
    String::from_utf8(body).unwrap()
}

fn http(status: &str, body: &str) -> String {
    let len = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Length: {len}\r\nConnection: close\r\n\r\n{body}")
}

#[tokio::test]
async fn a_list_is_read_filtered_and_sorted() {
    let found = [account(9, "AQID"), account(2, "AgAA"), account(3, "AQ==")];
    let node = ListNode::new(vec![http("200 OK", &answer(&found))]);
    let (listed, requests) = node.list().await;
    assert_eq!(listed.unwrap(), [3, 9]);
    let request: Value = serde_json::from_str(&requests[0]).unwrap();
    assert_eq!(request["method"], "getProgramAccounts");
    assert_eq!(request["params"][0], KEY.to_string());
    let asked = &request["params"][1];
    let filter = json!({ "memcmp": { "offset": 0, "encoding": "base64", "bytes": "AQ==" } });
    assert_eq!(asked["filters"], json!([filter]));
    assert_eq!(
        (&asked["encoding"], &asked["commitment"]),
        (&json!("base64"), &json!("confirmed"))
    );
}

#[tokio::test]
async fn a_node_that_is_asked_too_often_is_asked_again() {
    let empty = http("200 OK", &answer(&[]));
    let later = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let (listed, requests) = ListNode::new(vec![later.into(), empty]).list().await;
    assert!(listed.unwrap().is_empty());
    assert_eq!(requests.len(), 2);
    let (listed, _) = ListNode::new(vec![later.into(); 6]).list().await;
    let error = listed.unwrap_err();
    assert!(matches!(error, LedgerError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("429"), "{error}");
}

#[tokio::test]
async fn a_gateway_that_breaks_is_asked_again() {
    let empty = http("200 OK", &answer(&[]));
    let broken = [
        http("502 Bad Gateway", "<html>nginx</html>"),
        http("503 Service Unavailable", ""),
        // The connection ends before the answer has begun, and before the first account has come.
        String::new(),
        http("200 OK", &answer(&[account(1, "AQID")]))
            .split_at(160)
            .0
            .into(),
    ];
    let (listed, requests) = ListNode::new([&broken[..], &[empty]].concat()).list().await;
    assert!(listed.unwrap().is_empty());
    assert_eq!(requests.len(), 5);

    let (listed, _) = ListNode::new(vec![broken[0].clone(); 6]).list().await;
    let error = listed.unwrap_err();
    assert!(matches!(error, LedgerError::Unreachable { .. }), "{error}");
    assert!(
        error
            .to_string()
            .ends_with("502 Bad Gateway: <html>nginx</html>"),
        "{error}"
    );
}

#[tokio::test]
async fn who_is_refused_access_reads_why() {
    for (status, body, says) in [
        (
            "401 Unauthorized",
            r#"{"error":{"code":-1,"message":"no key"}}"#,
            "401 Unauthorized: no key",
        ),
        (
            "403 Forbidden",
            "your plan\r\n  excludes lists",
            "403 Forbidden: your plan excludes lists",
        ),
        (
            "403 Forbidden",
            r#"{"message":"blocked"}"#,
            "403 Forbidden: blocked",
        ),
        ("403 Forbidden", "", "403 Forbidden"),
    ] {
        let (listed, requests) = ListNode::new(vec![http(status, body)]).list().await;
        match listed.unwrap_err() {
            LedgerError::Denied { message, .. } => assert_eq!(message, says),
            other => panic!("{other}"),
        }
        assert_eq!(requests.len(), 1);
    }
}

#[tokio::test]
async fn a_list_of_a_node_that_is_behind_is_not_begun() {
    let old = answer(&[account(1, "AQID")]);
    let new = answer(&[account(9, "AQID")]).replace("100", "130");
    let refused = r#"{"jsonrpc":"2.0","error":{"code":-32016,"message":"Minimum context slot has not been reached","data":{"contextSlot":100}},"id":0}"#;
    let answers = [&new, &old, refused, &new].map(|body| http("200 OK", body));
    let node = ListNode::new(answers.into());
    let ledger = RpcLedger::new(&node.url, CommitmentConfig::confirmed());
    for _ in 0..2 {
        let mut seen = vec![];
        let mut visit = |address: Pubkey, _| seen.push(address.to_bytes()[0]);
        ledger.list(&KEY, &[], &mut visit).await.unwrap();
        assert_eq!(seen, [9]);
    }
    assert_eq!(ledger.oldest_read(), Some(130));
    assert_eq!(
        counts(&ledger),
        [(RequestOutcome::Ok, 2), (RequestOutcome::Behind, 2)]
    );
    let requests = node.served.join().unwrap();
    let least = requests.iter().map(|request| {
        let request: Value = serde_json::from_str(request).unwrap();
        request["params"][1]["minContextSlot"].as_u64()
    });
    assert_eq!(
        least.collect::<Vec<_>>(),
        [None, Some(130), Some(130), Some(130)]
    );
}

/// What came of the requests, and of how many.
fn counts(ledger: &RpcLedger) -> Vec<(RequestOutcome, u64)> {
    let requests = ledger.traffic().requests.into_iter();
    requests
        .map(|((method, outcome), count)| {
            assert_eq!(method, "getProgramAccounts");
            (outcome, count)
        })
        .collect()
}

#[tokio::test]
async fn a_list_that_breaks_off_is_counted_as_unreachable() {
    let whole = answer(&[account(1, "AQID"), account(2, "AQID")]);
    let broken_off = http("200 OK", &whole).replace(&whole, &whole[..whole.len() - 50]);
    let ledger = RpcLedger::new(
        ListNode::new(vec![broken_off]).url,
        CommitmentConfig::confirmed(),
    );
    let listed = ledger.program_accounts(&KEY, &[]).await;
    listed.unwrap_err();
    assert_eq!(counts(&ledger), [(RequestOutcome::Unreachable, 1)]);
}

#[tokio::test]
async fn a_list_that_is_none_is_an_error_and_keeps_secrets() {
    let whole = answer(&[account(1, "AQID"), account(2, "AQID")]);
    let broken_off = http("200 OK", &whole).replace(&whole, &whole[..whole.len() - 50]);
    let refused = r#"{"jsonrpc":"2.0","error":{"code":-32010,"message":"excluded"},"id":0}"#;
    for (sent, unreachable, says) in [
        (http("410 Gone", ""), true, "410"),
        (http("500 Internal Server Error", ""), true, "500"),
        (broken_off, true, "error decoding response body"),
        (http("200 OK", "<html>"), true, "cannot be read"),
        (http("200 OK", "[]"), true, "cannot be read"),
        (http("200 OK", r#"{"result":null}"#), true, "no result"),
        (
            http("200 OK", &answer(&["1".into()])),
            true,
            "cannot be read",
        ),
        (http("200 OK", &answer(&["{}".into()])), true, "pubkey"),
        (
            http("200 OK", refused),
            false,
            "answered: excluded (-32010)",
        ),
        (
            http("200 OK", &answer(&[account(1, "A")])),
            false,
            "sent an unreadable account",
        ),
    ] {
        let error = ListNode::new(vec![sent]).list().await.0.unwrap_err();
        let is_unreachable = matches!(error, LedgerError::Unreachable { .. });
        assert_eq!(is_unreachable, unreachable, "{error}");
        assert!(error.to_string().contains(says), "{error}: {says}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
