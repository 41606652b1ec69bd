//! The journal: every accepted transaction, in order, appended and never rewritten.
//!
//! ```text
//! magic 8
//! length u32 | first 8 bytes of the entry's SHA-256 | the entry in Borsh, `length` bytes
//! …
//! ```
//! The state file says how much of it counts, so an entry and the state it led to become true
//! together, when the state file is replaced.

use {
    super::{
        folder::{LedgerFolder, JOURNAL},
        EmbeddedError,
    },
    crate::ledger::Receipt,
    borsh::{BorshDeserialize, BorshSerialize},
    solana_message::VersionedMessage,
    solana_program::hash::hash,
    solana_sdk::signature::{Signature, SIGNATURE_BYTES},
    std::{
        fs::File,
        io::{self, Read, Seek, SeekFrom, Write},
        path::Path,
    },
};

const MAGIC: [u8; 8] = *b"EBBJRNL\x01";
pub(super) const CHECKSUM_LEN: usize = 8;
/// The length of a journal without entries.
pub(super) const EMPTY_LEN: u64 = MAGIC.len() as u64;

/// A transaction that an embedded ledger accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// The slot it landed in.
    pub slot: u64,
    /// The Clock's time then, in Unix seconds.
    pub time: i64,
    /// Its first signature.
    pub signature: Signature,
    /// Its message: the accounts and the instructions.
    pub message: VersionedMessage,
    /// Its log lines.
    pub logs: Vec<String>,
    /// Compute units it consumed.
    pub compute_units: u64,
    /// Its fee in lamports.
    pub fee: u64,
}

impl From<JournalEntry> for Receipt {
    fn from(entry: JournalEntry) -> Self {
        Self {
            signature: entry.signature,
            slot: entry.slot,
            compute_units: Some(entry.compute_units),
            fee: Some(entry.fee),
            logs: entry.logs,
        }
    }
}

/// An entry as it is written; the message is in the wire format of transactions.
#[derive(BorshSerialize, BorshDeserialize)]
struct JournalRecord {
    slot: u64,
    time: i64,
    signature: [u8; SIGNATURE_BYTES],
    message: Vec<u8>,
    logs: Vec<String>,
    compute_units: u64,
    fee: u64,
}

/// Makes an empty journal.
pub(super) fn create(folder: &LedgerFolder) -> Result<(), EmbeddedError> {
    Ok(folder.files.write(JOURNAL, &[&MAGIC])?)
}

/// Appends entries behind the first `len` bytes and returns the journal's new length. What stood
/// there was never completed and is cut off.
pub(super) fn append(
    folder: &LedgerFolder,
    len: u64,
    entries: &[JournalEntry],
) -> Result<u64, EmbeddedError> {
    let path = folder.files.path_of(JOURNAL);
    let frames = entries.iter().map(frame).collect::<io::Result<Vec<_>>>();
    let frames = frames.map_err(EmbeddedError::io("encode", &path))?.concat();
    let mut file = folder
        .files
        .open_to_write(JOURNAL)?
        .ok_or_else(|| missing(&path))?;
    let present = file
        .metadata()
        .map_err(EmbeddedError::io("read", &path))?
        .len();
    if present < len {
        return Err(cut_short(&path));
    }
    write_at(&mut file, len, &frames).map_err(EmbeddedError::io("write", &path))
}

/// Cuts the file to `len` bytes, appends `frames`, and returns the new length.
fn write_at(file: &mut File, len: u64, frames: &[u8]) -> io::Result<u64> {
    file.set_len(len)?;
    file.seek(SeekFrom::Start(len))?;
    file.write_all(frames)?;
    file.sync_data()?;
    file.stream_position()
}

/// The entries in the first `len` bytes, oldest first.
pub(super) fn read(folder: &LedgerFolder, len: u64) -> Result<Vec<JournalEntry>, EmbeddedError> {
    let entries = read_from(folder, EMPTY_LEN, len)?.into_iter();
    Ok(entries.map(|(entry, _)| entry).collect())
}

/// The entries from the byte `start`, where one begins or the journal ends, up to `len` bytes, each with the byte at
/// which it begins.
pub(super) fn read_from(
    folder: &LedgerFolder,
    start: u64,
    len: u64,
) -> Result<Vec<(JournalEntry, u64)>, EmbeddedError> {
    let path = folder.files.path_of(JOURNAL);
    let io = EmbeddedError::io;
    let mut file = folder.files.open(JOURNAL)?.ok_or_else(|| missing(&path))?;
    let mut magic = [0; MAGIC.len()];
    file.read_exact(&mut magic).map_err(io("read", &path))?;
    if magic != MAGIC {
        let problem = "it does not begin like a journal";
        return Err(EmbeddedError::corrupt(&path, problem));
    }
    file.seek(SeekFrom::Start(start))
        .map_err(io("read", &path))?;
    let mut bytes = Vec::new();
    file.take(len.saturating_sub(start))
        .read_to_end(&mut bytes)
        .map_err(io("read", &path))?;
    if start.checked_add(len_of(&bytes)) != Some(len) {
        return Err(cut_short(&path));
    }
    let mut rest = bytes.as_slice();
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let begin = len.saturating_sub(len_of(rest));
        let entry = next(&mut rest).ok_or_else(|| {
            EmbeddedError::corrupt(
                &path,
                format!("the entry at byte {begin} does not match its checksum"),
            )
        })?;
        entries.push((entry, begin));
    }
    Ok(entries)
}

fn len_of(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// The journal's length, 0 if there is none.
pub(super) fn len(folder: &LedgerFolder) -> Result<u64, EmbeddedError> {
    let path = folder.files.path_of(JOURNAL);
    let Some(file) = folder.files.open(JOURNAL)? else {
        return Ok(0);
    };
    let metadata = file.metadata().map_err(EmbeddedError::io("read", &path))?;
    Ok(metadata.len())
}

fn frame(entry: &JournalEntry) -> io::Result<Vec<u8>> {
    let body = borsh::to_vec(&JournalRecord {
        slot: entry.slot,
        time: entry.time,
        signature: entry.signature.into(),
        message: entry.message.serialize(),
        logs: entry.logs.clone(),
        compute_units: entry.compute_units,
        fee: entry.fee,
    })?;
    let len = u32::try_from(body.len()).map_err(io::Error::other)?;
    Ok([&len.to_le_bytes()[..], &checksum(&body), &body].concat())
}

/// Takes the next entry off `rest`; `None` if it is damaged.
fn next(rest: &mut &[u8]) -> Option<JournalEntry> {
    let (len, tail) = rest.split_first_chunk()?;
    let (sum, tail) = tail.split_first_chunk::<CHECKSUM_LEN>()?;
    let (body, tail) = tail.split_at_checked(usize::try_from(u32::from_le_bytes(*len)).ok()?)?;
    if *sum != checksum(body) {
        return None;
    }
    let record = JournalRecord::try_from_slice(body).ok()?;
    *rest = tail;
    Some(JournalEntry {
        slot: record.slot,
        time: record.time,
        signature: record.signature.into(),
        message: wincode::deserialize(&record.message).ok()?,
        logs: record.logs,
        compute_units: record.compute_units,
        fee: record.fee,
    })
}

pub(super) fn checksum(body: &[u8]) -> [u8; CHECKSUM_LEN] {
    let mut sum = [0; CHECKSUM_LEN];
    sum.copy_from_slice(&hash(body).as_ref()[..CHECKSUM_LEN]);
    sum
}

fn missing(path: &Path) -> EmbeddedError {
    EmbeddedError::corrupt(path, "it is missing")
}

fn cut_short(path: &Path) -> EmbeddedError {
    EmbeddedError::corrupt(
        path,
        "it ends before the last transaction of the ledger's state",
    )
}
