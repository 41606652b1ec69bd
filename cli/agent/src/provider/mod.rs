//! Providers: where an agent sees which users its device has.

mod api;
mod bird;
mod exec;
mod frr;
mod haproxy;

use {crate::Unknown, async_trait::async_trait};
pub use {
    api::{Api, ApiError},
    exec::Exec,
};

/// A user that the device knows, connected or not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// What the device calls it: a BGP neighbor's description in FRR, a protocol's in BIRD, a line of a program's output, a
    /// place of HAProxy. Several may have one label; they are one user.
    pub label: String,
    /// Whether it is connected now.
    pub connected: bool,
}

/// Sees the users of a device.
#[async_trait]
pub trait Provider: Send {
    /// The users that the device knows now. Returns within seconds, whatever the device does.
    ///
    /// # Errors
    /// The device did not say; nothing may be concluded from that.
    async fn look(&mut self) -> Result<Vec<Seen>, Unknown>;
}
