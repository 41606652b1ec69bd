//! The controller in Python, `sdk/examples/controller`, in front of a server that is behind another one.

use {
    crate::{server::PATIENCE, stub::stub, support::Lab},
    serde_json::{json, Value},
    std::{
        fs::{self, File},
        path::Path,
        process::{Child, Command, Stdio},
        sync::atomic::{AtomicUsize, Ordering},
        thread,
        time::{Duration, Instant},
    },
};

const CONTROLLER: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../sdk/examples/controller/controller.py"
);

/// A controller that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A healthy device as a stream has it, whose status changed last in a slot.
fn device(code: &str, status: &str, sequence: u64, slot: u64) -> String {
    let device = json!({
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
    });
    format!("event: device\ndata: {device}\n\n")
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

fn until_scheduled(file: &Path, codes: &Value) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let scheduled = fs::read(file).ok().map(|text| {
            let scheduled: Value = serde_json::from_slice(&text).unwrap();
            scheduled
        });
        if scheduled.as_ref() == Some(codes) {
            return;
        }
        assert!(Instant::now() < deadline, "{scheduled:?}, not {codes}");
        thread::sleep(Duration::from_millis(20));
    }
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
    let log = lab.path().join("log");
    let controller = Command::new("python3")
        .arg(CONTROLLER)
        .args(["--server", &url, "--url", "unused", "--operator", "unused"])
        .args(["--schedule", "schedule.json"])
        .current_dir(lab.path())
        .stdin(Stdio::null())
        .stderr(File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let _running = Running(controller);
    let schedule = lab.path().join("schedule.json");
    until_scheduled(&schedule, &json!(["b", "c"]));
    let said = fs::read_to_string(&log).unwrap();
    let error = "the list is of slot 105, and what was seen is of slot 110";
    let refused = json!({ "server": url, "error": error });
    let said: Vec<Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(said, [refused]);
}
