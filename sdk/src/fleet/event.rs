//! What a run reports while it goes on.

use {
    super::{drain::DrainChange, FleetError, Subject},
    crate::error::EbbError,
    serde::{Serialize, Serializer},
    solana_program::pubkey::Pubkey,
    solana_sdk::signature::Signature,
    std::fmt::Display,
};

/// A device of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceRef {
    /// Its place in the plan, and in the run's reports.
    pub row: usize,
    /// Its code.
    pub code: String,
}

/// What happened in a run.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum RunEvent {
    /// A device's transaction may have been sent from now on.
    Sending {
        /// The device.
        device: DeviceRef,
    },
    /// A device's transaction was signed, and was to be signed only.
    Signed {
        /// The device.
        device: DeviceRef,
    },
    /// A device's transaction landed.
    Accepted {
        /// The device.
        device: DeviceRef,
        /// Its transaction; absent if the ledger lost it and the account shows that it landed.
        #[serde(serialize_with = "text_of_some")]
        signature: Option<Signature>,
    },
    /// A device is as asked already.
    Unchanged {
        /// The device.
        device: DeviceRef,
    },
    /// A device was not done. In a rolling drain, one that a hold or the budget stops is tried again.
    Failed {
        /// The device.
        device: DeviceRef,
        /// Why.
        failure: FleetError,
    },
    /// Everything was sent, and from now on these drains are waited for.
    Watching {
        /// The devices.
        devices: Vec<DeviceRef>,
    },
    /// The drain of a device has changed.
    Changed {
        /// The device.
        device: DeviceRef,
        /// The chain's time, in Unix seconds.
        at: i64,
        /// What changed.
        change: DrainChange,
    },
    /// A drain was read, and goes on.
    Draining {
        /// The device.
        device: DeviceRef,
        /// The chain's time, in Unix seconds.
        at: i64,
        /// Sessions that are open.
        sessions: u32,
        /// In how many seconds it is read again at the latest.
        interval: u64,
    },
    /// All drains were read.
    Surveyed {
        /// The chain's time, in Unix seconds.
        at: i64,
        /// How many drains go on.
        open: usize,
        /// In how many seconds they are read again at the latest.
        interval: u64,
    },
    /// The eviction of sessions is in flight.
    Evicting {
        /// The device.
        device: DeviceRef,
        /// How many.
        sessions: u32,
    },
    /// Sessions were evicted.
    Evicted {
        /// The device.
        device: DeviceRef,
        /// How many.
        sessions: u32,
        /// The transaction.
        #[serde(serialize_with = "text")]
        signature: Signature,
    },
    /// Rent has risen, and the fee payer adds what the recipient of a closed account lacks.
    ToppedUp {
        /// The recipient.
        #[serde(serialize_with = "text")]
        recipient: Pubkey,
        /// How much.
        lamports: u64,
    },
    /// Devices wait for what only time or another party can clear away.
    Blocked {
        /// The chain's time, in Unix seconds.
        at: i64,
        /// The devices, each with what stops it.
        devices: Vec<Blocked>,
        /// How many devices drain meanwhile.
        open: usize,
        /// In how many seconds they are read again at the latest.
        interval: u64,
    },
    /// The cluster is out of reach, which is tolerated for a minute.
    OutOfReach {
        /// Why.
        error: FleetError,
    },
}

/// A device that waits, and the rule that stops it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Blocked {
    /// The device.
    pub device: DeviceRef,
    /// Counts the device's changes: the same while nothing changed.
    pub sequence: u64,
    /// The rule.
    #[serde(serialize_with = "rule_name")]
    pub rule: EbbError,
}

impl Blocked {
    /// The device of a row as it was read last.
    pub(super) fn new(row: usize, last: &Subject, rule: EbbError) -> Self {
        Self {
            device: DeviceRef {
                row,
                code: last.code().to_owned(),
            },
            sequence: last.head().sequence,
            rule,
        }
    }
}

fn text<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn text_of_some<S: Serializer>(
    value: &Option<Signature>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}

fn rule_name<S: Serializer>(rule: &EbbError, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(rule.name())
}
