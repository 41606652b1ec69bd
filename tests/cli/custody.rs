//! A device, and the key store of a custodian of its disks' keys.

use {
    crate::support::{Key, Lab, Run},
    age::secrecy::ExposeSecret,
    serde_json::Value,
    std::{
        fs,
        path::PathBuf,
        process::{Child, Command, Stdio},
        thread,
        time::{Duration, Instant},
    },
};

/// A ledger with the activated device `ams-dz001`, and a custodian with a key store that an age identity opens.
pub struct Custody {
    pub lab: Lab,
    /// The contributor's authority.
    pub owner: Key,
    /// The device's agent.
    pub agent: Key,
    pub custodian: Key,
}

pub const DEVICE: &str = "ams-dz001";

impl Custody {
    pub fn new() -> Self {
        let (lab, owner, agent) = Lab::in_service();
        let identity = age::x25519::Identity::generate();
        lab.file("identity.txt", identity.to_string().expose_secret());
        Self {
            custodian: lab.key("custodian"),
            lab,
            owner,
            agent,
        }
    }

    /// Where keys are kept.
    pub fn store(&self) -> PathBuf {
        self.lab.path().join("store")
    }

    /// A destruction takes what opens the store, and the others name it themselves.
    fn args<'a>(&'a self, verb: &'a str, args: &[&'a str]) -> Vec<&'a str> {
        let secret: &[&str] = match verb {
            "destroy" => &["--identity", "identity.txt"],
            _ => &[],
        };
        let key: &[&str] = match verb {
            "get" | "show" | "list" | "ls" => &[],
            _ => &["--keypair", &self.custodian.path],
        };
        [key, &["disk-key", verb], args, secret].concat()
    }

    /// Runs `ebb disk-key` as the custodian on this store.
    pub fn run(&self, verb: &str, args: &[&str]) -> Run {
        self.run_on("store", verb, args)
    }

    /// Runs `ebb disk-key` as the custodian on another store.
    pub fn run_on(&self, store: &str, verb: &str, args: &[&str]) -> Run {
        let url = self.lab.url();
        let args = self.args(verb, args);
        self.lab.with(|command| {
            command
                .env("EBB_KEY_STORE", store)
                .args(["--url", &url])
                .args(args)
        })
    }

    /// Starts `ebb disk-key` as the custodian on this store.
    pub fn start(&self, verb: &str, args: &[&str]) -> Child {
        Command::new(crate::support::EBB)
            .current_dir(self.lab.path())
            .env("HOME", self.lab.path())
            .env("EBB_KEY_STORE", "store")
            .args(["--url", &self.lab.url()])
            .args(self.args(verb, args))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// What every registration takes besides the path.
    pub fn registration<'a>(&'a self, path: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let owner = ["--owner", &self.owner.path, "--identity", "identity.txt"];
        [&[DEVICE, path], &owner[..], more].concat()
    }

    /// Makes a key and registers it.
    pub fn register(&self, path: &str) -> Run {
        self.run("register", &self.registration(path, &["--generate"]))
    }

    /// Takes the device out of service, up to its disk keys.
    pub fn retire(&self) {
        let lab = &self.lab;
        lab.ebb_as(
            &self.owner,
            &["device", "drain", DEVICE, "--yes", "--detach"],
        )
        .exits(0);
        lab.ebb_as(&self.owner, &["device", "retire", DEVICE, "--yes"])
            .exits(0);
    }

    /// The device's status.
    pub fn status(&self) -> String {
        let device = self.lab.ebb(&["device", "get", DEVICE, "--output", "json"]);
        device.json()["provisioning_status"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Every disk key as JSON.
    pub fn list(&self) -> Vec<Value> {
        let list = self.run("list", &["--output", "json"]).exits(0).json();
        list["disk_keys"].as_array().unwrap().clone()
    }

    /// How store and chain differ in the only disk key there is.
    pub fn differences(&self) -> Vec<String> {
        let list = self.list();
        assert_eq!(list.len(), 1, "{list:?}");
        differences(&list[0])
    }

    /// The names in one of the store's folders.
    pub fn files(&self, folder: &str) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.store().join(folder)) else {
            return vec![];
        };
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    /// The material of a key that the store holds.
    pub fn material(&self, path: &str) -> Vec<u8> {
        let out = self.lab.path().join("material");
        let out = out.to_str().unwrap();
        self.run(
            "get",
            &[DEVICE, path, "--out", out, "--identity", "identity.txt"],
        )
        .exits(0);
        let material = fs::read(out).unwrap();
        fs::remove_file(out).unwrap();
        material
    }
}

/// How store and chain differ in one disk key.
pub fn differences(key: &Value) -> Vec<String> {
    let differences = key["differences"].as_array().unwrap().iter();
    differences
        .map(|it| it.as_str().unwrap().to_owned())
        .collect()
}

/// Waits until a condition holds.
pub fn wait_until(what: impl Fn() -> bool) {
    let started = Instant::now();
    while !what() {
        assert!(started.elapsed() < Duration::from_secs(60));
        thread::sleep(Duration::from_millis(1));
    }
}
