use {
    crate::{
        client::Keyed,
        state::{present, Contributor},
    },
    serde::{Deserialize, Serialize},
};

/// A contributor: its keys and its devices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContributorJson {
    /// Its code.
    pub code: String,
    /// The account's address.
    pub address: String,
    /// The key that signs for it.
    pub authority: String,
    /// The key that may accept the authority.
    pub nominee: Option<String>,
    /// The key that runs drains.
    pub operator: Option<String>,
    /// Whether the network's authority suspended it.
    pub suspended: bool,
    /// Devices it has.
    pub devices: u32,
    /// Devices it ever registered.
    pub registrations: u64,
    /// Mutations of the account so far.
    pub sequence: u64,
}

impl From<Keyed<Contributor>> for ContributorJson {
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
        }
    }
}
