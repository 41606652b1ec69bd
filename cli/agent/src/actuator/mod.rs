//! Actuators: what an agent changes on its device.

mod absence;
pub mod bird;
pub mod forwarded;
pub mod frr;
pub mod haproxy;
mod stable;

use {crate::Unknown, async_trait::async_trait, std::collections::BTreeSet};

/// How a device presents its routes to its peers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preference {
    /// As ever: nothing asks the peers to go elsewhere.
    #[default]
    Normal,
    /// No longer preferred, which the agent has set and lifts.
    LoweredByAgent,
    /// No longer preferred, which somebody else had set before; the agent leaves it.
    LoweredByOther,
}

/// What an agent has set on its device, read from the device. A device that carries no mark of who set something is asked
/// together with [`Marks`](crate::marks::Marks).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Managed {
    /// How the device presents its routes.
    pub preference: Preference,
    /// The labels of those whom the agent has shut.
    pub shut: BTreeSet<String>,
}

/// Changes a device. Every call may be repeated, returns within seconds, and fails unless the device shows that it did it.
#[async_trait]
pub trait Actuator: Send {
    /// What the agent has set.
    ///
    /// # Errors
    /// The device did not say.
    async fn managed(&mut self) -> Result<Managed, Unknown>;

    /// Asks the peers to prefer other ways. The device goes on forwarding all that comes.
    ///
    /// # Errors
    /// The device did not do it, or did not say.
    async fn de_prefer(&mut self) -> Result<(), Unknown>;

    /// Lifts what [`Actuator::de_prefer`] set, and nothing else.
    ///
    /// # Errors
    /// The device did not do it, or did not say.
    async fn prefer(&mut self) -> Result<(), Unknown>;

    /// Ends the connections of a label, and lets it not connect again.
    ///
    /// # Errors
    /// The device did not do it, or did not say.
    async fn shut(&mut self, label: &str) -> Result<(), Unknown>;

    /// Lifts what [`Actuator::shut`] set, and nothing else.
    ///
    /// # Errors
    /// The device did not do it, or did not say.
    async fn open(&mut self, label: &str) -> Result<(), Unknown>;

    /// How many packets the device has forwarded, as a counter that only grows until the device starts anew.
    ///
    /// # Errors
    /// The device did not say.
    async fn forwarded(&mut self) -> Result<u64, Unknown>;

    /// Whether those that were opened again are connected and the device can forward to them: to be preferred again then
    /// loses nothing.
    ///
    /// # Errors
    /// The device did not say.
    async fn can_forward(&mut self) -> Result<bool, Unknown>;
}
