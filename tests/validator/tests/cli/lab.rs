//! A validator that these tests share, and a deployment of the program on it for each.

use {
    crate::verbs,
    ebb_validator_tests::{write_newer_device, Deployments, Ebb, Options, Run, Running, Validator},
    serde_json::Value,
    solana_sdk::{pubkey::Pubkey, signature::Keypair, signer::Signer},
    std::{
        collections::BTreeSet,
        sync::{Arc, Mutex},
    },
    tokio::sync::OnceCell,
};

/// How many tests may have a deployment.
const LABS: usize = 35;
/// The code of a device whose account a newer version of the program wrote.
pub const NEWER: &str = "from-the-future";

/// The deployments. The program is not at the development id.
struct Shared {
    deployments: Deployments,
    /// A deployment that has the account of a newer version.
    newer: Pubkey,
}

/// A deployment of the program, on which only one test works.
pub struct Lab {
    pub program_id: Pubkey,
    /// The program's upgrade authority, and the registry's authority and health oracle.
    pub authority: User,
    ran: Arc<Mutex<BTreeSet<String>>>,
}

/// Who runs `ebb` with a key.
pub struct User {
    pub ebb: Ebb,
    /// The key's address.
    pub key: String,
    ran: Arc<Mutex<BTreeSet<String>>>,
}

async fn shared() -> &'static Shared {
    static SHARED: OnceCell<Shared> = OnceCell::const_new();
    let start = || async {
        let authority = Keypair::new();
        let key = authority.pubkey();
        let (newer, accounts) = (Pubkey::new_unique(), tempfile::tempdir().expect("a folder"));
        write_newer_device(accounts.path(), &newer, NEWER);
        let options = Options::default().mint(&key).accounts(accounts.path());
        let options = options.program(&newer, &key);
        Shared {
            deployments: Deployments::start(LABS, authority, options),
            newer,
        }
    };
    SHARED.get_or_init(start).await
}

/// The validator that the labs are on.
pub async fn validator() -> &'static Validator {
    &shared().await.deployments.validator
}

impl Lab {
    /// A deployment without a registry.
    pub async fn new() -> Self {
        Self::at(shared().await.deployments.take()).await
    }

    /// The deployment with the device [`NEWER`], without a registry.
    pub async fn newer() -> Self {
        Self::at(shared().await.newer).await
    }

    async fn at(program_id: Pubkey) -> Self {
        let key = shared().await.deployments.authority.insecure_clone();
        let ran = Arc::default();
        Self {
            program_id,
            authority: User::new(&program_id, &key, &ran).await,
            ran,
        }
    }

    /// A deployment with a registry.
    pub async fn initialized() -> Self {
        let lab = Self::new().await;
        lab.authority.changes("init").await;
        lab
    }

    /// The same, with the location `ams` and the contributor `co01`, whose authority is returned.
    pub async fn with_contributor() -> (Self, User) {
        Self::initialized().await.and_contributor().await
    }

    /// The same, on this deployment.
    pub async fn and_contributor(self) -> (Self, User) {
        let place = "--name Amsterdam --country NL --lat 52.3 --lng 4.94";
        let create = format!("location create ams {place}");
        self.authority.changes(&create).await;
        let owner = self.contributor("co01").await;
        (self, owner)
    }

    /// A contributor, and its authority.
    pub async fn contributor(&self, code: &str) -> User {
        let owner = self.user().await;
        let create = format!("contributor create {code} --authority {}", owner.key);
        self.authority.changes(&create).await;
        owner
    }

    /// An activated device at `ams`. Its agent is the contributor's authority.
    pub async fn device(&self, owner: &User, contributor: &str, code: &str) {
        owner.registers(code, contributor).await;
        let activate = format!("device activate {code}");
        self.authority.changes(&activate).await;
    }

    /// The authority's key in another folder.
    pub async fn network(&self) -> User {
        let key = &shared().await.deployments.authority;
        User::new(&self.program_id, key, &self.ran).await
    }

    /// Somebody with lamports.
    pub async fn user(&self) -> User {
        let key = validator().await.funded().await;
        User::new(&self.program_id, &key, &self.ran).await
    }

    /// Asserts that each of these verbs was run on this deployment.
    pub async fn ran(&self, verbs: &[&str]) {
        Self::all_ran(&[self], verbs);
    }

    /// Asserts that each of these verbs was run on one of these deployments.
    pub fn all_ran(labs: &[&Self], verbs: &[&str]) {
        let ran = labs.iter().flat_map(|lab| {
            let ran = lab.ran.lock().expect("no one panicked");
            ran.clone()
        });
        let ran: BTreeSet<String> = ran.collect();
        for verb in verbs {
            assert!(ran.contains(*verb), "{verb} was not run: {ran:?}");
        }
    }
}

impl User {
    async fn new(program_id: &Pubkey, key: &Keypair, ran: &Arc<Mutex<BTreeSet<String>>>) -> Self {
        Self {
            ebb: Ebb::new(validator().await, program_id, key),
            key: key.pubkey().to_string(),
            ran: ran.clone(),
        }
    }

    /// The same, talking to the validator through something else.
    pub fn through(self, url: String) -> Self {
        Self {
            ebb: self.ebb.through(url),
            ..self
        }
    }

    /// Runs a command line, with JSON as its result.
    pub async fn run(&self, line: &str) -> Run {
        self.start(line).end().await
    }

    /// Starts a command line, with JSON as its result.
    pub fn start(&self, line: &str) -> Running {
        let words = words(line);
        let mut ran = self.ran.lock().expect("no one panicked");
        ran.extend(verbs::of(&words));
        self.ebb
            .start(&[&words[..], &["--output", "json"]].concat())
    }

    /// The JSON of a command that succeeds.
    pub async fn json(&self, line: &str) -> Value {
        let run = self.run(line).await;
        assert_eq!(run.code, Some(0), "{line}: {run:#?}");
        json(&run)
    }

    /// What a mutation says of the one thing that it changed.
    pub async fn changes(&self, line: &str) -> Value {
        let result = result(&self.json(line).await);
        assert_eq!(result["changed"], true, "{line}: {result}");
        assert!(result["signature"].is_string(), "{line}: {result}");
        result
    }

    /// Runs a mutation that finds everything as asked.
    pub async fn changes_nothing(&self, line: &str) {
        let result = result(&self.json(line).await);
        assert_eq!(result["changed"], false, "{line}: {result}");
        assert_eq!(result["error"], Value::Null, "{line}: {result}");
    }

    /// The message of a mutation that the program's rule of this name refuses.
    pub async fn is_refused(&self, line: &str, rule: &str) -> String {
        let run = self.run(line).await;
        assert_eq!(run.code, Some(4), "{line}: {run:#?}");
        let error = &result(&json(&run))["error"];
        assert_eq!(error["name"], rule, "{line}: {error}");
        error["message"].as_str().expect("a message").to_owned()
    }

    /// Creates a device at `ams`, with this key as its agent.
    pub async fn registers(&self, code: &str, contributor: &str) {
        let place = format!("--contributor {contributor} --location ams --type hybrid");
        let size = format!(
            "--public-ip 195.219.138.50 --max-sessions 128 --agent {}",
            self.key
        );
        self.changes(&format!("device create {code} {place} {size}"))
            .await;
    }

    /// A device.
    pub async fn device(&self, code: &str) -> Value {
        self.json(&format!("device get {code}")).await
    }

    /// Opens sessions on a device whose agent this is, and returns their users.
    pub async fn opens(&self, code: &str, sessions: usize) -> Vec<String> {
        let users: Vec<String> = (0..sessions)
            .map(|_| Pubkey::new_unique().to_string())
            .collect();
        for user in &users {
            self.changes(&format!("session open {code} --user {user}"))
                .await;
        }
        users
    }
}

/// What a mutation of one thing says of it.
pub fn result(output: &Value) -> Value {
    let results = output["results"].as_array().expect("there are results");
    assert_eq!(results.len(), 1, "{output}");
    results[0].clone()
}

/// A run's result.
pub fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:#?}"))
}

/// The words of a command line. What stands between apostrophes is one.
pub fn words(line: &str) -> Vec<&str> {
    let parts = line.split('\'').enumerate();
    parts
        .flat_map(|(number, part)| match number % 2 {
            0 => part.split_whitespace().collect(),
            _ => vec![part],
        })
        .collect()
}
