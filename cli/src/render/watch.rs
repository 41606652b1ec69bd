//! A change of a device that is watched: a line for people, and one of JSON for scripts.

use {
    super::{device::DeviceView, device_table::sessions, versioned},
    crate::{
        error::CliError,
        terminal::{self, Format, Output},
    },
    ebb_sdk::json::{rfc3339, DeviceJson},
    serde::{Serialize, Serializer},
};

/// What came of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was in the selection at the beginning.
    Present,
    /// It came into the selection.
    Entered,
    /// It is in the selection, and something happened to it.
    Changed,
    /// It is there, and no longer in the selection.
    Left,
    /// It was removed.
    Removed,
}

impl ChangeKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Entered => "entered",
            Self::Changed => "changed",
            Self::Left => "left",
            Self::Removed => "removed",
        }
    }
}

impl Serialize for ChangeKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A change of a device: what happened behind one sequence and up to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What came of it.
    pub kind: ChangeKind,
    /// The device's code.
    pub code: String,
    /// Its address.
    pub address: String,
    /// With its contributor, which registration of the code it is.
    pub generation: u64,
    /// The sequence that was shown before, if one of this registration was.
    pub after: Option<u64>,
    /// The device's sequence; `None` if it is gone.
    pub sequence: Option<u64>,
    /// When it was read, in Unix seconds.
    pub now: i64,
    /// The device, if it is there.
    pub device: Option<DeviceView>,
}

#[derive(Serialize)]
struct ChangeJson<'a> {
    change: ChangeKind,
    code: &'a str,
    address: &'a str,
    generation: u64,
    after: Option<u64>,
    sequence: Option<u64>,
    time: Option<String>,
    device: Option<&'a DeviceView>,
}

impl Change {
    /// A change of a device that is there.
    pub fn of(kind: ChangeKind, after: Option<u64>, view: DeviceView) -> Self {
        let json = &view.device;
        Self {
            kind,
            code: json.code.to_string(),
            address: json.address.clone(),
            generation: json.generation,
            after,
            sequence: Some(json.sequence),
            now: view.now,
            device: Some(view),
        }
    }

    fn json(&self) -> ChangeJson<'_> {
        ChangeJson {
            change: self.kind,
            code: &self.code,
            address: &self.address,
            generation: self.generation,
            after: self.after,
            sequence: self.sequence,
            time: rfc3339(self.now),
            device: self.device.as_ref(),
        }
    }

    fn text(&self) -> String {
        let time = rfc3339(self.now).unwrap_or_default();
        let mut words = vec![time, self.kind.as_str().to_owned(), self.code.clone()];
        words.extend(self.device.iter().flat_map(|view| state(&view.device)));
        words.push(self.sequences());
        words.join("  ")
    }

    /// Which sequences the line is of, or up to which one it was none's.
    fn sequences(&self) -> String {
        let (after, last) = match (self.after, self.sequence) {
            (Some(after), Some(last)) if last > after => (after, last),
            (_, Some(last)) => return format!("at sequence {last}"),
            (Some(after), None) => return format!("after sequence {after}"),
            (None, None) => return String::new(),
        };
        match after.saturating_add(1) {
            first if first == last => format!("sequence {last}"),
            first => format!("sequences {first} to {last}"),
        }
    }
}

/// Status, health and sessions of a device.
fn state(device: &DeviceJson<'_>) -> [String; 3] {
    let status = if device.drained {
        "drained".to_owned()
    } else {
        device.provisioning_status.to_string()
    };
    [status, device.health.to_string(), sessions(device)]
}

/// Writes a change, on a line of its own.
pub fn change(format: Format, change: &Change) -> Result<(), CliError> {
    match format.output {
        Output::JsonLines => versioned(format.output, &change.json()),
        _ => terminal::line(change.text()),
    }
}
