//! Devices that are chosen by what they are.

use {
    crate::{
        context::{resolve, Context},
        error::CliError,
        input::{address, filter::FilterArgs},
    },
    ebb_sdk::fleet::{Selected, Selection},
};

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
            .map(|it| address::contributor(program_id, it))
            .collect(),
        location: locations
            .map(|it| address::location(program_id, it))
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
