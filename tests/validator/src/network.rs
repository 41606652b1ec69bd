use {
    crate::{Relay, Validator},
    ebb_sdk::{
        client::Client,
        instruction::{
            activate_device, create_contributor, create_device, create_location, initialize,
            CreateContributor, CreateDevice, CreateLocation, Expect, Initialize,
        },
        pda,
        rpc::{CommitmentConfig, RpcLedger},
        state::{DeviceHead, DeviceType},
        EbbError,
    },
    solana_sdk::{instruction::Instruction, pubkey::Pubkey, signature::Keypair, signer::Signer},
    std::sync::Arc,
};

/// The most sessions that the tests' devices take.
const MAX_SESSIONS: u32 = 200;

/// One deployment of the program: its registry, and who signs for it.
pub struct Network {
    url: String,
    /// Where the program is.
    pub program_id: Pubkey,
    /// Pays fees and rent.
    pub payer: Keypair,
    /// The registry's authority.
    pub authority: Keypair,
    /// Reports health.
    pub oracle: Keypair,
}

/// A device with a contributor and a location of its own.
pub struct Device {
    /// Its address.
    pub address: Pubkey,
    /// Its contributor.
    pub contributor: Pubkey,
    /// Its location.
    pub location: Pubkey,
    /// Its contributor's authority.
    pub owner: Keypair,
    /// Its agent.
    pub agent: Keypair,
}

impl Network {
    /// Initialises the registry of the program at an address.
    pub async fn found(
        validator: &Validator,
        program_id: &Pubkey,
        upgrade_authority: &Keypair,
    ) -> Self {
        let network = Self {
            url: validator.url(),
            program_id: *program_id,
            payer: validator.funded().await,
            authority: Keypair::new(),
            oracle: Keypair::new(),
        };
        let initialize = initialize(
            program_id,
            &upgrade_authority.pubkey(),
            &network.payer.pubkey(),
            Initialize {
                authority: network.authority.pubkey(),
                health_oracle: network.oracle.pubkey(),
                require_healthy: false,
            },
        );
        network.send(initialize, &[upgrade_authority]).await;
        network
    }

    /// A client of it. Its connections belong to the runtime it is made in, so each test has one.
    pub fn client(&self) -> Client {
        self.client_of(RpcLedger::new(&self.url, CommitmentConfig::confirmed()))
    }

    /// A client of it that talks to the validator through a relay.
    pub fn client_by(&self, relay: &Relay) -> Client {
        let commitment = CommitmentConfig::confirmed();
        self.client_of(RpcLedger::with_sender(relay.clone(), commitment))
    }

    fn client_of(&self, ledger: RpcLedger) -> Client {
        let ledger = ledger.program_id(self.program_id);
        Client::new(Arc::new(ledger), self.program_id)
    }

    /// Sends an instruction that the payer pays for.
    pub async fn send(
        &self,
        instruction: Result<Instruction, EbbError>,
        signers: &[&(dyn Signer + Sync)],
    ) {
        self.send_all(vec![instruction], signers).await;
    }

    /// Sends instructions in one transaction that the payer pays for.
    pub async fn send_all(
        &self,
        instructions: Vec<Result<Instruction, EbbError>>,
        signers: &[&(dyn Signer + Sync)],
    ) {
        let instructions: Result<Vec<Instruction>, EbbError> = instructions.into_iter().collect();
        let instructions = instructions.expect("the builder takes these values");
        let mut all: Vec<&(dyn Signer + Sync)> = vec![&self.payer];
        all.extend(signers);
        let sent = self.client().send(&instructions, &all).await;
        sent.expect("the program accepts it");
    }

    /// What creates a contributor.
    pub fn create_contributor(&self, code: &str, owner: &Keypair) -> Result<Instruction, EbbError> {
        create_contributor(
            &self.program_id,
            &self.authority.pubkey(),
            &self.payer.pubkey(),
            CreateContributor {
                code: code.into(),
                authority: owner.pubkey(),
            },
        )
    }

    /// What creates a location without a disruption budget.
    pub fn create_location(&self, code: &str) -> Result<Instruction, EbbError> {
        create_location(
            &self.program_id,
            &self.authority.pubkey(),
            &self.payer.pubkey(),
            CreateLocation {
                code: code.into(),
                name: "Amsterdam".into(),
                country: *b"NL",
                latitude: 52_300_000,
                longitude: 4_940_000,
                min_activated: 0,
            },
        )
    }

    /// What creates a device.
    pub fn create_device(
        &self,
        code: &str,
        owner: &Keypair,
        contributor: &Pubkey,
        location: &Pubkey,
        agent: &Keypair,
    ) -> Result<Instruction, EbbError> {
        create_device(
            &self.program_id,
            &owner.pubkey(),
            &self.payer.pubkey(),
            contributor,
            location,
            CreateDevice {
                code: code.into(),
                device_type: DeviceType::Hybrid,
                public_ip: [195, 219, 138, 50],
                max_sessions: MAX_SESSIONS,
                agent: agent.pubkey(),
            },
        )
    }

    /// What activates a device.
    pub fn activate(
        &self,
        device: &Pubkey,
        contributor: &Pubkey,
        location: &Pubkey,
    ) -> Result<Instruction, EbbError> {
        Ok(activate_device(
            &self.program_id,
            &self.authority.pubkey(),
            device,
            location,
            contributor,
            Expect::default(),
        ))
    }

    /// Registers and activates a device; contributor and location have the same code.
    pub async fn device(&self, code: &str) -> Device {
        let device = Device {
            address: pda::device(&self.program_id, code).0,
            contributor: pda::contributor(&self.program_id, code).0,
            location: pda::location(&self.program_id, code).0,
            owner: Keypair::new(),
            agent: Keypair::new(),
        };
        let Device {
            contributor,
            location,
            owner,
            agent,
            ..
        } = &device;
        let instructions = vec![
            self.create_contributor(code, owner),
            self.create_location(code),
            self.create_device(code, owner, contributor, location, agent),
            self.activate(&device.address, contributor, location),
        ];
        self.send_all(instructions, &[&self.authority, owner]).await;
        device
    }

    /// A device's account, which must be there.
    pub async fn read(&self, device: &Pubkey) -> DeviceHead {
        let found = self.client().device(device).await.expect("it can be read");
        found.expect("there is a device").account.head
    }
}
