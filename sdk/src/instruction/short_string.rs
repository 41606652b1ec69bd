use {
    borsh::{
        io::{Error, ErrorKind, Read, Result},
        BorshDeserialize, BorshSerialize,
    },
    core::ops::Deref,
};

/// A string of at most 255 bytes, encoded as Borsh encodes a `String`.
///
/// Borsh reserves up to 1 MiB for the length that a string claims; a program's heap has 32 KiB.
/// This one reads its length first and refuses what is too long.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct ShortString(String);

impl ShortString {
    /// The longest string in bytes.
    pub const MAX_LEN: usize = u8::MAX as usize;
}

impl BorshDeserialize for ShortString {
    fn deserialize_reader<R: Read>(reader: &mut R) -> Result<Self> {
        let len = u32::deserialize_reader(reader)? as usize;
        if len > Self::MAX_LEN {
            return Err(Error::from(ErrorKind::InvalidData));
        }
        let mut bytes = vec![0; len];
        reader.read_exact(&mut bytes)?;
        String::from_utf8(bytes)
            .map(Self)
            .map_err(|_| Error::from(ErrorKind::InvalidData))
    }
}

impl From<&str> for ShortString {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl Deref for ShortString {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}
