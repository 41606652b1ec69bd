//! A contributor as JSON and tables give it.

use {
    super::{short, View},
    crate::terminal::{Cell, Field},
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

    fn fields(&self) -> Vec<Field> {
        let or_none = |key: &Option<String>| Cell::new(key.as_deref().unwrap_or("none"));
        vec![
            ("Code", Cell::new(&self.code)),
            ("Address", Cell::new(&self.address)),
            ("Standing", standing(self.suspended).into()),
            ("Authority", Cell::new(&self.authority)),
            ("Operator", or_none(&self.operator)),
            ("Nominee", or_none(&self.nominee)),
            ("Devices", Cell::new(self.devices)),
            ("Registrations", Cell::new(self.registrations)),
        ]
    }
}
