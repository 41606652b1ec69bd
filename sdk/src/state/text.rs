//! Short texts at fixed offsets: a length byte, then that many bytes, then zeros.

use {
    crate::{error::EbbError, value::is_legible},
    borsh::{BorshDeserialize, BorshSerialize},
    bytemuck::{Pod, Zeroable},
};

/// A drain's reason: up to 64 bytes.
pub type Reason = FixedText<65>;

/// A hold's reason: up to 32 bytes.
pub type HoldReason = FixedText<33>;

/// A text that a [`Reason`] can hold.
pub type CheckedReason<'a> = CheckedText<'a, 65>;

/// A text that a [`HoldReason`] can hold.
pub type CheckedHoldReason<'a> = CheckedText<'a, 33>;

/// A text that was found to fit a [`FixedText`] of the same size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckedText<'a, const SIZE: usize>(&'a str);

/// Up to `SIZE - 1` bytes of UTF-8 in `SIZE` bytes, the first of which is the length.
#[derive(Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize, Pod, Zeroable)]
#[repr(transparent)]
pub struct FixedText<const SIZE: usize>([u8; SIZE]);

impl<const SIZE: usize> FixedText<SIZE> {
    /// The longest text in bytes.
    pub const MAX_LEN: usize = SIZE.saturating_sub(1);

    /// Lays a text down.
    ///
    /// # Errors
    /// As [`Self::set`].
    pub fn new(text: &str) -> Result<Self, EbbError> {
        let mut laid = Self::default();
        laid.set(text)?;
        Ok(laid)
    }

    /// Lays a text down in place of what was there.
    ///
    /// # Errors
    /// As [`Self::check`]; nothing is written then.
    pub fn set(&mut self, text: &str) -> Result<(), EbbError> {
        self.lay(Self::checked(text)?)
    }

    /// Lays a text down in place of what was there, without checking it again.
    ///
    /// # Errors
    /// None that a checked text can cause.
    #[inline(always)]
    pub fn lay(&mut self, CheckedText(text): CheckedText<SIZE>) -> Result<(), EbbError> {
        let before = self.len();
        let (len, bytes) = self.0.split_first_mut().ok_or(EbbError::InvalidReason)?;
        *len = u8::try_from(text.len()).map_err(|_| EbbError::InvalidReason)?;
        let place = bytes.get_mut(..text.len()).ok_or(EbbError::InvalidReason)?;
        place.copy_from_slice(text.as_bytes());
        // Asked first, as an empty slice is filled by a call too.
        if before > text.len() {
            if let Some(longer) = bytes.get_mut(text.len()..before) {
                longer.fill(0);
            }
        }
        Ok(())
    }

    /// Whether a text can be laid down.
    ///
    /// # Errors
    /// As [`Self::checked`].
    pub fn check(text: &str) -> Result<(), EbbError> {
        Self::checked(text).map(|_| ())
    }

    /// The text, if it can be laid down.
    ///
    /// # Errors
    /// [`EbbError::InvalidReason`] if it is longer than [`Self::MAX_LEN`] bytes, all blanks, or holds
    /// control characters or invisible ones.
    #[inline(always)]
    pub fn checked(text: &str) -> Result<CheckedText<'_, SIZE>, EbbError> {
        // Nothing need not be read, and is what most drains give.
        if text.is_empty() || (text.len() <= Self::MAX_LEN && is_legible(text)) {
            Ok(CheckedText(text))
        } else {
            Err(EbbError::InvalidReason)
        }
    }

    /// The length in bytes, as claimed.
    pub fn len(&self) -> usize {
        self.0.first().map_or(0, |len| usize::from(*len))
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text, checked as when it was laid down.
    ///
    /// # Errors
    /// [`EbbError::CorruptAccount`] if the bytes are none that [`Self::new`] lays down.
    pub fn decoded(&self) -> Result<&str, EbbError> {
        self.as_str()
            .ok()
            .filter(|text| is_legible(text))
            .ok_or(EbbError::CorruptAccount)
    }

    /// The text, of bytes that were checked when they were laid down or decoded.
    ///
    /// # Errors
    /// [`EbbError::CorruptAccount`] if the bytes are no UTF-8 of the length that they claim.
    pub fn as_str(&self) -> Result<&str, EbbError> {
        let (len, bytes) = self.0.split_first().ok_or(EbbError::CorruptAccount)?;
        let (text, padding) = bytes
            .split_at_checked(usize::from(*len))
            .ok_or(EbbError::CorruptAccount)?;
        if padding.iter().any(|byte| *byte != 0) {
            return Err(EbbError::CorruptAccount);
        }
        core::str::from_utf8(text).map_err(|_| EbbError::CorruptAccount)
    }
}

impl From<HoldReason> for Reason {
    /// The same text, with more zeros after it.
    fn from(reason: HoldReason) -> Self {
        let mut wider = Self::default();
        if let Some(start) = wider.0.first_chunk_mut() {
            *start = reason.0;
        }
        wider
    }
}

impl<const SIZE: usize> Default for FixedText<SIZE> {
    fn default() -> Self {
        Self([0; SIZE])
    }
}

impl<const SIZE: usize> core::fmt::Debug for FixedText<SIZE> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.as_str() {
            Ok(text) => write!(f, "{text:?}"),
            Err(_) => write!(f, "{:?}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_was_laid_down() {
        for text in ["", "rack 12 power", &"x".repeat(64), "Wartung – Süd"] {
            assert_eq!(Reason::new(text).unwrap().as_str(), Ok(text));
        }
    }

    #[test]
    fn a_holds_reason_reads_the_same_in_the_place_of_a_drains() {
        for text in ["", "backup", &"x".repeat(32)] {
            let reason = HoldReason::new(text).unwrap();
            assert_eq!(Reason::from(reason), Reason::new(text).unwrap());
        }
    }

    #[test]
    fn leaves_nothing_of_a_longer_text() {
        let mut reason = Reason::new("a longer text").unwrap();
        reason.set("short").unwrap();
        assert_eq!(reason, Reason::new("short").unwrap());
        assert_eq!(reason.set("a\nb"), Err(EbbError::InvalidReason));
        assert_eq!(reason.as_str(), Ok("short"));
    }

    #[test]
    fn refuses_long_and_control_text() {
        assert_eq!(Reason::new(&"x".repeat(65)), Err(EbbError::InvalidReason));
        assert_eq!(
            HoldReason::new(&"x".repeat(33)),
            Err(EbbError::InvalidReason)
        );
        for text in [
            "a\nb",
            "a\u{202e}b",
            "a\u{200b}",
            "\u{feff}a",
            "a\u{2028}b",
            "  ",
        ] {
            assert_eq!(Reason::new(text), Err(EbbError::InvalidReason), "{text:?}");
            let mut bytes = [0; 65];
            bytes[0] = text.len() as u8;
            bytes[1..=text.len()].copy_from_slice(text.as_bytes());
            let laid = FixedText::<65>(bytes);
            assert_eq!(laid.decoded(), Err(EbbError::CorruptAccount), "{text:?}");
        }
    }

    #[test]
    fn refuses_bytes_it_never_wrote() {
        let mut bytes = [0; 33];
        bytes[0] = 33;
        assert_eq!(
            FixedText::<33>(bytes).as_str(),
            Err(EbbError::CorruptAccount)
        );
        bytes[0] = 1;
        bytes[1] = 0xff;
        assert_eq!(
            FixedText::<33>(bytes).as_str(),
            Err(EbbError::CorruptAccount)
        );
        bytes[0] = 0;
        assert_eq!(
            FixedText::<33>(bytes).as_str(),
            Err(EbbError::CorruptAccount)
        );
    }
}
