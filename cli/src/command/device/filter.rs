//! Which devices a list shows.

use {
    crate::{context::Context, error::CliError, resolve, value, view::device::DeviceView},
    clap::Args,
    ebb_sdk::{
        fleet::{Selected, Selection},
        state::{Health, ProvisioningStatus},
    },
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

    /// Only devices that have been draining for longer than this
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

/// Reads the devices that pass a filter.
///
/// # Errors
/// A contributor or location that it names is not there, or the ledger's.
pub async fn select(context: &Context, filter: &FilterArgs) -> Result<Selected, CliError> {
    let program_id = context.program_id();
    let contributors = filter.contributor.iter();
    let locations = filter.location.iter();
    let selection = Selection {
        status: filter.status.clone(),
        without_status: filter.without_status.clone(),
        health: filter.health.clone(),
        contributor: contributors
            .map(|it| resolve::contributor_address(program_id, it))
            .collect(),
        location: locations
            .map(|it| resolve::location_address(program_id, it))
            .collect(),
        draining_longer_than: filter.draining_longer_than,
        overdue: filter.overdue,
        blocked: filter.blocked,
    };
    match context.fleet().select(&selection).await {
        Err(error) if !error.is_outage() => {
            // Which of those that are named is absent, and what is there instead.
            for contributor in &filter.contributor {
                resolve::contributor(context, contributor).await?;
            }
            for location in &filter.location {
                resolve::location(context, location).await?;
            }
            Err(error.into())
        }
        selected => Ok(selected?),
    }
}

/// The devices as they are shown, in the order of their codes.
pub fn views(
    selected: &Selected,
) -> impl Iterator<Item = Result<DeviceView, CliError>> + Clone + '_ {
    selected.devices().map(|device| {
        let device = device?;
        let head = &device.device.account.head;
        let contributor = device.contributor.map(|it| it.code.clone());
        let contributor = contributor.unwrap_or_else(|| head.contributor.to_string());
        let location = device.location.map(|it| it.code.clone());
        let location = location.unwrap_or_else(|| head.location.to_string());
        Ok(DeviceView::new(
            &device.device,
            &contributor,
            &location,
            selected.now,
        ))
    })
}
