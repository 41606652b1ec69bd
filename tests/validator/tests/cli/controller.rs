//! The controller in Python, `sdk/examples/controller`, through the life of a device. Server and controller are killed on the way.

use {
    crate::lab::{validator, Lab, User},
    ebb_validator_tests::{ebb_binary, until, Running},
    serde_json::{json, Value},
    std::{
        fs::{self, File, Permissions},
        os::unix::fs::PermissionsExt,
        path::{Path, PathBuf},
        process::Stdio,
    },
    tokio::process::{Child, Command},
};

const CONTROLLER: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../sdk/examples/controller/controller.py"
);
const FIRST: &str = "ams-dz001";
const SECOND: &str = "ams-dz002";
const THIRD: &str = "ams-dz003";
/// A round so seldom that a controller is left with events alone.
const SELDOM: &str = "3600";
/// Writes down which device it was to power off, and for which report.
const POWER_OFF: &str = r#"#!/bin/sh
echo "$1 $EBB_EVENT $EBB_EVENT_ID" >>powered-off
"#;

/// Three devices at one location that can spare one of them, and who has to do with them.
struct Site {
    lab: Lab,
    owner: User,
    agent: User,
    operator: User,
    custodian: User,
    /// The controller runs here; the key store is here too.
    folder: PathBuf,
}

impl Site {
    async fn new() -> Self {
        let (lab, owner) = Lab::with_contributor().await;
        let (agent, operator, custodian) = (lab.user().await, lab.user().await, lab.user().await);
        let folder = Path::new(&custodian.ebb.key_file())
            .parent()
            .map(PathBuf::from);
        let site = Self {
            lab,
            owner,
            agent,
            operator,
            custodian,
            folder: folder.expect("a key is in a folder"),
        };
        site.set_up().await;
        site
    }

    async fn set_up(&self) {
        let network = &self.lab.authority;
        network
            .changes("location set-budget ams --min-activated 2")
            .await;
        let operator = format!("contributor set-operator co01 {}", self.operator.key);
        self.owner.changes(&operator).await;
        for code in [FIRST, SECOND, THIRD] {
            let place =
                "--contributor co01 --location ams --type hybrid --public-ip 195.219.138.50";
            let create = format!(
                "device create {code} {place} --max-sessions 128 --agent {}",
                self.agent.key
            );
            self.owner.changes(&create).await;
            network.changes(&format!("device activate {code}")).await;
            self.is_reported(code, "healthy").await;
        }
        let identity = age_identity();
        self.custodian.ebb.file("identity.txt", &identity);
        let key = "data --generate --store key-store --identity identity.txt --owner";
        let owner = self.owner.ebb.key_file();
        let register = format!("disk-key register {FIRST} {key} {owner}");
        self.custodian.changes(&register).await;
        self.custodian.ebb.file("power-off", POWER_OFF);
        let executable = Permissions::from_mode(0o755);
        fs::set_permissions(self.folder.join("power-off"), executable).expect("it is a file");
    }

    async fn is_reported(&self, code: &str, health: &str) {
        let report = format!("device report-health {code} {health}");
        self.lab.authority.changes(&report).await;
    }

    /// Starts a server, and returns where it listens.
    async fn serve(&self, address: &str) -> (Running, String) {
        let mut server = self.owner.ebb.start(&["serve", "--listen", address]);
        server.says("serving on ").await;
        let said = server.said().lines();
        let url = said
            .filter_map(|line| line.strip_prefix("serving on "))
            .next_back();
        let url = url.expect("it listens").to_owned();
        (server, url)
    }

    /// Starts a controller, which writes its log to a file and goes over all devices every so many seconds.
    async fn control(&self, server: &str, log: &str, round: &str) -> Child {
        let log = File::create(self.folder.join(log)).expect("the log is made");
        Command::new("python3")
            .arg(CONTROLLER)
            .args(["--server", server, "--url", &validator().await.url()])
            .arg("--ebb")
            .arg(ebb_binary())
            .args(["--operator", &self.operator.ebb.key_file()])
            .args(["--custodian", &self.custodian.ebb.key_file()])
            .args(["--identity", "identity.txt", "--schedule", "schedule.json"])
            .args(["--power-off", "./power-off", "--round", round])
            .current_dir(&self.folder)
            .env("HOME", &self.folder)
            .env("EBB_KEY_STORE", "key-store")
            .env("EBB_PROGRAM_ID", self.lab.program_id.to_string())
            .stdin(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .expect("python3 starts")
    }

    /// Waits until the scheduler may place users on these devices and no others.
    async fn until_scheduled(&self, codes: &[&str]) {
        let what = format!("the scheduler has {codes:?}");
        let file = self.folder.join("schedule.json");
        until(&what, || async {
            // Before the first list there is no file.
            fs::read(&file).is_ok_and(|text| {
                let scheduled: Value = serde_json::from_slice(&text).expect("JSON");
                scheduled == json!(codes)
            })
        })
        .await;
    }

    async fn until_status(&self, code: &str, status: &str) {
        until(&format!("{code} is {status}"), || async {
            self.owner.device(code).await["provisioning_status"] == status
        })
        .await;
    }

    /// Waits until the controller with this log was refused the drain of a device by the budget.
    async fn until_refused(&self, code: &str, log: &str) {
        until(&format!("the drain of {code} is refused"), || async {
            let log = fs::read_to_string(self.folder.join(log)).expect("there is a log");
            let lines = log
                .lines()
                .filter_map(|line| serde_json::from_str(line).ok());
            lines.into_iter().any(|line: Value| {
                let output = line["output"].as_str().unwrap_or_default();
                line["device"] == code && line["exit"] == 4 && output.contains("BudgetExceeded")
            })
        })
        .await;
    }

    /// Waits until the hook ran so many times, and returns what it wrote each time.
    async fn until_powered_off(&self, times: usize) -> Vec<String> {
        let lines = || {
            let written = fs::read_to_string(self.folder.join("powered-off"));
            let written = written.unwrap_or_default();
            written.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        until(&format!("the hook ran {times} times"), || async {
            lines().len() == times
        })
        .await;
        lines()
    }
}

/// A secret that opens the key store.
fn age_identity() -> String {
    use age::secrecy::ExposeSecret;
    let identity = age::x25519::Identity::generate();
    identity.to_string().expose_secret().to_owned()
}

/// The steps of a history: event, from, to, role and reason.
fn steps(history: &Value) -> Value {
    let events = history["events"].as_array().expect("a list").iter();
    let step =
        |event: &Value| ["event", "from", "to", "role", "reason"].map(|key| event[key].clone());
    json!(events.map(step).collect::<Vec<_>>())
}

/// What the history of the first device is to be.
fn life() -> Value {
    json!([
        ["device-created", null, 1, "contributor", null],
        [
            "device-activated",
            "pending",
            "activated",
            "authority",
            null
        ],
        ["health-reported", "unknown", "healthy", "authority", null],
        ["disk-key-registered", 0, 1, "custodian", null],
        ["session-opened", 0, 1, "agent", null],
        ["session-opened", 1, 2, "agent", null],
        ["health-reported", "healthy", "unhealthy", "authority", null],
        [
            "drain-started",
            "activated",
            "draining",
            "operator",
            "health: unhealthy"
        ],
        ["session-closed", 2, 1, "agent", null],
        ["session-closed", 1, 0, "agent", null],
        ["health-reported", "unhealthy", "healthy", "authority", null],
        [
            "device-undrained",
            "draining",
            "activated",
            "contributor",
            null
        ],
        ["health-reported", "healthy", "dead", "authority", null],
        [
            "drain-started",
            "activated",
            "draining",
            "operator",
            "health: dead"
        ],
        [
            "device-retired",
            "draining",
            "retiring",
            "contributor",
            null
        ],
        [
            "disk-key-destroyed",
            "retiring",
            "retired",
            "custodian",
            null
        ],
        ["device-removed", "retired", null, "contributor", null],
    ])
}

async fn kill(mut controller: Child) {
    controller.kill().await.expect("it is killed");
}

async fn kill_server(server: Running) {
    server.signal("KILL");
    assert_eq!(server.end().await.code, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_controller_sees_a_device_through_its_life() {
    let site = Site::new().await;
    let users = site.agent.opens(FIRST, 2).await;
    let (server, url) = site.serve("127.0.0.1:0").await;
    let address = url.trim_start_matches("http://").to_owned();
    let controller = site.control(&url, "log", SELDOM).await;
    site.until_scheduled(&[FIRST, SECOND, THIRD]).await;

    site.is_reported(FIRST, "unhealthy").await;
    site.until_scheduled(&[SECOND, THIRD]).await;
    site.until_status(FIRST, "draining").await;
    site.is_reported(SECOND, "unhealthy").await;
    site.until_scheduled(&[THIRD]).await;
    site.until_refused(SECOND, "log").await;

    // Both are killed, and users leave meanwhile.
    kill(controller).await;
    kill_server(server).await;
    for user in &users {
        let close = format!("session close {FIRST} --user {user}");
        site.agent.changes(&close).await;
    }
    let (server, _) = site.serve(&address).await;
    let controller = site.control(&url, "second-log", SELDOM).await;
    site.until_refused(SECOND, "second-log").await;
    // The server alone is killed, and the location can spare another device meanwhile.
    kill_server(server).await;
    site.is_reported(FIRST, "healthy").await;
    site.owner.changes(&format!("device undrain {FIRST}")).await;
    let (_server, _) = site.serve(&address).await;
    site.until_status(SECOND, "draining").await;
    site.until_scheduled(&[FIRST, THIRD]).await;

    // The budget is spent again; it keeps no dead device.
    site.is_reported(FIRST, "dead").await;
    site.until_status(FIRST, "draining").await;
    site.until_scheduled(&[THIRD]).await;
    let once = site.until_powered_off(1).await;
    kill(controller).await;
    let _controller = site.control(&url, "third-log", "1").await;
    // Another controller cannot know that it was; the id is the same.
    let again = site.until_powered_off(2).await;
    assert_eq!(again, [&once[..], &once[..]].concat());
    assert!(once[0].starts_with(&format!("{FIRST} dead ")), "{once:?}");

    let retired = format!("device retire {FIRST} --yes");
    assert_eq!(site.owner.changes(&retired).await["to"], "retiring");
    site.until_status(FIRST, "retired").await;
    assert_eq!(site.owner.device(FIRST).await["disk_keys"], 0);
    let remove = format!("device remove {FIRST} --yes");
    site.owner.changes(&remove).await;
    site.until_scheduled(&[THIRD]).await;
    assert_eq!(site.until_powered_off(2).await, again);

    // With the round that no event begins, it sees a new budget.
    site.is_reported(THIRD, "unhealthy").await;
    site.until_scheduled(&[]).await;
    site.until_refused(THIRD, "third-log").await;
    let budget = "location set-budget ams --min-activated 0";
    site.lab.authority.changes(budget).await;
    site.until_status(THIRD, "draining").await;

    let history = site.owner.json(&format!("device history {FIRST}")).await;
    assert_eq!(history["gaps"], json!([]));
    assert_eq!(steps(&history), life());
}
