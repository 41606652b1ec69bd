//! The registry as JSON gives it.

use {
    crate::terminal::{Cell, Field},
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

impl RegistryView {
    /// Its fields, for people.
    pub fn fields(&self) -> Vec<Field> {
        vec![
            ("Address", Cell::new(&self.address)),
            ("Program", Cell::new(&self.program_id)),
            ("Authority", Cell::new(&self.authority)),
            (
                "Nominee",
                Cell::new(self.nominee.as_deref().unwrap_or("none")),
            ),
            ("Health oracle", Cell::new(&self.health_oracle)),
            ("Require healthy", Cell::new(self.require_healthy)),
            ("Contributors", Cell::new(self.contributors)),
            ("Locations", Cell::new(self.locations)),
        ]
    }
}
