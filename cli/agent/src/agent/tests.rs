//! An agent of a made-up device, on an embedded ledger.

use {
    super::*,
    crate::{
        actuator::{Actuator, Managed, Preference},
        provider::{Provider, Seen},
        user, Unknown,
    },
    async_trait::async_trait,
    ebb_sdk::{
        embedded::{EmbeddedLedger, EmbeddedOptions},
        instruction::{
            activate_device, close_session, create_contributor, create_device, create_location,
            drain_device, initialize, undrain_device, CreateContributor, CreateDevice,
            CreateLocation, DrainDevice, Expect, Initialize,
        },
        pda,
        state::DeviceType,
        ID,
    },
    solana_program::{instruction::Instruction, pubkey::Pubkey},
    solana_sdk::{signature::Keypair, signer::Signer},
    std::{
        collections::BTreeSet,
        sync::{Mutex, MutexGuard},
    },
    tempfile::TempDir,
    tokio::{task::JoinHandle, time::timeout},
};

const CODE: &str = "ams-dz001";
const USERS: [&str; 2] = ["alice", "bob"];

/// A router with two peers, and what was done to it.
#[derive(Clone, Default)]
struct Router(Arc<Mutex<Inside>>);

#[derive(Default)]
struct Inside {
    is_lowered: bool,
    shut: BTreeSet<String>,
    ignores: bool,
    is_silent: bool,
    forwarded: u64,
    done: Vec<String>,
}

impl Router {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap()
    }

    /// The router, unless it does not answer.
    fn ask(&self) -> Result<MutexGuard<'_, Inside>, Unknown> {
        let inside = self.inside();
        match inside.is_silent {
            true => Err(Unknown::because("the router is silent")),
            false => Ok(inside),
        }
    }

    fn done(&self) -> Vec<String> {
        self.inside().done.clone()
    }
}

#[async_trait]
impl Provider for Router {
    async fn look(&mut self) -> Result<Vec<Seen>, Unknown> {
        let inside = self.ask()?;
        let seen = USERS.map(|user| Seen {
            label: user.to_owned(),
            connected: !inside.shut.contains(user),
        });
        Ok(seen.to_vec())
    }
}

#[async_trait]
impl Actuator for Router {
    async fn managed(&mut self) -> Result<Managed, Unknown> {
        let inside = self.ask()?;
        Ok(Managed {
            preference: match inside.is_lowered {
                true => Preference::LoweredByAgent,
                false => Preference::Normal,
            },
            shut: inside.shut.clone(),
        })
    }

    async fn de_prefer(&mut self) -> Result<(), Unknown> {
        let mut inside = self.ask()?;
        inside.is_lowered = true;
        inside.done.push("de-prefer".to_owned());
        Ok(())
    }

    async fn prefer(&mut self) -> Result<(), Unknown> {
        let mut inside = self.ask()?;
        inside.is_lowered = false;
        inside.done.push("prefer".to_owned());
        Ok(())
    }

    async fn shut(&mut self, label: &str) -> Result<(), Unknown> {
        let mut inside = self.ask()?;
        inside.shut.insert(label.to_owned());
        inside.done.push(format!("shut {label}"));
        Ok(())
    }

    async fn open(&mut self, label: &str) -> Result<(), Unknown> {
        let mut inside = self.ask()?;
        inside.shut.remove(label);
        inside.done.push(format!("open {label}"));
        Ok(())
    }

    async fn forwarded(&mut self) -> Result<u64, Unknown> {
        let mut inside = self.ask()?;
        let is_used = inside.shut.len() < USERS.len();
        if is_used && (!inside.is_lowered || inside.ignores) {
            inside.forwarded += 1_000;
        }
        Ok(inside.forwarded)
    }

    async fn settled(&mut self) -> Result<bool, Unknown> {
        Ok(self.ask()?.shut.is_empty())
    }
}

/// A ledger with a device that is in service, and its router. One key has every role.
struct Site {
    folder: TempDir,
    ledger: Arc<EmbeddedLedger>,
    key: Arc<Keypair>,
    router: Router,
}

/// An agent that runs.
struct Running {
    task: JoinHandle<Result<(), AgentError>>,
    status: watch::Receiver<Status>,
}

impl Running {
    async fn is(&mut self, phase: &str) {
        let reached = self.status.wait_for(|status| status.phase.name() == phase);
        let reached = timeout(Duration::from_secs(60), reached).await;
        assert!(reached.is_ok(), "{phase}");
    }
}

impl Site {
    async fn new() -> Self {
        let folder = tempfile::Builder::new()
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700))
            .tempdir()
            .unwrap();
        let path = folder.path().join("ledger");
        let ledger = EmbeddedLedger::open(path, EmbeddedOptions::default()).unwrap();
        let site = Self {
            key: Arc::new(ledger.default_key()),
            ledger: Arc::new(ledger),
            folder,
            router: Router::default(),
        };
        let me = site.key.pubkey();
        let registry = Initialize {
            authority: me,
            health_oracle: me,
            require_healthy: false,
        };
        let owner = CreateContributor {
            code: "co01".into(),
            authority: me,
        };
        let place = CreateLocation {
            code: "ams".into(),
            name: "Amsterdam".into(),
            country: *b"NL",
            latitude: 52_300_000,
            longitude: 4_940_000,
            min_activated: 0,
        };
        let machine = CreateDevice {
            code: CODE.into(),
            device_type: DeviceType::Hybrid,
            public_ip: [195, 219, 138, 50],
            max_sessions: 64,
            agent: me,
        };
        let (contributor, location) = parents();
        let create = create_device(&ID, &me, &me, &contributor, &location, machine);
        let expect = Expect::default();
        for instruction in [
            initialize(&ID, &me, &me, registry).unwrap(),
            create_contributor(&ID, &me, &me, owner).unwrap(),
            create_location(&ID, &me, &me, place).unwrap(),
            create.unwrap(),
            activate_device(&ID, &me, &device(), &location, &contributor, expect),
        ] {
            site.send(instruction).await;
        }
        site
    }

    fn client(&self) -> Client {
        Client::new(self.ledger.clone(), ID)
    }

    async fn send(&self, instruction: Instruction) {
        let sent = self.client().send(&[instruction], &[&*self.key]).await;
        sent.unwrap();
    }

    async fn drain(&self) {
        let drain = DrainDevice {
            expect: Expect::default(),
            deadline_seconds: 0,
            planned_return_seconds: 0,
            force: false,
            reason: "".into(),
        };
        let ((contributor, location), me) = (parents(), self.key.pubkey());
        let drain = drain_device(&ID, &me, &device(), &location, &contributor, drain);
        self.send(drain.unwrap()).await;
    }

    async fn undrain(&self) {
        let ((contributor, location), me) = (parents(), self.key.pubkey());
        let expect = Expect::default();
        let undrain = undrain_device(&ID, &me, &device(), &location, &contributor, expect);
        self.send(undrain).await;
    }

    /// Somebody else closes a session.
    async fn evict(&self, label: &str) {
        let (me, user) = (self.key.pubkey(), user::of_label(label));
        let close = close_session(&ID, &me, &device(), &user, &me, None, Expect::default());
        self.send(close).await;
    }

    async fn has_sessions(&self, users: &[&str]) {
        let wanted: BTreeSet<Pubkey> = users.iter().map(|user| user::of_label(user)).collect();
        let client = self.client();
        let reached = async {
            loop {
                let found = client.sessions(Some(&device())).await.unwrap().items;
                let found: BTreeSet<Pubkey> = found.iter().map(|it| it.account.user).collect();
                if found == wanted {
                    return;
                }
                sleep(Duration::from_millis(50)).await;
            }
        };
        assert!(timeout(Duration::from_secs(60), reached).await.is_ok());
    }

    /// Starts an agent.
    fn start(&self) -> Running {
        let seconds = Duration::from_secs;
        let config = Config {
            device: CODE.parse().unwrap(),
            manage: true,
            converge: seconds(2),
            interval: seconds(1),
            ..config(self.folder.path().join("state"))
        };
        let agent = Agent {
            client: self.client(),
            key: self.key.clone(),
            fee_payer: self.key.clone(),
            state: State::open(config.state_directory.clone()).unwrap(),
            config,
            device: Device {
                provider: Box::new(self.router.clone()),
                actuator: Some(Box::new(self.router.clone())),
            },
            hook: None,
            listener: None,
            status: watch::Sender::default(),
        };
        let status = agent.status.subscribe();
        let task = tokio::spawn(agent.run(std::future::pending()));
        Running { task, status }
    }
}

/// The set-up that an option for each default makes.
fn config(state_directory: std::path::PathBuf) -> Config {
    let settings = crate::config::Settings {
        device: Some(CODE.parse().unwrap()),
        sessions: Some("frr".parse().unwrap()),
        ..Default::default()
    };
    settings.resolve(|_| Some(state_directory)).unwrap()
}

fn device() -> Pubkey {
    pda::device(&ID, CODE).0
}

fn parents() -> (Pubkey, Pubkey) {
    (pda::contributor(&ID, "co01").0, pda::location(&ID, "ams").0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_and_the_way_back_through_a_restart_and_silence() {
    let site = Site::new().await;
    let mut agent = site.start();
    site.has_sessions(&USERS).await;
    // The peers ignore what they are asked: nobody is shut.
    site.router.inside().ignores = true;
    site.drain().await;
    agent.is("staying").await;
    assert_eq!(site.router.done(), ["de-prefer"]);
    site.has_sessions(&USERS).await;

    // Who is evicted while the agent is down and the router silent is cut, and nobody else.
    agent.task.abort();
    let _ = agent.task.await;
    site.evict("bob").await;
    site.router.inside().is_silent = true;
    let mut agent = site.start();
    agent.is("unknown").await;
    assert_eq!(site.router.done(), ["de-prefer"]);
    site.router.inside().is_silent = false;
    agent.is("staying").await;
    assert_eq!(site.router.done(), ["de-prefer", "shut bob"]);
    site.has_sessions(&["alice"]).await;

    site.router.inside().ignores = false;
    agent.is("drained").await;
    site.has_sessions(&[]).await;
    site.undrain().await;
    agent.is("serving").await;
    site.has_sessions(&USERS).await;
    assert_eq!(
        site.router.done(),
        [
            "de-prefer",
            "shut bob",
            "shut alice",
            "open alice",
            "open bob",
            "prefer"
        ]
    );
    agent.task.abort();
}
