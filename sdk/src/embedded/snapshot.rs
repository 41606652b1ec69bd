//! The state file: a header, the SVM as litesvm-persistence writes it, and its accounts.
//!
//! ```text
//! magic 8 | format u32 | revision u64 | transactions u64 | journal u64 | clock's offset i64 | length u64
//! SHA-256 of the header and all behind it, 32 bytes
//! the SVM, `length` bytes
//! the accounts that can do without, to the end
//! ```
//! Numbers are little-endian. The file is replaced as a whole, so it is always one that was complete. Format 1, which is still
//! read, has all accounts in the SVM, where there is room for 43,690.

use {
    super::{
        folder::{LedgerFolder, STATE},
        machine::Machine,
        EmbeddedError,
    },
    borsh::{BorshDeserialize, BorshSerialize},
    solana_program::hash::hashv,
    std::{
        fs::File,
        io::{self, Read},
        path::Path,
    },
};

const MAGIC: [u8; 8] = *b"EBBSTATE";
/// The format that is written, and the newest that is read.
const FORMAT: u32 = 2;
const FIELDS_LEN: usize = 52;
const CHECKSUM_LEN: usize = 32;
const HEADER_LEN: usize = FIELDS_LEN + CHECKSUM_LEN;

/// A state file's header as bytes. It holds a checksum of the whole file, so two files are the same
/// if their stamps are.
pub(super) type Stamp = [u8; HEADER_LEN];

#[derive(Clone, Copy, BorshSerialize, BorshDeserialize)]
struct Fields {
    magic: [u8; 8],
    format: u32,
    revision: u64,
    transactions: u64,
    journal_len: u64,
    offset: i64,
    svm_len: u64,
}

/// All that a ledger's state file holds.
#[derive(Clone)]
pub(super) struct Snapshot {
    /// The header of the file it was read from or written to last.
    pub stamp: Stamp,
    /// How often the file was written.
    pub revision: u64,
    /// Transactions accepted so far.
    pub transactions: u64,
    /// How much of the journal belongs to this state, in bytes. What stands behind it belongs to a
    /// transaction that was never completed.
    pub journal_len: u64,
    /// The SVM.
    pub machine: Machine,
}

impl Snapshot {
    /// A state that was not written yet.
    pub fn new(machine: Machine, journal_len: u64) -> Self {
        Self {
            stamp: [0; HEADER_LEN],
            revision: 0,
            transactions: 0,
            journal_len,
            machine,
        }
    }

    /// The stamp of the folder's state file.
    pub fn read_stamp(folder: &LedgerFolder) -> Result<Stamp, EmbeddedError> {
        let path = folder.files.path_of(STATE);
        let mut stamp = [0; HEADER_LEN];
        open(folder)?
            .read_exact(&mut stamp)
            .map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => too_short(&path),
                _ => EmbeddedError::io("read", &path)(error),
            })?;
        Ok(stamp)
    }

    /// Reads the folder's state file.
    pub fn read(folder: &LedgerFolder) -> Result<Self, EmbeddedError> {
        let path = folder.files.path_of(STATE);
        let mut bytes = Vec::new();
        open(folder)?
            .read_to_end(&mut bytes)
            .map_err(EmbeddedError::io("read", &path))?;
        Self::decode(&path, &bytes)
    }

    /// How long the folder's state file is.
    pub fn file_len(folder: &LedgerFolder) -> Result<u64, EmbeddedError> {
        let path = folder.files.path_of(STATE);
        let metadata = open(folder)?.metadata();
        Ok(metadata.map_err(EmbeddedError::io("read", &path))?.len())
    }

    fn decode(path: &Path, bytes: &[u8]) -> Result<Self, EmbeddedError> {
        let corrupt = |problem: &str| EmbeddedError::corrupt(path, problem);
        let (stamp, svm) = bytes
            .split_first_chunk::<HEADER_LEN>()
            .ok_or_else(|| too_short(path))?;
        let (fields_bytes, checksum) = stamp.split_at(FIELDS_LEN);
        let fields =
            Fields::try_from_slice(fields_bytes).map_err(|error| corrupt(&error.to_string()))?;
        if fields.magic != MAGIC {
            return Err(corrupt("it does not begin like a ledger's state"));
        }
        // A newer format may differ from here on, so nothing behind it can be checked.
        if fields.format > FORMAT {
            return Err(EmbeddedError::NewerFormat {
                path: path.to_owned(),
                found: fields.format,
                supported: FORMAT,
            });
        }
        if fields.format == 0 {
            return Err(corrupt("it has a format that never was"));
        }
        let len = usize::try_from(fields.svm_len).unwrap_or(usize::MAX);
        let parts = svm.split_at_checked(len);
        let parts = parts.filter(|(_, accounts)| fields.format > 1 || accounts.is_empty());
        let Some((machine, accounts)) = parts else {
            return Err(corrupt("it is cut short or has something behind its end"));
        };
        if checksum != hashv(&[fields_bytes, svm]).as_ref() {
            return Err(corrupt("its checksum does not match its content"));
        }
        Ok(Self {
            stamp: *stamp,
            revision: fields.revision,
            transactions: fields.transactions,
            journal_len: fields.journal_len,
            machine: Machine::decode(machine, accounts, fields.offset)
                .map_err(|problem| corrupt(&problem))?,
        })
    }

    /// Replaces the folder's state file with this state.
    pub fn write(&mut self, folder: &LedgerFolder) -> Result<(), EmbeddedError> {
        let path = folder.files.path_of(STATE);
        let encode =
            |problem: String| EmbeddedError::io("encode", &path)(io::Error::other(problem));
        let (svm, accounts) = self.machine.encode().map_err(encode)?;
        let revision = self.revision.saturating_add(1);
        let mut header = borsh::to_vec(&Fields {
            magic: MAGIC,
            format: FORMAT,
            revision,
            transactions: self.transactions,
            journal_len: self.journal_len,
            offset: self.machine.reading().offset,
            svm_len: u64::try_from(svm.len()).map_err(|error| encode(error.to_string()))?,
        })
        .map_err(|error| encode(error.to_string()))?;
        header.extend_from_slice(hashv(&[&header, &svm, &accounts]).as_ref());
        let stamp =
            Stamp::try_from(header.as_slice()).map_err(|error| encode(error.to_string()))?;
        folder.files.write(STATE, &[&stamp, &svm, &accounts])?;
        self.stamp = stamp;
        self.revision = revision;
        Ok(())
    }
}

fn open(folder: &LedgerFolder) -> Result<File, EmbeddedError> {
    let file = folder.files.open(STATE)?;
    file.ok_or_else(|| EmbeddedError::Removed(folder.path().to_owned()))
}

fn too_short(path: &Path) -> EmbeddedError {
    EmbeddedError::corrupt(path, "it is shorter than its header")
}

#[cfg(test)]
mod tests {
    use {super::*, crate::embedded::clock::Reading};

    #[test]
    fn the_header_has_the_length_that_is_read() {
        let fields = Fields {
            magic: MAGIC,
            format: FORMAT,
            revision: 1,
            transactions: 2,
            journal_len: 3,
            offset: 4,
            svm_len: 5,
        };
        let bytes = borsh::to_vec(&fields).unwrap();
        assert_eq!(bytes.len(), FIELDS_LEN);
        assert_eq!(bytes[8..12], FORMAT.to_le_bytes());
    }

    #[test]
    fn the_format_that_has_all_accounts_in_the_svm_is_still_read() {
        let machine = Machine::genesis(Reading { offset: 4, time: 9 });
        let (svm, _) = machine.encode().unwrap();
        let state = |behind: &[u8]| {
            let fields = Fields {
                magic: MAGIC,
                format: 1,
                revision: 7,
                transactions: 2,
                journal_len: 3,
                offset: 4,
                svm_len: svm.len() as u64,
            };
            let header = borsh::to_vec(&fields).unwrap();
            let checksum = hashv(&[&header, &svm, behind]);
            let bytes = [&header, checksum.as_ref(), &svm, behind].concat();
            Snapshot::decode(Path::new("state"), &bytes)
        };
        let read = state(&[]).unwrap();
        assert_eq!((read.revision, read.machine.reading().time), (7, 9));
        assert!(matches!(state(&[0]), Err(EmbeddedError::Corrupt { .. })));
    }
}
