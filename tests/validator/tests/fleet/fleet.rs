//! A validator that these tests share, and on it a deployment with a few dozen devices for each, and those who drain them.

use {
    ebb_sdk::{
        instruction::{open_session, Expect},
        pda,
    },
    ebb_validator_tests::{Deployments, Ebb, Network, Options, Run, Validator},
    serde_json::Value,
    solana_sdk::{instruction::Instruction, pubkey::Pubkey, signature::Keypair, signer::Signer},
    std::collections::BTreeMap,
    tokio::sync::OnceCell,
};

/// How many tests may have a deployment.
const FLEETS: usize = 10;

/// What one transaction carries.
const AT_ONCE: usize = 6;

async fn shared() -> &'static Deployments {
    static SHARED: OnceCell<Deployments> = OnceCell::const_new();
    let start = || async { Deployments::start(FLEETS, Keypair::new(), Options::default()) };
    SHARED.get_or_init(start).await
}

/// Devices at one location. The first contributor, `co01`, and its location `ams` are always there.
pub struct Fleet {
    pub validator: &'static Validator,
    pub program_id: Pubkey,
    pub network: Network,
    /// The registry's authority.
    pub authority: Ebb,
    /// The contributor's authority.
    pub owner: Ebb,
    owner_key: Keypair,
    agent: Keypair,
}

impl Fleet {
    /// Devices `a-00`, `a-01` and so on of `co01`, activated.
    pub async fn new(devices: usize) -> Self {
        let Deployments {
            validator,
            authority,
            ..
        } = shared().await;
        let program_id = shared().await.take();
        let network = Network::found(validator, &program_id, authority).await;
        let owner_key = validator.funded().await;
        validator.fund(&network.authority.pubkey()).await;
        let fleet = Self {
            authority: Ebb::new(validator, &program_id, &network.authority),
            owner: Ebb::new(validator, &program_id, &owner_key),
            validator,
            program_id,
            network,
            owner_key,
            agent: Keypair::new(),
        };
        let location = fleet.network.create_location("ams");
        let signers: [&(dyn Signer + Sync); 1] = [&fleet.network.authority];
        fleet.network.send(location, &signers).await;
        fleet.add("co01", &fleet.owner_key, "a", devices).await;
        fleet
    }

    /// The contributor's authority, talking to the validator through something else.
    pub fn through(&self, url: String) -> Ebb {
        Ebb::new(self.validator, &self.program_id, &self.owner_key).through(url)
    }

    /// The contributor's authority.
    pub fn owner_key(&self) -> Keypair {
        self.owner_key.insecure_clone()
    }

    /// The devices' agent.
    pub fn agent_key(&self) -> Keypair {
        self.agent.insecure_clone()
    }

    /// Registers a device of `co01`.
    pub async fn register(&self, code: &str) {
        let (contributor, location) = (
            pda::contributor(&self.program_id, "co01").0,
            pda::location(&self.program_id, "ams").0,
        );
        let (owner, agent) = (&self.owner_key, &self.agent);
        let network = &self.network;
        let create = network.create_device(code, owner, &contributor, &location, agent);
        network.send(create, &[owner]).await;
    }

    /// Another contributor with devices at the same location.
    pub async fn contributor(&self, code: &str, prefix: &str, devices: usize) -> Ebb {
        let owner = self.validator.funded().await;
        self.add(code, &owner, prefix, devices).await;
        Ebb::new(self.validator, &self.program_id, &owner)
    }

    async fn add(&self, contributor: &str, owner: &Keypair, prefix: &str, devices: usize) {
        let network = &self.network;
        let create = network.create_contributor(contributor, owner);
        network.send(create, &[&network.authority]).await;
        let (contributor, location) = (
            pda::contributor(&self.program_id, contributor).0,
            pda::location(&self.program_id, "ams").0,
        );
        let codes: Vec<String> = (0..devices)
            .map(|number| format!("{prefix}-{number:02}"))
            .collect();
        for codes in codes.chunks(AT_ONCE / 2) {
            let instructions = codes.iter().flat_map(|code| {
                let device = pda::device(&self.program_id, code).0;
                [
                    network.create_device(code, owner, &contributor, &location, &self.agent),
                    network.activate(&device, &contributor, &location),
                ]
            });
            let signers: [&(dyn Signer + Sync); 2] = [&network.authority, owner];
            network.send_all(instructions.collect(), &signers).await;
        }
    }

    /// Opens sessions on a device.
    pub async fn open(&self, code: &str, sessions: usize) {
        let device = pda::device(&self.program_id, code).0;
        let payer = self.network.payer.pubkey();
        let opened = (0..sessions).map(|_| {
            let user = Pubkey::new_unique();
            let agent = self.agent.pubkey();
            open_session(
                &self.program_id,
                &agent,
                &payer,
                &device,
                &user,
                Expect::default(),
            )
        });
        let opened: Vec<Result<Instruction, _>> = opened.collect();
        self.network.send_all(opened, &[&self.agent]).await;
    }

    /// Sets the disruption budget.
    pub async fn budget(&self, min_activated: usize) {
        let least = min_activated.to_string();
        let set = ["location", "set-budget", "ams", "--min-activated", &least];
        self.authority.json(&set).await;
    }

    /// Keeps a device from draining.
    pub async fn hold(&self, code: &str) {
        let kind = ["--kind", "critical-traffic", "--for", "2h"];
        self.owner
            .json(&[&["device", "hold", code][..], &kind].concat())
            .await;
    }

    /// The devices that a list has, by their codes.
    pub async fn list(&self, filter: &[&str]) -> BTreeMap<String, Value> {
        let list = [&["device", "list"][..], filter].concat();
        let list = self.owner.json(&list).await;
        let devices = list["devices"].as_array().expect("there are devices");
        devices
            .iter()
            .map(|device| (text(&device["code"]), device.clone()))
            .collect()
    }
}

/// `ebb device drain --all --contributor …` and more, with JSON as its result.
pub fn drain<'a>(contributor: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let all = ["device", "drain", "--all", "--contributor", contributor];
    [&all[..], &["--yes", "--output", "json"], more].concat()
}

/// The results of a mutation as the name of the error, if there was one, and whether anything changed.
pub fn results(run: &Run) -> BTreeMap<String, (String, bool)> {
    let json: Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stderr));
    let results = json["results"].as_array().expect("there are results");
    results
        .iter()
        .map(|item| {
            let error = item["error"]["name"].as_str().unwrap_or_default();
            let changed = item["changed"] == true;
            (text(&item["code"]), (error.to_owned(), changed))
        })
        .collect()
}

/// How much the sequence of each device grew.
pub fn moved(
    before: &BTreeMap<String, Value>,
    after: &BTreeMap<String, Value>,
) -> BTreeMap<String, u64> {
    let sequence = |device: &Value| device["sequence"].as_u64().expect("a number");
    after
        .iter()
        .map(|(code, device)| (code.clone(), sequence(device) - sequence(&before[code])))
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
