//! A location as JSON and tables give it.

use {
    super::View,
    crate::{
        input::value::to_degrees,
        render::{Record, Show},
        terminal::Cell,
    },
    ebb_sdk::{client::Keyed, state::Location},
    serde::Serialize,
};

/// A location: where it is, and what it can spare.
#[derive(Clone, Debug, Serialize)]
pub struct LocationView {
    pub code: String,
    pub address: String,
    pub name: String,
    pub country: String,
    pub lat: f64,
    pub lng: f64,
    pub min_activated: u32,
    pub devices: u32,
    pub activated: u32,
    pub draining: u32,
    pub sequence: u64,
}

impl LocationView {
    fn budget(&self) -> Option<String> {
        let least = self.min_activated;
        (least > 0).then(|| format!("at least {least} activated"))
    }

    /// How many more devices may start to drain.
    fn spare(&self) -> u32 {
        self.activated.saturating_sub(self.min_activated)
    }
}

impl From<Keyed<Location>> for LocationView {
    fn from(found: Keyed<Location>) -> Self {
        let Location { head, code, name } = found.account;
        Self {
            code,
            address: found.address.to_string(),
            name,
            country: String::from_utf8_lossy(&head.country).into_owned(),
            lat: to_degrees(head.latitude),
            lng: to_degrees(head.longitude),
            min_activated: head.min_activated,
            devices: head.devices,
            activated: head.activated,
            draining: head.draining,
            sequence: head.sequence,
        }
    }
}

impl View for LocationView {
    const PLURAL: &'static str = "locations";
    const COLUMNS: &'static [&'static str] = &[
        "CODE",
        "NAME",
        "COUNTRY",
        "DEVICES",
        "ACTIVATED",
        "DRAINING",
        "BUDGET",
        "SPARE",
    ];

    fn row(&self) -> Vec<Cell> {
        vec![
            Cell::new(&self.code),
            Cell::new(&self.name),
            Cell::new(&self.country),
            Cell::new(self.devices),
            Cell::new(self.activated),
            Cell::new(self.draining),
            Cell::new(self.min_activated),
            Cell::new(self.spare()),
        ]
    }
}

impl Show for LocationView {
    fn record(&self) -> Record {
        Record::new()
            .text("Code", &self.code)
            .text("Address", &self.address)
            .text("Name", &self.name)
            .text("Country", &self.country)
            .text("Coordinates", format_args!("{}, {}", self.lat, self.lng))
            .text("Devices", self.devices)
            .text("Activated", self.activated)
            .text("Draining", self.draining)
            .optional("Disruption budget", self.budget())
            .text("Spare", format_args!("{} more may drain", self.spare()))
    }
}
