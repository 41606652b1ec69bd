//! A device with users, for the tests of draining.

use {
    crate::support::{send_signal, Key, Lab, Run, EBB},
    ebb_sdk::{
        embedded::{EmbeddedLedger, EmbeddedOptions},
        instruction::{
            destroy_disk_key, drain_device, register_disk_key, DrainDevice, Expect, RegisterDiskKey,
        },
        ledger::Ledger,
        pda,
    },
    serde_json::Value,
    solana_sdk::{
        instruction::Instruction,
        signature::{read_keypair_file, Keypair},
        signer::Signer,
    },
    std::process::{Child, Command, Stdio},
};

pub const DEVICE: &str = "ams-dz001";

/// The ledger of [`Lab::in_service`], its device with room for 64 sessions.
pub struct Fleet {
    pub lab: Lab,
    pub owner: Key,
    pub agent: Key,
    pub users: Vec<Key>,
}

impl Fleet {
    /// With so many sessions open on the device.
    pub fn with_sessions(sessions: usize) -> Self {
        let lab = Lab::initialized();
        let (owner, agent) = (lab.key("owner"), lab.key("agent"));
        lab.create_location("ams").exits(0);
        lab.ebb(&[
            "contributor",
            "create",
            "co01",
            "--authority",
            &owner.pubkey,
        ])
        .exits(0);
        let users = (0..sessions)
            .map(|user| lab.key(&format!("user{user}")))
            .collect();
        let fleet = Self {
            lab,
            owner,
            agent,
            users,
        };
        fleet.add(DEVICE);
        for user in &fleet.users {
            fleet.open(DEVICE, user).exits(0);
        }
        fleet
    }

    /// Two registrations of the device, the first of which was removed.
    pub fn registered_twice() -> Self {
        let fleet = Self::with_sessions(0);
        fleet.drain();
        fleet.device(&["retire", DEVICE, "--yes"]).exits(0);
        fleet.device(&["remove", DEVICE, "--yes"]).exits(0);
        fleet.create(DEVICE);
        fleet
    }

    /// One more activated device at `ams`.
    pub fn add(&self, code: &str) {
        self.create(code);
        self.lab.ebb(&["device", "activate", code]).exits(0);
    }

    /// One more device at `ams`, which is not activated yet.
    pub fn create(&self, code: &str) {
        let [place, kind, size] = [
            ["--contributor", "co01", "--location", "ams"],
            ["--type", "hybrid", "--public-ip", "195.219.138.50"],
            ["--max-sessions", "64", "--agent", &self.agent.pubkey],
        ];
        let create = [&["device", "create", code][..], &place, &kind, &size].concat();
        self.lab.ebb_as(&self.owner, &create).exits(0);
    }

    /// Drains are to leave so many devices at `ams` activated.
    pub fn set_budget(&self, min_activated: &str) {
        let set = ["location", "set-budget", "ams", "--min-activated"];
        let set = [&set[..], &[min_activated]].concat();
        self.lab.ebb(&set).exits(0);
    }

    /// Devices enter service only with proven health from now on.
    pub fn require_healthy(&self) {
        let set = ["registry", "set-policy", "--require-healthy", "true"];
        self.lab.ebb(&set).exits(0);
    }

    /// The authority reports a device healthy.
    pub fn report_healthy(&self, code: &str) {
        let report = ["device", "report-health", code, "healthy"];
        self.lab.ebb(&report).exits(0);
    }

    pub fn open(&self, code: &str, user: &Key) -> Run {
        let open = ["session", "open", code, "--user", &user.pubkey];
        self.lab.ebb_as(&self.agent, &open)
    }

    /// The agent closes a user's session.
    pub fn close(&self, user: usize) {
        let user = &self.users[user].pubkey;
        let close = ["session", "close", DEVICE, "--user", user];
        self.lab.ebb_as(&self.agent, &close).exits(0);
    }

    /// Runs a verb on devices as the contributor.
    pub fn device(&self, args: &[&str]) -> Run {
        self.lab.ebb_as(&self.owner, &[&["device"], args].concat())
    }

    /// Drains the device as the contributor and returns at once.
    pub fn drain(&self) {
        self.device(&["drain", DEVICE, "--yes", "--reason", "rack power"])
            .exits(0);
    }

    /// The contributor drains the device with a reason that a command line may not take.
    pub fn drain_because(&self, reason: &str) {
        let owner = read_keypair_file(&self.owner.path).unwrap();
        let key = owner.pubkey();
        let args = DrainDevice {
            expect: Expect::default(),
            deadline_seconds: 3_600,
            planned_return_seconds: 0,
            force: false,
            reason: reason.into(),
        };
        let [device, location, contributor] = [
            pda::device(&ebb_sdk::ID, DEVICE).0,
            pda::location(&ebb_sdk::ID, "ams").0,
            pda::contributor(&ebb_sdk::ID, "co01").0,
        ];
        let drain = drain_device(&ebb_sdk::ID, &key, &device, &location, &contributor, args);
        self.send(drain.unwrap(), &owner);
    }

    /// The device as JSON.
    pub fn get(&self, code: &str) -> Value {
        self.lab
            .ebb(&["device", "get", code, "--output", "json"])
            .exits(0)
            .json()
    }

    /// Moves the ledger's clock.
    pub fn advance(&self, seconds: u64) {
        self.ledger().advance(seconds).unwrap();
    }

    /// The agent registers a disk key, whose custodian it is.
    pub fn register_disk_key(&self, path: &str) {
        let agent = self.agent_key();
        let key = agent.pubkey();
        let args = RegisterDiskKey {
            expect: Expect::default(),
            path: path.into(),
            commitment: [7; 32],
        };
        let device = pda::device(&ebb_sdk::ID, DEVICE).0;
        let register = register_disk_key(&ebb_sdk::ID, &key, &key, &key, &device, None, args);
        self.send(register.unwrap(), &agent);
    }

    /// The agent attests that its disk key is destroyed.
    pub fn destroy_disk_key(&self, path: &str) {
        let agent = self.agent_key();
        let key = agent.pubkey();
        let device = pda::device(&ebb_sdk::ID, DEVICE).0;
        let expect = Expect::default();
        let destroy = destroy_disk_key(&ebb_sdk::ID, &key, &device, path, &key, expect);
        self.send(destroy, &agent);
    }

    fn agent_key(&self) -> Keypair {
        read_keypair_file(&self.agent.path).unwrap()
    }

    fn ledger(&self) -> EmbeddedLedger {
        EmbeddedLedger::open(self.lab.ledger(), EmbeddedOptions::default()).unwrap()
    }

    fn send(&self, instruction: Instruction, signer: &Keypair) {
        tokio::runtime::Runtime::new()
            .unwrap()
            .block_on(self.ledger().send(&[instruction], &[signer]))
            .unwrap();
    }

    /// Starts a verb on devices as the contributor and does not wait for it.
    pub fn spawn(&self, args: &[&str]) -> Running {
        let mut command = Command::new(EBB);
        command
            .current_dir(self.lab.path())
            .env("HOME", self.lab.path())
            .args(["--url", &self.lab.url(), "--keypair", &self.owner.path])
            .arg("device")
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Running(command.spawn().unwrap())
    }
}

/// A run of `ebb` that goes on.
pub struct Running(Child);

impl Running {
    /// Presses Ctrl-C.
    pub fn interrupt(&self) {
        send_signal(self.0.id(), "INT");
    }

    /// Waits for its end.
    pub fn end(self) -> Run {
        let output = self.0.wait_with_output().unwrap();
        Run {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
