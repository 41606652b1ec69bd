//! The store over SQLite files and over a real PostgreSQL.

mod contract;
mod files;
pub mod frozen;
pub mod postgres;
mod processes;
pub mod tape;

use {
    super::{readers::READERS, Appended, Identity, Intake, Location, Store, Walked, Writer},
    ebb_sdk::{
        history::{Cursor, Record},
        ledger::Finality,
    },
    solana_sdk::{hash::Hash, pubkey::Pubkey},
};

pub const IDENTITY: Identity = Identity {
    genesis: Hash::new_from_array([1; 32]),
    program: Pubkey::new_from_array([2; 32]),
};

/// Makes of a store's tables what the first version made.
pub const BACK_TO_FIRST_FORMAT: &str =
    "DROP INDEX event_time; DELETE FROM _sqlx_migrations WHERE version > 1;";

/// Where the stores of a test are.
pub trait Home: Sync {
    /// A place for a store of this name.
    fn location(&self, name: &str) -> Location;
}

impl Home for tempfile::TempDir {
    fn location(&self, name: &str) -> Location {
        Location::File(self.path().join(format!("{name}.sqlite")))
    }
}

pub async fn open(home: &dyn Home, name: &str) -> (Store, Writer) {
    let store = Store::open(&home.location(name), IDENTITY).await.unwrap();
    let writer = store.try_writer().await.unwrap().unwrap();
    (store, writer)
}

/// All connections that read: while they are held, nobody else does.
pub async fn readers(store: &Store) -> Vec<impl Sized + use<'_>> {
    let mut readers = vec![];
    for _ in 0..READERS {
        readers.push(store.readers.get().await.unwrap());
    }
    readers
}

pub fn cursor(slot: u64) -> Cursor {
    Cursor {
        slot,
        anchors: vec![[slot as u8; 64].into()],
    }
}

/// Appends records as a walk that goes on where the one before ended.
pub async fn append(
    writer: &mut Writer,
    finality: Finality,
    slot: u64,
    records: &[Record],
) -> Appended {
    writer
        .append(walked(finality, &cursor(slot), records))
        .await
        .unwrap()
}

pub fn walked<'a>(finality: Finality, cursor: &'a Cursor, records: &'a [Record]) -> Intake<'a> {
    Intake {
        records,
        dead_letters: &[],
        walked: Some(Walked {
            finality,
            cursor,
            is_continuous: true,
        }),
    }
}
