//! What is reported of the lines of a file of locations.

use {
    super::create,
    crate::{context::Context, error::CliError, render::Item, workflow::import::Lines},
    ebb_sdk::{
        fleet::{FleetError, RowReport},
        instruction::CreateLocation,
    },
};

/// Locations of a file.
pub struct LocationLines<'a>(pub &'a Context);

impl Lines<CreateLocation> for LocationLines<'_> {
    fn created(&self, wanted: &CreateLocation, report: &RowReport) -> Item {
        create::created(wanted, report.transaction.signature().as_ref())
    }

    fn existing(&self, wanted: &CreateLocation, _: &RowReport) -> Item {
        create::existing(&wanted.code)
    }

    async fn explain(
        &self,
        wanted: &CreateLocation,
        report: &RowReport,
        failure: &FleetError,
    ) -> CliError {
        create::explain(self.0, wanted, &report.address, failure).await
    }
}
