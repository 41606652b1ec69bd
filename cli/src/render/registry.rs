//! The registry as records give it.

use {
    super::{Record, Show},
    ebb_sdk::json::RegistryJson,
};

/// What items of the registry's verbs are called.
pub const CODE: &str = "registry";

impl Show for RegistryJson {
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
