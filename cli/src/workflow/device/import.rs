//! What is reported of the lines of a file of devices.

use {
    super::create,
    crate::{
        context::Context, error::CliError, input::device_row::DeviceRow, render::Item,
        workflow::import::Lines,
    },
    ebb_sdk::fleet::{FleetError, RowReport},
};

/// Devices of a file.
pub struct DeviceLines<'a>(pub &'a Context);

impl Lines<DeviceRow> for DeviceLines<'_> {
    fn created(&self, row: &DeviceRow, report: &RowReport) -> Item {
        create::created(row, report)
    }

    fn existing(&self, row: &DeviceRow, report: &RowReport) -> Item {
        create::existing(row, report)
    }

    async fn explain(&self, row: &DeviceRow, _: &RowReport, failure: &FleetError) -> CliError {
        create::explain(self.0, row, failure).await
    }
}
