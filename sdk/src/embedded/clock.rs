//! The ledger's clock: the host's clock plus an offset, and never before a time that was given out.
//!
//! ```text
//! magic 8 | offset i64 | time i64 | first 8 bytes of the SHA-256 of these
//! ```
//! The file holds the last time that was given out, to whomever, and the offset at which it was. Where the host's
//! clock went back, the offset is raised so that the ledger's goes on from there at the host's pace. Forward it
//! follows: a machine that was asleep for a week wakes up a week later. A host's clock that was off for one command,
//! ahead or behind, thus leaves the ledger ahead: which of its readings was right cannot be known. Nothing but the host's time of day is
//! consulted, so neither a reboot nor a copy of the folder matters.
//!
//! The file is written in place under its own lock and not synced: what a power cut takes is what was only read since
//! the last transaction, whose time is in the state.

use {
    super::{
        folder::{LedgerFolder, CLOCK},
        journal::{checksum, CHECKSUM_LEN},
        EmbeddedError,
    },
    borsh::{BorshDeserialize, BorshSerialize},
    ebb_folder::FileError,
    std::{
        fmt,
        fs::File,
        io::{self, ErrorKind, Read, Seek, SeekFrom, Write},
        time::{Duration, SystemTime, UNIX_EPOCH},
    },
};

const MAGIC: [u8; 8] = *b"EBBCLOCK";
const FILE_LEN: usize = 32;

/// Where the host's time of day comes from.
pub trait HostClock: fmt::Debug + Send + Sync {
    /// The time of day, which may go anywhere.
    fn now(&self) -> SystemTime;
}

/// The operating system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl HostClock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// A time of the ledger's clock, in Unix seconds, and how far it was ahead of the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) struct Reading {
    pub offset: i64,
    pub time: i64,
}

impl Reading {
    /// The first reading of a ledger's clock.
    pub fn first(host: &dyn HostClock) -> Self {
        Self {
            offset: 0,
            time: seconds(host),
        }
    }

    /// The reading after this one when the host's clock says `host`.
    fn next(self, host: i64) -> Self {
        let time = host.saturating_add(self.offset);
        if time >= self.time {
            return Self { time, ..self };
        }
        // How long ago the host's clock went back is unknown, and some time has passed.
        let time = self.time.saturating_add(1);
        Self {
            offset: time.saturating_sub(host),
            time,
        }
    }

    /// The reading that is this much later at the same moment.
    pub fn advanced(self, seconds: i64) -> Self {
        Self {
            offset: self.offset.saturating_add(seconds),
            time: self.time.saturating_add(seconds),
        }
    }

    /// What is known from two places: neither time nor offset ever falls.
    fn max(self, other: Self) -> Self {
        Self {
            offset: self.offset.max(other.offset),
            time: self.time.max(other.time),
        }
    }

    fn encode(self) -> io::Result<Vec<u8>> {
        let mut bytes = borsh::to_vec(&(MAGIC, self))?;
        bytes.extend_from_slice(&checksum(&bytes));
        Ok(bytes)
    }

    /// `None` if a power cut left something else.
    fn decode(bytes: &[u8]) -> Option<Self> {
        let (body, sum) = bytes.split_last_chunk::<CHECKSUM_LEN>()?;
        let (magic, reading) = <([u8; 8], Self)>::try_from_slice(body).ok()?;
        (magic == MAGIC && *sum == checksum(body)).then_some(reading)
    }
}

/// Reads the ledger's clock, whose state has the reading `state`. Later readings, by any process, are not before it.
///
/// # Errors
/// The file is not safe to use, cannot be read, or another process keeps it for longer than `timeout`.
pub(super) fn read(
    folder: &LedgerFolder,
    host: &dyn HostClock,
    state: Reading,
    timeout: Duration,
) -> Result<Reading, EmbeddedError> {
    let path = folder.files.path_of(CLOCK);
    let mut lock = match folder.files.lock(CLOCK, timeout) {
        Ok(Some(lock)) => lock,
        Ok(None) => {
            return Err(EmbeddedError::Locked {
                path: folder.path().to_owned(),
                waited: timeout,
            })
        }
        Err(error) if is_read_only(&error) => return peek(folder, host, state),
        Err(error) => return Err(error.into()),
    };
    let file = lock.file();
    let known = last(file).map_err(EmbeddedError::io("read", &path))?;
    // Only now, as another process may have read it while this one waited.
    let reading = known
        .map_or(state, |known| known.max(state))
        .next(seconds(host));
    if known != Some(reading) {
        replace(file, reading).map_err(EmbeddedError::io("write", &path))?;
    }
    Ok(reading)
}

/// The clock in a folder that can only be read.
fn peek(
    folder: &LedgerFolder,
    host: &dyn HostClock,
    state: Reading,
) -> Result<Reading, EmbeddedError> {
    let path = folder.files.path_of(CLOCK);
    let known = match folder.files.open(CLOCK)? {
        Some(mut file) => last(&mut file).map_err(EmbeddedError::io("read", &path))?,
        None => None,
    };
    Ok(known
        .map_or(state, |known| known.max(state))
        .next(seconds(host)))
}

fn is_read_only(error: &FileError) -> bool {
    matches!(
        error,
        FileError::Io { source, .. }
            if matches!(source.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
    )
}

fn last(file: &mut File) -> io::Result<Option<Reading>> {
    let mut bytes = Vec::with_capacity(FILE_LEN);
    file.read_to_end(&mut bytes)?;
    Ok(Reading::decode(&bytes))
}

fn replace(file: &mut File, reading: Reading) -> io::Result<()> {
    let bytes = reading.encode()?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&bytes)?;
    file.set_len(bytes.len().try_into().map_err(io::Error::other)?)
}

/// The host's clock in Unix seconds, 0 before 1970.
fn seconds(host: &dyn HostClock) -> i64 {
    host.now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|elapsed| i64::try_from(elapsed.as_secs()).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(offset: i64, time: i64) -> Reading {
        Reading { offset, time }
    }

    #[test]
    fn forward_the_hosts_clock_is_followed_and_back_it_is_not() {
        let start = reading(0, 1_000);
        assert_eq!(start.next(1_000), start);
        assert_eq!(start.next(605_800), reading(0, 605_800));
        let back = reading(0, 605_800).next(1_010);
        assert_eq!(back, reading(604_791, 605_801));
        assert_eq!(back.next(1_010), back);
        assert_eq!(back.next(1_017), reading(604_791, 605_808));
        assert_eq!(back.next(0), reading(605_802, 605_802));
    }

    #[test]
    fn the_ends_of_time_are_no_trap() {
        let end = reading(0, 1_000).advanced(i64::MAX);
        assert_eq!(end, reading(i64::MAX, i64::MAX));
        assert_eq!(end.next(2_000).time, i64::MAX);
        assert_eq!(
            reading(0, i64::MAX).next(5),
            reading(i64::MAX - 5, i64::MAX)
        );
    }

    #[test]
    fn a_file_that_is_damaged_counts_as_none() {
        let good = reading(7, 1_000).encode().unwrap();
        assert_eq!(good.len(), FILE_LEN);
        assert_eq!(Reading::decode(&good), Some(reading(7, 1_000)));
        for place in 0..FILE_LEN {
            let mut bad = good.clone();
            bad[place] ^= 0x55;
            assert_eq!(Reading::decode(&bad), None);
        }
        for bad in [&[][..], &good[..31], &[0; 32]] {
            assert_eq!(Reading::decode(bad), None);
        }
    }
}
