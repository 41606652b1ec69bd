//! The controller in Python, `sdk/examples/controller`, in front of servers that are made up.

use {
    crate::{server::PATIENCE, stub::stub, support::Lab},
    serde_json::{json, Value},
    std::{
        fs::{self, File, Permissions},
        os::unix::fs::PermissionsExt,
        process::{Child, Command, ExitStatus, Stdio},
        sync::atomic::{AtomicUsize, Ordering},
        thread,
        time::{Duration, Instant},
    },
};

const CONTROLLER: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../sdk/examples/controller/controller.py"
);

/// The ledger's URL, as providers have them.
const LEDGER: &str = "https://rpc.example.com/?api-key=S3cretKey";
/// Stands in for `ebb`: writes down what it is to do with which device.
const EBB: &str = r#"#!/bin/sh
echo "$1 $2 $3" >>done
"#;
/// A hook that hangs, as what it has started does.
const HANGING_HOOK: &str = r#"#!/bin/sh
sleep 3600 &
echo $! >hanging
wait
"#;

/// A controller that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// Starts a controller in the test's folder, which logs to the file `log` there.
    fn start(lab: &Lab, server: &str, options: &[&str]) -> Self {
        let controller = Command::new("python3")
            .arg(CONTROLLER)
            .args(["--server", server, "--url", LEDGER, "--ebb", "./ebb"])
            .args(["--operator", "operator.json"])
            .args(["--schedule", "schedule.json"])
            .args(options)
            .current_dir(lab.path())
            .stdin(Stdio::null())
            .stderr(File::create(lab.path().join("log")).unwrap())
            .spawn();
        Self(controller.unwrap())
    }

    /// Waits until it has ended by itself.
    fn end(mut self) -> ExitStatus {
        until("the controller has ended", || self.0.try_wait().unwrap())
    }
}

/// A healthy device as a stream has it, whose status changed last in a slot.
fn device(code: &str, status: &str, sequence: u64, slot: u64) -> String {
    event(healthy(code, status, sequence, slot))
}

/// A device whose health is reported for the first time.
fn reported(code: &str, status: &str, health: &str) -> String {
    let mut device = healthy(code, status, 5, 50);
    device["health"] = json!(health);
    device["health_reported_at"] = json!("2026-01-02T15:00:00Z");
    event(device)
}

fn event(device: Value) -> String {
    format!("event: device\ndata: {device}\n\n")
}

fn healthy(code: &str, status: &str, sequence: u64, slot: u64) -> Value {
    json!({
        "code": code,
        "address": format!("address of {code}"),
        "contributor_address": "contributor",
        "generation": 1,
        "sequence": sequence,
        "location": "ams",
        "provisioning_status": status,
        "status_changed_slot": slot,
        "health": "healthy",
        "disk_keys": 0,
    })
}

fn listed(slot: u64) -> String {
    format!("event: listed\ndata: {{\"slot\": {slot}}}\nid: a-1\n\n")
}

/// What the servers behind one URL answer to who asks for a list, one after another. The last connection stays open.
fn lists() -> [String; 3] {
    let [a, b] = ["a", "b"].map(|code| device(code, "activated", 5, 50));
    let created = device("c", "pending", 1, 40);
    let (draining, activated) = (
        device("a", "draining", 6, 110),
        device("c", "activated", 2, 115),
    );
    [
        // A drain starts after the list.
        [":\n\n", &a, &b, &created, &listed(100), &draining].concat(),
        // A server before the drain, which does not know of all devices.
        [":\n\n", &a, &listed(105)].concat(),
        // The list is new enough, and one account in it is not.
        [a, b, activated, listed(120)].concat(),
    ]
}

/// Answers who asks for a list with these devices, and leaves the stream open. It knows no position.
fn server_of(devices: &[String]) -> String {
    let list = [&devices.concat(), &*listed(100)].concat();
    stub(move |path| match path {
        "/api/v1/watch" => (200, String::new(), list.clone()),
        _ => (410, String::new(), String::new()),
    })
}

fn program(lab: &Lab, name: &str, text: &str) {
    let file = lab.file(name, text);
    fs::set_permissions(file, Permissions::from_mode(0o755)).unwrap();
}

/// Waits until there is something, and returns it.
fn until<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(Instant::now() < deadline, "it did not come to this: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn until_scheduled(lab: &Lab, codes: &Value) {
    let file = lab.path().join("schedule.json");
    until(&format!("the scheduler has {codes}"), || {
        let scheduled = fs::read(&file).ok()?;
        let scheduled: Value = serde_json::from_slice(&scheduled).unwrap();
        (scheduled == *codes).then_some(())
    });
}

/// Waits until the controller has logged so many lines, and returns them.
fn logged(lab: &Lab, count: usize) -> Vec<Value> {
    let file = lab.path().join("log");
    until(&format!("{count} lines are logged"), || {
        let text = fs::read_to_string(&file).unwrap();
        let whole = text.split_inclusive('\n').filter(|it| it.ends_with('\n'));
        let lines: Vec<_> = whole
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        (lines.len() >= count).then_some(lines)
    })
}

#[test]
fn a_state_that_is_older_than_one_it_has_is_not_taken() {
    let lab = Lab::new();
    let asked = AtomicUsize::new(0);
    let url = stub(move |path| match path {
        "/api/v1/watch" => {
            let list = lists()[asked.fetch_add(1, Ordering::Relaxed)].clone();
            (200, String::new(), list)
        }
        // The position is another server's.
        _ => (410, String::new(), String::new()),
    });
    let _running = Running::start(&lab, &url, &[]);
    until_scheduled(&lab, &json!(["b", "c"]));
    let error = "the list is of slot 105, and what was seen is of slot 110";
    let refused = json!({ "server": url, "error": error });
    assert_eq!(logged(&lab, 1), [refused]);
}

#[test]
fn a_command_that_hangs_is_killed_with_what_it_started_and_the_next_device_is_drained() {
    let lab = Lab::new();
    program(&lab, "ebb", EBB);
    program(&lab, "power-off", HANGING_HOOK);
    let url = server_of(&[
        reported("a", "pending", "dead"),
        reported("b", "activated", "unhealthy"),
    ]);
    let hook = ["--power-off", "./power-off", "--timeout", "0.5"];
    let _running = Running::start(&lab, &url, &hook);
    let drained = until("a device is drained", || {
        let done = fs::read_to_string(lab.path().join("done"));
        done.ok().filter(|done| done.ends_with('\n'))
    });
    assert_eq!(drained, "device drain b\n");
    let hanging = fs::read_to_string(lab.path().join("hanging")).unwrap();
    until("what the hook started has ended", || {
        // Whoever waits for it may not have done so yet.
        let process = fs::read_to_string(format!("/proc/{}/cmdline", hanging.trim()));
        process.unwrap_or_default().is_empty().then_some(())
    });
    let killed = json!({
        "device": "a",
        "command": ["./power-off", "a"],
        "error": "killed, as it took longer than 0.5 seconds",
    });
    assert_eq!(logged(&lab, 2)[0], killed);
}

#[test]
fn what_may_be_secret_of_a_command_is_not_logged() {
    let lab = Lab::new();
    program(&lab, "ebb", EBB);
    let url = server_of(&[reported("b", "activated", "unhealthy")]);
    let _running = Running::start(&lab, &url, &[]);
    let drain = "./ebb device drain b --reason";
    let mut command: Vec<&str> = drain.split(' ').collect();
    command.push("health: unhealthy");
    let options = "--deadline 1h --detach --keypair *** --url *** --yes --output json-compact";
    command.extend(options.split(' '));
    let drained = json!({"device": "b", "command": command, "exit": 0, "output": "", "error": ""});
    assert_eq!(logged(&lab, 1), [drained]);
}

#[test]
fn a_servers_password_is_refused_and_not_repeated() {
    let lab = Lab::new();
    let running = Running::start(&lab, "http://user:S3cret@127.0.0.1:1", &[]);
    assert_eq!(running.end().code(), Some(2));
    let log = fs::read_to_string(lab.path().join("log")).unwrap();
    assert!(log.contains("--token-file"), "{log}");
    assert!(!log.contains("S3cret"), "{log}");
}

#[test]
fn it_ends_with_an_error_when_one_of_its_threads_does() {
    let lab = Lab::new();
    let mut device = healthy("a", "activated", 5, 50);
    device["health"] = json!("dead");
    // It does not say when that was reported, which the hook's event is named by.
    let url = server_of(&[event(device)]);
    let running = Running::start(&lab, &url, &["--power-off", "./power-off"]);
    assert_eq!(running.end().code(), Some(1));
    let log = fs::read_to_string(lab.path().join("log")).unwrap();
    assert!(log.contains("KeyError: 'health_reported_at'"), "{log}");
}
