//! A session as JSON and tables give it.

use {
    super::View,
    crate::terminal::{time::rfc3339, Cell},
    ebb_sdk::{client::Keyed, state::Session},
    serde::Serialize,
};

/// One user's connection to one device.
#[derive(Clone, Debug, Serialize)]
pub struct SessionView {
    pub device: Option<String>,
    pub device_address: String,
    pub user: String,
    /// What the agent of the device calls the user, where that is known to this machine.
    pub label: Option<String>,
    pub address: String,
    pub payer: String,
    pub opened_at: Option<String>,
    pub opened_slot: u64,
}

impl SessionView {
    /// `device` is the code of the session's device, unless that cannot be read; `label` what the user is called, if it is
    /// known.
    pub fn new(found: &Keyed<Session>, device: Option<String>, label: Option<String>) -> Self {
        let session = &found.account;
        Self {
            device,
            device_address: session.device.to_string(),
            user: session.user.to_string(),
            label,
            address: found.address.to_string(),
            payer: session.payer.to_string(),
            opened_at: rfc3339(session.opened_at),
            opened_slot: session.opened_slot,
        }
    }
}

impl View for SessionView {
    const PLURAL: &'static str = "sessions";
    const COLUMNS: &'static [&'static str] = &["DEVICE", "USER", "OPENED"];

    fn row(&self) -> Vec<Cell> {
        vec![
            Cell::new(self.device.as_deref().unwrap_or(&self.device_address)),
            match &self.label {
                Some(label) => Cell::new(format!("{label} ({})", self.user)),
                None => Cell::new(&self.user),
            },
            Cell::new(self.opened_at.as_deref().unwrap_or("-")),
        ]
    }
}
