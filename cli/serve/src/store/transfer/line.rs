//! The lines.

use {
    super::super::Range,
    ebb_sdk::json::EventJson,
    serde::{Deserialize, Serialize},
};

/// Their format.
pub(super) const FORMAT: u32 = 1;

/// How many events are read and written at once.
pub(super) const PAGE: u32 = 1_000;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Header {
    pub schema_version: u32,
    pub genesis: String,
    pub program: String,
    /// How far the ledger was read.
    pub confirmed: Option<String>,
    #[serde(rename = "final")]
    pub is_final: Option<String>,
}

/// A line of an event: what people and programs read of it, and its bytes, which an import takes.
#[derive(Serialize)]
pub(super) struct EventLine {
    #[serde(flatten)]
    pub event: EventJson,
    pub index: Option<u32>,
    pub data: String,
}

/// What an import takes of a line.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Line {
    Event {
        code: Option<String>,
        signature: String,
        index: Option<u32>,
        place: u32,
        #[serde(rename = "final")]
        is_final: bool,
        data: String,
    },
    Lost {
        lost: RangeJson,
    },
    Unreadable {
        unreadable: LetterJson,
    },
}

#[derive(Serialize)]
pub(super) struct LostLine {
    pub lost: RangeJson,
}

#[derive(Serialize)]
pub(super) struct UnreadableLine {
    pub unreadable: LetterJson,
}

/// A range of sequences that are missing, as JSON has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RangeJson {
    /// The account.
    pub address: String,
    /// Of a device, the contributor that registered it.
    pub contributor: Option<String>,
    /// Of a device, which of the contributor's registrations it is.
    pub generation: Option<u64>,
    /// The first sequence.
    pub first: u64,
    /// The last one, inclusive.
    pub last: u64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct LetterJson {
    pub signature: String,
    pub slot: u64,
    pub reason: String,
}

impl From<&Range> for RangeJson {
    fn from(range: &Range) -> Self {
        let registration = range.registration;
        Self {
            address: range.address.to_string(),
            contributor: registration.map(|registration| registration.contributor.to_string()),
            generation: registration.map(|registration| registration.generation),
            first: range.first,
            last: range.last,
        }
    }
}
