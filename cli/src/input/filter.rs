//! Which devices a list shows.

use {
    super::value,
    clap::Args,
    ebb_sdk::state::{Health, ProvisioningStatus},
    std::time::Duration,
};

/// Options that choose devices. A device is listed if it passes all that are given.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterArgs {
    /// Only devices in one of these statuses
    ///
    /// Statuses are pending, activated, draining, retiring and retired.
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    pub status: Vec<ProvisioningStatus>,

    /// No device in one of these statuses
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    pub without_status: Vec<ProvisioningStatus>,

    /// Only devices of one of these healths
    ///
    /// Healths are unknown, healthy, unhealthy and dead.
    #[arg(long, value_name = "HEALTH", value_delimiter = ',')]
    pub health: Vec<Health>,

    /// Only devices of one of these contributors
    #[arg(long, value_name = "CODE", value_delimiter = ',', value_parser = value::identifier)]
    pub contributor: Vec<value::Identifier>,

    /// Only devices at one of these locations
    #[arg(long, value_name = "CODE", value_delimiter = ',', value_parser = value::identifier)]
    pub location: Vec<value::Identifier>,

    /// Only devices draining for longer than this
    #[arg(long, value_name = "DUR", allow_hyphen_values = true, value_parser = value::duration)]
    pub draining_longer_than: Option<Duration>,

    /// Only draining devices that are late
    ///
    /// Their deadline passed with sessions left, or their planned return passed.
    #[arg(long)]
    pub overdue: bool,

    /// Only devices that a hold or a budget stops
    ///
    /// Activated devices that no drain may start on now (a live hold, or the location's disruption budget), and
    /// draining ones that a live pending-task hold keeps from retiring.
    #[arg(long)]
    pub blocked: bool,
}

impl FilterArgs {
    /// Whether it may depend on more than the device: on the time, or on its location.
    pub fn is_timed(&self) -> bool {
        self.draining_longer_than.is_some() || self.overdue || self.blocked
    }
}
