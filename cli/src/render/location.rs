//! A location as tables and records give it.

use {
    super::View,
    crate::{
        render::{Record, Show},
        terminal::Cell,
    },
    ebb_sdk::json::LocationJson,
};

fn budget(location: &LocationJson) -> Option<String> {
    let least = location.min_activated;
    (least > 0).then(|| format!("at least {least} activated"))
}

impl View for LocationJson {
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
            Cell::new(self.budget().spare()),
        ]
    }
}

impl Show for LocationJson {
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
            .optional("Disruption budget", budget(self))
            .text(
                "Spare",
                format_args!("{} more may drain", self.budget().spare()),
            )
    }
}
