//! A contributor as JSON and tables give it.

use {
    super::{short, Record, Show, View},
    crate::terminal::Cell,
    ebb_sdk::{
        client::Keyed,
        state::{present, Contributor},
    },
    serde::Serialize,
};

/// A contributor: its keys and its devices.
#[derive(Clone, Debug, Serialize)]
pub struct ContributorView {
    pub code: String,
    pub address: String,
    pub authority: String,
    pub nominee: Option<String>,
    pub operator: Option<String>,
    pub suspended: bool,
    pub devices: u32,
    pub registrations: u64,
    pub sequence: u64,
    #[serde(skip)]
    short_authority: String,
    #[serde(skip)]
    short_operator: Option<String>,
}

/// Whether a contributor is suspended, in a word.
pub fn standing(suspended: bool) -> &'static str {
    if suspended {
        "suspended"
    } else {
        "active"
    }
}

impl From<Keyed<Contributor>> for ContributorView {
    fn from(found: Keyed<Contributor>) -> Self {
        let Contributor { head, code } = found.account;
        Self {
            code,
            address: found.address.to_string(),
            authority: head.authority.to_string(),
            nominee: present(&head.nominee).map(ToString::to_string),
            operator: present(&head.operator).map(ToString::to_string),
            suspended: head.suspended,
            devices: head.devices,
            registrations: head.registrations,
            sequence: head.sequence,
            short_authority: short(&head.authority),
            short_operator: present(&head.operator).map(short),
        }
    }
}

impl View for ContributorView {
    const PLURAL: &'static str = "contributors";
    const COLUMNS: &'static [&'static str] =
        &["CODE", "STANDING", "DEVICES", "AUTHORITY", "OPERATOR"];

    fn row(&self) -> Vec<Cell> {
        vec![
            Cell::new(&self.code),
            Cell::new(standing(self.suspended)),
            Cell::new(self.devices),
            Cell::new(&self.short_authority),
            Cell::new(self.short_operator.as_deref().unwrap_or("-")),
        ]
    }
}

impl Show for ContributorView {
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
