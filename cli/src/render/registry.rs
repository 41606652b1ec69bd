//! The registry as JSON gives it.

use {
    super::{Record, Show},
    ebb_sdk::{
        pda,
        state::{present, Registry},
    },
    serde::Serialize,
    solana_sdk::pubkey::Pubkey,
};

/// What items of the registry's verbs are called.
pub const CODE: &str = "registry";

/// The registry: who runs the network, and by which policy.
#[derive(Clone, Debug, Serialize)]
pub struct RegistryView {
    pub address: String,
    pub program_id: String,
    pub authority: String,
    pub nominee: Option<String>,
    pub health_oracle: String,
    pub require_healthy: bool,
    pub contributors: u32,
    pub locations: u32,
    pub sequence: u64,
}

impl RegistryView {
    /// What the program at `program_id` has.
    pub fn new(program_id: &Pubkey, registry: &Registry) -> Self {
        Self {
            address: pda::registry(program_id).0.to_string(),
            program_id: program_id.to_string(),
            authority: registry.authority.to_string(),
            nominee: present(&registry.nominee).map(ToString::to_string),
            health_oracle: registry.health_oracle.to_string(),
            require_healthy: registry.require_healthy,
            contributors: registry.contributors,
            locations: registry.locations,
            sequence: registry.sequence,
        }
    }
}

impl Show for RegistryView {
    fn record(&self) -> Record {
        Record::new()
            .text("Address", &self.address)
            .text("Program", &self.program_id)
            .text("Authority", &self.authority)
            .optional("Nominee", self.nominee.as_ref())
            .text("Health oracle", &self.health_oracle)
            .text("Require healthy", self.require_healthy)
            .text("Contributors", self.contributors)
            .text("Locations", self.locations)
    }
}
