//! An agent of a made-up device, on an embedded ledger.

mod router;

use {
    self::router::Router,
    super::*,
    crate::user,
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
    std::collections::BTreeSet,
    tempfile::TempDir,
    tokio::{task::JoinHandle, time::timeout},
};

const CODE: &str = "ams-dz001";
const USERS: [&str; 2] = ["alice", "bob"];

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
            deadline_seconds: 60,
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

    /// Somebody closes a session: as the contributor, or with the agent's key.
    async fn close(&self, label: &str, credential: Option<Pubkey>) {
        let (me, user) = (self.key.pubkey(), user::of_label(label));
        let expect = Expect::default();
        let close = close_session(&ID, &me, &device(), &user, &me, credential.as_ref(), expect);
        self.send(close).await;
    }

    async fn evict(&self, label: &str) {
        self.close(label, Some(parents().0)).await;
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
    /// One with an agent that drains it in vain: the peers ignore what they are asked, so nobody is shut.
    async fn staying() -> (Self, Running) {
        let site = Self::new().await;
        let mut agent = site.start();
        site.has_sessions(&USERS).await;
        site.router.inside().ignores = true;
        site.drain().await;
        agent.is("staying").await;
        (site, agent)
    }

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
    let (site, agent) = Site::staying().await;
    assert_eq!(site.router.done(), ["de-prefer"]);
    site.has_sessions(&USERS).await;

    // Who is evicted while the agent is down and the router silent is cut, and nobody else.
    agent.task.abort();
    let _ = agent.task.await;
    site.ledger.advance(61).unwrap();
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

/// A contributor who closes sessions with the agent's key in a drain evicts nobody.
#[tokio::test(flavor = "multi_thread")]
async fn who_closes_with_the_agents_key_evicts_nobody() {
    let (site, agent) = Site::staying().await;
    site.close("bob", None).await;
    site.has_sessions(&["alice"]).await;
    site.ledger.advance(61).unwrap();
    site.evict("alice").await;
    site.has_sessions(&[]).await;
    // Who comes later is seen later.
    let router = site.router.clone();
    let cut = async {
        while !router.done().contains(&"shut alice".to_owned()) {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(Duration::from_secs(60), cut).await.unwrap();
    assert_eq!(site.router.done(), ["de-prefer", "shut alice"]);
    agent.task.abort();
}

/// What somebody else does with the agent's key stops the agent, and neither what it does itself nor what it did before a restart.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_user_of_the_key_stops_the_agent() {
    let site = Site::new().await;
    let agent = site.start();
    site.has_sessions(&USERS).await;
    agent.task.abort();
    let _ = agent.task.await;
    std::fs::remove_dir_all(site.folder.path().join("state")).unwrap();
    site.close("bob", None).await;
    let mut agent = site.start();
    site.has_sessions(&USERS).await;
    // From here on nothing that a process before it has sent may land any more.
    site.ledger.advance(300).unwrap();
    site.close("bob", None).await;
    let found = agent.status.wait_for(|status| status.duplicate.is_some());
    let found = timeout(Duration::from_secs(60), found)
        .await
        .unwrap()
        .unwrap()
        .clone();
    assert!(!found.is_ready());
    let problem = found.problems().remove(0);
    let expected = "somebody else closed a session with this agent's key, in transaction ";
    assert!(problem.starts_with(expected), "{problem}");
    site.drain().await;
    let passes = site.router.inside().forwarded;
    let more = async {
        while site.router.inside().forwarded < passes + 3_000 {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(Duration::from_secs(60), more).await.unwrap();
    assert_eq!(site.router.done(), Vec::<String>::new());
    site.has_sessions(&["alice"]).await;
    agent.task.abort();
}
