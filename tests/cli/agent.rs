//! `ebb agent`: sessions follow the device, through drains and failures.

use {
    crate::{
        agents::{key_of, wait_until, Agent, Site},
        fleet::DEVICE,
        server::PATIENCE,
        support::Lab,
    },
    serde_json::{json, Value},
    std::{fs, os::unix::net::UnixDatagram},
};

#[test]
fn sessions_follow_the_device() {
    let site = Site::new();
    let agent = site.start(&[]);
    agent.is("serving");
    let key = "7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q";
    site.connect(&["alice", key]);
    site.has_sessions(&["alice", key]);
    assert!(site.sessions().contains(&key.to_owned()));
    // The device has room for two.
    site.connect(&["bob", key]);
    site.has_sessions(&["bob", key]);
    site.connect(&[]);
    site.has_sessions(&[]);
    agent.shows("ebb_agent_sessions{device=\"ams-dz001\"} 0");
}

#[test]
fn sessions_are_listed_with_what_the_device_calls_their_users() {
    let site = Site::new();
    let agent = site.start(&[]);
    let key = "7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q";
    site.connect(&["alice", key]);
    site.has_sessions(&["alice", key]);
    let listed = site.lab.ebb(&["session", "list", "--output", "json"]);
    let listed = listed.json();
    let sessions = listed["sessions"].as_array().unwrap();
    let label_of = |user: &str| {
        let session = sessions.iter().find(|session| session["user"] == user);
        session.unwrap()["label"].clone()
    };
    assert_eq!(label_of(&key_of("alice")), "alice");
    assert_eq!(label_of(key), Value::Null);
    let row = format!("alice ({})", key_of("alice"));
    site.lab.ebb(&["session", "list"]).exits(0).says(&row);
    // A user who has left is known until the session is closed, and then no more.
    site.connect(&[key]);
    site.has_sessions(&[key]);
    let labels = site.state().join("labels.json");
    wait_until(|| {
        let left = fs::read_to_string(&labels).unwrap();
        (left == "{}").then_some(()).ok_or(left)
    });
    drop(agent);
    // Another machine knows none.
    fs::remove_dir_all(site.state()).unwrap();
    let listed = site.lab.ebb(&["session", "list", "--output", "json"]);
    assert_eq!(listed.json()["sessions"][0]["label"], Value::Null);
}

#[test]
fn a_drain_ends_when_users_have_left() {
    let site = Site::new();
    let agent = site.start(&[]);
    site.connect(&["alice", "bob"]);
    site.has_sessions(&["alice", "bob"]);
    site.drain(&["--detach"]);
    agent.is("leaving");
    site.connect(&["bob", "carol"]);
    site.has_sessions(&["bob"]);
    site.connect(&["carol"]);
    agent.is("drained");
    let device = site
        .lab
        .ebb(&["device", "get", DEVICE, "--output", "json"])
        .json();
    assert_eq!(
        (&device["drained"], &device["sessions"]),
        (&json!(true), &json!(0))
    );
    site.lab
        .ebb_as(&site.owner, &["device", "undrain", DEVICE])
        .exits(0);
    site.has_sessions(&["carol"]);
    agent.is("serving");
}

#[test]
fn a_drain_that_starts_while_the_agent_is_down_is_caught_up_with() {
    let site = Site::new();
    site.connect(&["alice", "bob"]);
    let agent = site.start(&[]);
    site.has_sessions(&["alice", "bob"]);
    agent.kill();
    site.drain(&["--detach"]);
    site.connect(&[]);
    let agent = site.start(&[]);
    agent.is("drained");
    assert_eq!(site.sessions(), Vec::<String>::new());
}

#[test]
fn a_look_that_fails_closes_nothing() {
    let site = Site::new();
    site.connect(&["alice"]);
    let agent = site.start(&[]);
    site.has_sessions(&["alice"]);
    site.script("users", "exit 3");
    let problem = format!(
        "who is connected is unknown: {}: ended with exit code 3",
        site.lab.path().join("users").display()
    );
    let found = wait_until(|| {
        let found = agent.readiness();
        (found["status"] == "not ready")
            .then_some(found.clone())
            .ok_or(found)
    });
    assert_eq!(found["problems"], json!([problem]));
    let failed = |metrics: &str| {
        let line = metrics
            .lines()
            .find(|line| line.starts_with("ebb_agent_looks_total") && line.contains("failed"));
        line.map_or(0, |line| {
            line.rsplit(' ').next().unwrap().parse::<u32>().unwrap()
        })
    };
    // Twice as many looks as it takes to close a session.
    wait_until(|| {
        let count = failed(&agent.metrics());
        (count >= 4).then_some(()).ok_or(count)
    });
    assert_eq!(site.sessions(), [key_of("alice")]);
}

#[test]
fn it_signs_and_sends_by_itself() {
    let lab = Lab::initialized();
    let error = lab.bare(&["agent", "--sign-only", "--yes"]).exits(2).stderr;
    let expected =
        "error: `ebb agent` signs and sends as long as it runs: leave out --yes and --sign-only\n";
    assert!(error.starts_with(expected), "{error}");
}

#[test]
fn the_service_manager_hears_how_it_stands() {
    let site = Site::new();
    let path = site.lab.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let settings = [
        ("NOTIFY_SOCKET", path.to_str().unwrap()),
        ("WATCHDOG_USEC", "3000000"),
    ];
    let agent = Agent::start_with(&site.lab, &site.options(), &[], &settings);
    let hears = |wanted: &str| loop {
        let mut message = [0; 2_000];
        let len = socket.recv(&mut message).unwrap();
        let message = String::from_utf8_lossy(&message[..len]).into_owned();
        if message.lines().any(|line| line == wanted) {
            return;
        }
    };
    hears("READY=1");
    hears("STATUS=in service; 0 sessions, 0 connected");
    hears("WATCHDOG=1");
    site.connect(&["alice"]);
    hears("STATUS=in service; 1 sessions, 1 connected");
    agent.signal("TERM");
    hears("STOPPING=1");
}

#[test]
fn a_file_has_the_options_keys() {
    let site = Site::new();
    let options = site.options();
    let file = site.lab.file(
        "agent.toml",
        &format!(
            "device = \"{DEVICE}\"\nsessions = \"{}\"\nstate-directory = \"{}\"\ninterval = \"1s\"\nlog = \"json\"\n",
            options[7], options[9]
        ),
    );
    let mut args = options[..4].to_vec();
    args.extend([
        "--file".to_owned(),
        file,
        "--listen".to_owned(),
        "127.0.0.1:0".to_owned(),
    ]);
    site.connect(&["alice"]);
    let agent = Agent::start(&site.lab, &args, &[]);
    site.has_sessions(&["alice"]);
    agent.signal("TERM");
    let (code, log) = agent.end();
    assert_eq!(code, Some(143));
    let first = log.lines().next().unwrap();
    let event: Value = serde_json::from_str(first).unwrap();
    assert_eq!(
        (&event["level"], &event["target"]),
        (&json!("INFO"), &json!("ebb_agent::agent::ledger"))
    );

    let wrong = site.lab.file("wrong.toml", "devise = \"a\"\n");
    let mut args = options[..2].to_vec();
    args.extend(["--file".to_owned(), wrong.clone()]);
    let error = site.refused(&args, 2);
    assert!(
        error.starts_with(&format!("error: {wrong}: TOML parse error at line 1")),
        "{error}"
    );
    assert!(error.contains("unknown field `devise`"), "{error}");
}

#[test]
fn a_ledger_that_is_away_is_waited_for() {
    let site = Site::new();
    site.connect(&["alice", "bob"]);
    let agent = site.start(&[]);
    site.has_sessions(&["alice", "bob"]);
    let (ledger, away) = (site.lab.ledger(), site.lab.path().join("away"));
    fs::rename(&ledger, &away).unwrap();
    let found = wait_until(|| {
        let found = agent.readiness();
        (found["status"] == "not ready")
            .then_some(found.clone())
            .ok_or(found)
    });
    let problem = found["problems"][0].as_str().unwrap();
    assert!(
        problem.starts_with("the ledger is out of reach since "),
        "{problem}"
    );
    agent.shows("ebb_agent_ledger_away{device=\"ams-dz001\"} 1");
    site.connect(&["alice"]);
    fs::rename(&away, &ledger).unwrap();
    site.has_sessions(&["alice"]);
    assert_eq!(agent.readiness()["status"], "ready");
}

#[test]
fn sessions_are_opened_and_closed_in_packed_transactions() {
    let site = Site::new();
    let create = [
        "device",
        "create",
        "ams-dz002",
        "--contributor",
        "co01",
        "--location",
        "ams",
        "--type",
        "hybrid",
        "--public-ip",
        "195.219.138.51",
        "--max-sessions",
        "100",
        "--agent",
        &site.agent.pubkey,
    ];
    site.lab.ebb_as(&site.owner, &create).exits(0);
    site.lab.ebb(&["device", "activate", "ams-dz002"]).exits(0);
    let users: Vec<String> = (0..60).map(|user| format!("user{user}")).collect();
    site.connect(&users.iter().map(String::as_str).collect::<Vec<_>>());
    let mut options = site.options();
    options[5] = "ams-dz002".to_owned();
    let agent = Agent::start(&site.lab, &options, &[]);
    let count = || -> Value {
        let device = site
            .lab
            .ebb(&["device", "get", "ams-dz002", "--output", "json"]);
        device.json()["sessions"].clone()
    };
    wait_until(|| (count() == 60).then_some(()).ok_or_else(count));
    site.connect(&[]);
    wait_until(|| (count() == 0).then_some(()).ok_or_else(count));
    let metrics = wait_until(|| {
        let metrics = agent.metrics();
        let sent = metrics
            .lines()
            .find(|line| line.starts_with("ebb_agent_transactions_total") && line.contains("ok"));
        sent.map(|line| line.rsplit(' ').next().unwrap().parse::<u32>().unwrap())
            .ok_or(())
    });
    assert!((10..40).contains(&metrics), "{metrics}");
}
