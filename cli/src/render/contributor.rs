//! A contributor as tables and records give it.

use {
    super::{short, Record, Show, View},
    crate::terminal::Cell,
    ebb_sdk::json::ContributorJson,
};

/// Whether a contributor is suspended, in a word.
pub fn standing(suspended: bool) -> &'static str {
    if suspended {
        "suspended"
    } else {
        "active"
    }
}

impl View for ContributorJson {
    const PLURAL: &'static str = "contributors";
    const COLUMNS: &'static [&'static str] =
        &["CODE", "STANDING", "DEVICES", "AUTHORITY", "OPERATOR"];

    fn row(&self) -> Vec<Cell> {
        vec![
            Cell::new(&self.code),
            Cell::new(standing(self.suspended)),
            Cell::new(self.devices),
            Cell::new(short(&self.authority)),
            Cell::new(
                self.operator
                    .as_deref()
                    .map_or_else(|| "-".to_owned(), short),
            ),
        ]
    }
}

impl Show for ContributorJson {
    fn record(&self) -> Record {
        Record::new()
            .text("Code", &self.code)
            .text("Address", &self.address)
            .text("Standing", standing(self.suspended))
            .text("Authority", &self.authority)
            .optional("Operator", self.operator.as_ref())
            .optional("Nominee", self.nominee.as_ref())
            .text("Devices", self.devices)
            .text("Registrations", self.registrations)
    }
}
