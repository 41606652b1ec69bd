use {
    solana_sdk::{pubkey::Pubkey, signature::Keypair, signer::Signer},
    std::sync::LazyLock,
};

/// Everyone who signs in the tests. Keys are the same in every run, so that fixtures can hold them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    /// Pays fees and nothing else, so that rent shows on [`Actor::Payer`] to the lamport.
    FeePayer,
    /// The program's upgrade authority.
    Deployer,
    /// Pays rent.
    Payer,
    /// The registry's authority.
    Authority,
    /// The registry's health oracle.
    Oracle,
    /// The authority of the contributor that owns the device.
    Contributor,
    /// That contributor's operator.
    Operator,
    /// The authority of another contributor.
    OtherContributor,
    /// The device's agent.
    Agent,
    /// Registered the device's disk keys.
    Custodian,
    /// Next in line for whatever changes hands.
    Successor,
    /// Holds no role.
    Stranger,
}

impl Actor {
    /// Everyone.
    pub const ALL: [Self; 12] = [
        Self::FeePayer,
        Self::Deployer,
        Self::Payer,
        Self::Authority,
        Self::Oracle,
        Self::Contributor,
        Self::Operator,
        Self::OtherContributor,
        Self::Agent,
        Self::Custodian,
        Self::Successor,
        Self::Stranger,
    ];

    /// The actor's address.
    pub fn key(self) -> Pubkey {
        self.entry().0
    }

    /// What the actor signs with.
    pub fn keypair(self) -> &'static Keypair {
        &self.entry().1
    }

    /// Whose address it is.
    pub fn of(key: &Pubkey) -> Option<Self> {
        Self::ALL.into_iter().find(|actor| actor.key() == *key)
    }

    fn entry(self) -> &'static (Pubkey, Keypair) {
        static RING: LazyLock<Vec<(Pubkey, Keypair)>> = LazyLock::new(|| {
            (1..=Actor::ALL.len() as u8)
                .map(|seed| {
                    let keypair = Keypair::new_from_array([seed; 32]);
                    (keypair.pubkey(), keypair)
                })
                .collect()
        });
        &RING[self as usize]
    }
}

/// The account that a signer passes to show its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// None, as the agent does.
    None,
    /// The device's contributor.
    Contributor,
    /// Another contributor.
    OtherContributor,
    /// The registry.
    Registry,
}

/// Who signs, and the credential passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Who signs.
    pub actor: Actor,
    /// The credential passed.
    pub credential: Credential,
}

impl Caller {
    /// The contributor in its role.
    pub const CONTRIBUTOR: Self = Self::new(Actor::Contributor, Credential::Contributor);
    /// The operator in its role.
    pub const OPERATOR: Self = Self::new(Actor::Operator, Credential::Contributor);
    /// The authority in its role.
    pub const AUTHORITY: Self = Self::new(Actor::Authority, Credential::Registry);
    /// The health oracle in its role.
    pub const ORACLE: Self = Self::new(Actor::Oracle, Credential::Registry);
    /// The agent in its role.
    pub const AGENT: Self = Self::new(Actor::Agent, Credential::None);

    /// Any signer with any credential.
    pub const fn new(actor: Actor, credential: Credential) -> Self {
        Self { actor, credential }
    }
}
