//! `ebb serve`: a full disk, too many clients, slow ones, and an end amid all of them.

use {
    crate::{
        fleet::{Fleet, DEVICE},
        serve_history::{
            events, metrics_with, of, served, walked, DEVICE_HISTORY, HISTORY, STREAM,
        },
        server::{Server, PATIENCE},
        support::Lab,
    },
    ebb_sdk::{
        embedded::{EmbeddedLedger, EmbeddedOptions},
        instruction::{report_health, Expect},
        ledger::Ledger,
        pda,
        state::Health,
        ID,
    },
    serde_json::{json, Value},
    socket2::{Domain, Socket, Type},
    solana_sdk::{pubkey::Pubkey, signature::read_keypair_file, signer::Signer},
    std::{
        io::{BufRead, BufReader, Read, Write},
        net::{SocketAddr, TcpStream},
        sync::atomic::{AtomicBool, Ordering},
        thread,
        time::Instant,
    },
};

#[test]
fn a_full_disk_stops_the_history_alone_and_nothing_is_lost() {
    let fleet = Fleet::with_sessions(0);
    // A write beyond the limit of a file's size then fails as on a full disk.
    let mut server = Server::start_after(&fleet.lab, "trap '' XFSZ", &[]);
    let before = served(&server, &walked(&fleet));
    let after = format!("{STREAM}?after={}", of(&before, "cursor"));
    let mut stream = server.stream(&after);
    server.limit("fsize", "4096");
    fleet.drain();
    let warning = server.says();
    let reason = "warning: the history stands still: the history store is not available: ";
    let full = ["disk I/O error\n", "database or disk is full\n"].map(|it| format!("{reason}{it}"));
    assert!(full.contains(&warning), "{warning}");
    let device = format!("/api/v1/devices/{DEVICE}");
    server.json_when(&device, |it| it["provisioning_status"] == "draining");
    // What can still be read is, and what it lacks is named.
    let document = server.json(DEVICE_HISTORY);
    assert_eq!(document["events"], before["events"]);
    let gap = json!([{ "registration": 1, "from": 3, "to": 3, "lost": false }]);
    assert_eq!(
        (&document["complete"], &document["gaps"]),
        (&json!(false), &gap)
    );
    let whole = server.json(HISTORY);
    for document in [&document, &whole] {
        let problem = document["problem"].as_str().unwrap();
        let warning = format!("warning: the history stands still: {problem}\n");
        assert!(full.contains(&warning), "{document}");
    }
    assert_eq!(whole["complete"], Value::Null);
    metrics_with(&server, "\nebb_history_writing 0\n");

    server.limit("fsize", "unlimited");
    assert_eq!(server.says(), "the history can be read again\n");
    fleet.device(&["undrain", DEVICE]).exits(0);
    let document = served(&server, &walked(&fleet));
    assert_eq!(
        (&document["complete"], &document["problem"]),
        (&json!(true), &Value::Null)
    );
    for stream in [&mut stream, &mut server.stream(&after)] {
        let heard = [(); 2].map(|()| stream.next().unwrap().data["event"].clone());
        assert_eq!(heard, ["drain-started", "device-undrained"]);
    }
    assert_eq!(events(&document).len(), 4);
}

/// Asks on a connection, and returns the answer's status and the text of the answer.
fn ask(stream: &mut TcpStream) -> (u16, String) {
    let request = b"GET /healthz HTTP/1.1\r\nHost: ebb\r\n\r\n";
    stream.write_all(request).unwrap();
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).unwrap(), 0, "{head}");
    }
    let len = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; len.unwrap().parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head + &String::from_utf8(body).unwrap())
}

#[test]
fn ten_thousand_connections_are_served_and_one_more_is_refused() {
    let lab = Lab::initialized();
    // The server raises its limit itself.
    let server = Server::start_after(&lab, "ulimit -S -n 256", &["--no-history"]);
    let files = rlimit::increase_nofile_limit(12_000).unwrap();
    assert!(
        files >= 12_000,
        "this test opens more than {files} files: see ulimit -H -n"
    );
    let mut open = vec![];
    let refused = loop {
        let mut stream = server.connect();
        match ask(&mut stream) {
            (200, _) => open.push(stream),
            (_, refused) => break refused,
        }
    };
    // The server ends those that were quiet for long, so there may be more.
    assert!(open.len() >= 10_000, "{}", open.len());
    for part in [
        "HTTP/1.1 503 Service Unavailable\r\n",
        "\r\ncontent-type: application/problem+json\r\n",
        "\r\nretry-after: 1\r\n",
        "\r\nconnection: close\r\n",
        "\"detail\":\"too many connections are open\"",
    ] {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    let last = open.last_mut().unwrap();
    assert_eq!(ask(last).0, 200);
    drop(open);
    let end = Instant::now() + PATIENCE;
    while ask(&mut server.connect()).0 != 200 {
        assert!(Instant::now() < end);
    }
    assert_eq!(server.json("/readyz")["status"], "ready");
}

#[test]
fn a_server_under_load_ends_its_streams_and_then_itself() {
    let fleet = Fleet::with_sessions(0);
    let server = Server::start(&fleet.lab);
    let etag = server.get("/api/v1/devices").headers()["etag"].clone();
    let mut streams: Vec<_> = (0..100).map(|_| server.stream("/api/v1/watch")).collect();
    for stream in &mut streams {
        assert_eq!(stream.next().unwrap().name, "device");
        assert_eq!(stream.next().unwrap().name, "listed");
    }
    // One never reads, and one never ends its request.
    let mut deaf = server.connect();
    deaf.write_all(b"GET /api/v1/watch HTTP/1.1\r\nHost: ebb\r\n\r\n")
        .unwrap();
    let mut slow = server.connect();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost:").unwrap();
    let has_answered = AtomicBool::new(false);
    let ended = thread::scope(|scope| {
        let pollers: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let mut answers = 0;
                    // Whatever is answered is answered in full.
                    while let Ok(response) = server.request("GET", "/api/v1/devices").send() {
                        assert_eq!(response.status(), 200);
                        let list: Value = response.json().unwrap();
                        assert_eq!(list["devices"][0]["code"], DEVICE);
                        has_answered.store(true, Ordering::Relaxed);
                        answers += 1;
                    }
                    answers
                })
            })
            .collect();
        let waiting: Vec<_> = (0..8)
            .map(|_| {
                let request = server.request("GET", "/api/v1/devices?wait=60s");
                let request = request.header("if-none-match", etag.clone());
                scope.spawn(|| {
                    request
                        .send()
                        .ok()
                        .map(|response| response.status().as_u16())
                })
            })
            .collect();
        while !has_answered.load(Ordering::Relaxed) {
            thread::yield_now();
        }
        let began = Instant::now();
        server.kill("TERM");
        for stream in &mut streams {
            assert!(stream.next().is_none());
        }
        for waiting in waiting {
            // It was answered, or had not been accepted yet.
            assert!(matches!(waiting.join().unwrap(), None | Some(304)));
        }
        let answers: usize = pollers.into_iter().map(|it| it.join().unwrap()).sum();
        assert!(answers > 0);
        began
    });
    assert_eq!(server.end(), (143, "error: ended by SIGTERM\n".to_owned()));
    // It takes three seconds at most, and a machine that is busy some more.
    assert!(ended.elapsed().as_secs() < 30, "{:?}", ended.elapsed());
}

/// How many devices there are whose health is reported again and again.
const DEVICES: usize = 500;
/// How often: as much as the buffers of a connection hold, and more.
const ROUNDS: usize = 20;
/// How much a slow client reads meanwhile, in bytes: so little that it falls behind, and enough to be there.
const READ_SLOWLY: usize = 64 * 1024;

/// Registers devices, and returns their codes.
fn register(fleet: &Fleet) -> Vec<String> {
    let head = "code,contributor,location,device_type,public_ip,max_sessions\n";
    let codes = (0..DEVICES).map(|number| format!("dz{number:04}"));
    let codes: Vec<String> = codes.collect();
    let rows = codes
        .iter()
        .map(|code| format!("{code},co01,ams,hybrid,195.219.138.50,8\n"));
    let file = fleet.lab.file(
        "devices.csv",
        &(head.to_owned() + &rows.collect::<String>()),
    );
    fleet.device(&["import", &file]).exits(0);
    codes
}

/// Reports the health of devices, one after the other.
async fn report(ledger: &EmbeddedLedger, fleet: &Fleet, devices: &[Pubkey], health: Health) {
    let oracle = read_keypair_file(fleet.lab.ledger().join("keys/default.json")).unwrap();
    let key = oracle.pubkey();
    for some in devices.chunks(20) {
        let reports = some
            .iter()
            .map(|device| report_health(&ID, &key, device, false, health, Expect::default()));
        let reports: Vec<_> = reports.collect();
        ledger.send(&reports, &[&oracle]).await.unwrap();
    }
}

/// Opens a stream of the devices and of their changes, of which the system takes only so much ahead of its reader.
fn watch(server: &Server) -> BufReader<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(READ_SLOWLY).unwrap();
    let address: SocketAddr = format!("127.0.0.1:{}", server.port()).parse().unwrap();
    socket.connect(&address.into()).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut stream = TcpStream::from(socket);
    let request = b"GET /api/v1/watch HTTP/1.0\r\nHost: ebb\r\n\r\n";
    stream.write_all(request).unwrap();
    BufReader::new(stream)
}

/// The names of the events of a stream.
fn names(stream: BufReader<TcpStream>) -> impl Iterator<Item = String> {
    let lines = stream.lines().map_while(Result::ok);
    lines.filter_map(|line| line.strip_prefix("event: ").map(str::to_owned))
}

#[test]
fn a_client_that_is_too_slow_begins_again_and_another_hears_everything() {
    let fleet = Fleet::with_sessions(0);
    let codes = register(&fleet);
    let options = ["--no-history", "--kept-changes", "1000"];
    let server = Server::start_with(&fleet.lab, &options);
    let (mut slow, quick) = (watch(&server), watch(&server));
    // The device of the fleet itself, and those that were imported.
    let expected = 1 + DEVICES * (1 + ROUNDS);
    let hearing = thread::spawn(move || {
        let heard = names(quick).filter(|name| name == "device");
        heard.take(expected).count()
    });
    let addresses: Vec<_> = codes.iter().map(|code| pda::device(&ID, code).0).collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let ledger = EmbeddedLedger::open(fleet.lab.ledger(), EmbeddedOptions::default()).unwrap();
    let last = format!("/api/v1/devices/{}", codes[DEVICES - 1]);
    for round in 0..ROUNDS {
        let (health, name) = match round % 2 {
            0 => (Health::Healthy, "healthy"),
            _ => (Health::Unhealthy, "unhealthy"),
        };
        runtime.block_on(report(&ledger, &fleet, &addresses, health));
        // What changes twice between two readings is one change.
        server.json_when(&last, |device| device["health"] == name);
        slow.read_exact(&mut vec![0; READ_SLOWLY]).unwrap();
    }
    assert_eq!(hearing.join().unwrap(), expected);
    // Were it not too slow, it would hear as much as the other, and that its list is complete.
    assert_eq!(names(slow).take(expected + 1).last().unwrap(), "resync");
    let metrics = server.get("/metrics").text().unwrap();
    assert!(metrics.contains("\nebb_sse_dropped_total 1\n"), "{metrics}");
}
