//! A location as JSON and tables give it.

use {
    super::View,
    crate::{
        input::value::to_degrees,
        terminal::{Cell, Field},
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
    fn budget(&self) -> String {
        match self.min_activated {
            0 => "none".into(),
            least => format!("at least {least} activated"),
        }
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

    fn fields(&self) -> Vec<Field> {
        vec![
            ("Code", Cell::new(&self.code)),
            ("Address", Cell::new(&self.address)),
            ("Name", Cell::new(&self.name)),
            ("Country", Cell::new(&self.country)),
            ("Coordinates", format!("{}, {}", self.lat, self.lng).into()),
            ("Devices", Cell::new(self.devices)),
            ("Activated", Cell::new(self.activated)),
            ("Draining", Cell::new(self.draining)),
            ("Disruption budget", self.budget().into()),
            ("Spare", format!("{} more may drain", self.spare()).into()),
        ]
    }
}
