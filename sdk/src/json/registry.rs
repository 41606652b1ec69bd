use {
    crate::{
        pda,
        state::{present, Registry},
    },
    serde::{Deserialize, Serialize},
    solana_program::pubkey::Pubkey,
};

/// The registry: who runs the network, and by which policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegistryJson {
    /// The account's address.
    pub address: String,
    /// The program's id.
    pub program_id: String,
    /// The network operator's key.
    pub authority: String,
    /// The key that may accept the authority.
    pub nominee: Option<String>,
    /// The key that reports the health of any device.
    pub health_oracle: String,
    /// The policy: whether a device enters service only with proven health.
    pub require_healthy: bool,
    /// Contributors ever created.
    pub contributors: u32,
    /// Locations ever created.
    pub locations: u32,
    /// Mutations of the account so far.
    pub sequence: u64,
}

impl RegistryJson {
    /// The registry of the program at `program_id`.
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
