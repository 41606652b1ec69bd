//! A position in the history.

use {
    base64::{prelude::BASE64_URL_SAFE_NO_PAD, Engine},
    solana_sdk::signature::{Signature, SIGNATURE_BYTES},
    std::{fmt, str::FromStr},
};

/// The version of a cursor's bytes.
const VERSION: u8 = 1;
/// The most anchors that a cursor keeps.
pub(super) const MAX_ANCHORS: usize = 8;

/// A position in the history. Its text is opaque to whoever keeps it. The default is the beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The slot up to which everything was read.
    pub slot: u64,
    /// The newest transactions that were read, one of each slot, newest first, at most 8. A node that has none of them
    /// cannot go on from here.
    pub anchors: Vec<Signature>,
}

/// A text that is no cursor, or one of a newer version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no cursor of a history")]
pub struct CursorError;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.slot.to_le_bytes());
        for anchor in &self.anchors {
            bytes.extend_from_slice(anchor.as_ref());
        }
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text);
        let bytes = bytes.map_err(|_| CursorError)?;
        let Some((&VERSION, rest)) = bytes.split_first() else {
            return Err(CursorError);
        };
        let (slot, anchors) = rest.split_first_chunk().ok_or(CursorError)?;
        let anchors = anchors.chunks(SIGNATURE_BYTES).map(Signature::try_from);
        let anchors: Vec<_> = anchors.collect::<Result<_, _>>().map_err(|_| CursorError)?;
        match anchors.len() {
            0..=MAX_ANCHORS => Ok(Self {
                slot: u64::from_le_bytes(*slot),
                anchors,
            }),
            _ => Err(CursorError),
        }
    }
}

#[cfg(feature = "json")]
impl serde::Serialize for Cursor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "json")]
impl<'de> serde::Deserialize<'de> for Cursor {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_text_is_read_back() {
        for anchors in 0..=MAX_ANCHORS {
            let cursor = Cursor {
                slot: u64::MAX - 1,
                anchors: (0..anchors).map(|byte| [byte as u8; 64].into()).collect(),
            };
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        assert_eq!(Cursor::default().to_string(), "AQAAAAAAAAAA");
    }

    #[test]
    fn another_text_is_refused() {
        let nine = Cursor {
            slot: 1,
            anchors: vec![Signature::default(); MAX_ANCHORS + 1],
        };
        let nine = nine.to_string();
        // Nothing, no base64, another version, no slot, a cut anchor, an anchor too many.
        for text in [
            "",
            "ä",
            "AgAAAAAAAAAA",
            "AQAAAAAAAAA",
            "AQAAAAAAAAAAAA",
            &nine,
        ] {
            assert_eq!(text.parse::<Cursor>(), Err(CursorError), "{text}");
        }
    }

    #[cfg(feature = "json")]
    #[test]
    fn it_is_a_text_in_json() {
        let cursor = Cursor {
            slot: 7,
            anchors: vec![],
        };
        let json = serde_json::to_string(&cursor).unwrap();
        assert_eq!(json, "\"AQcAAAAAAAAA\"");
        assert_eq!(serde_json::from_str::<Cursor>(&json).unwrap(), cursor);
        assert!(serde_json::from_str::<Cursor>("\"AQ\"").is_err());
    }
}
