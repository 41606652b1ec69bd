//! The ledger's side of a device: what it says, read again and again, and what the agent changes there.

mod acts;
mod changes;
mod reader;
mod signatures;

pub use {
    acts::{Act, ActReader},
    changes::{LedgerChanges, Sender, Sent},
    reader::{follow, Away, Reading, Target},
    signatures::Signatures,
};

use {
    ebb_sdk::{
        client::Keyed,
        json::DeviceJson,
        state::{Device, DeviceHead, Session},
    },
    solana_sdk::pubkey::Pubkey,
    std::collections::BTreeMap,
};

/// What one reading of the ledger found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The ledger's time, in Unix seconds.
    pub time: i64,
    /// The ledger's slot then.
    pub slot: u64,
    /// The device.
    pub device: Keyed<Device>,
    /// Its open sessions, by user.
    pub sessions: BTreeMap<Pubkey, Keyed<Session>>,
    /// The owner's code.
    pub contributor: String,
    /// The location's code.
    pub location: String,
}

impl Chain {
    /// The fixed part of the device.
    pub fn head(&self) -> &DeviceHead {
        &self.device.account.head
    }

    /// The device as the command line and the service have it in JSON.
    pub fn json(&self) -> DeviceJson<'_> {
        DeviceJson::new(&self.device, &self.contributor, &self.location, self.time)
    }
}
