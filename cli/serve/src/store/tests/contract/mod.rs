//! What a store promises, whichever database it is.

use {
    super::{
        append, cursor, open,
        postgres::Databases,
        tape::{self, created, device, drained, is_final, life, record, signature, CONTRIBUTOR},
        walked, Home, IDENTITY,
    },
    crate::store::{
        Appended, DeadLetter, Entry, Fate, Identity, Intake, Place, Range, RegistrationKey,
        Selection, Store, StoreError, Subject,
    },
    ebb_postgresql::Server,
    ebb_sdk::{
        event::EventKind,
        history::{Record, Tip},
        ledger::Finality::{Confirmed, Final},
    },
    futures_util::future::LocalBoxFuture,
    solana_sdk::{hash::Hash, pubkey::Pubkey},
};

mod append;
mod read;
mod transfer;

use {append::*, read::*, transfer::*};

type Test = for<'a> fn(&'a dyn Home) -> LocalBoxFuture<'a, ()>;

/// Makes a test of each function over SQLite, and a list of them all.
macro_rules! contract {
    ($($name:ident),* $(,)?) => {
        const ALL: &[(&str, Test)] = &[$((stringify!($name), |home| Box::pin($name(home)))),*];

        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name(&tempfile::tempdir().unwrap()).await;
            })*
        }
    };
}

contract!(
    what_is_appended_is_read_back_exactly,
    the_same_again_changes_nothing,
    what_the_final_walk_does_not_find_is_retracted,
    a_transaction_that_lands_again_replaces_the_first,
    a_walk_that_began_again_retracts_nothing,
    a_fate_is_noted_once,
    an_append_is_all_or_nothing,
    pages_put_together_are_the_whole,
    a_selection_is_by_code_address_time_and_slot,
    registrations_and_their_gaps,
    a_first_event_that_comes_late_names_its_registration,
    the_ledger_names_a_registration_whose_first_event_is_lost,
    lost_ranges_and_dead_letters_are_kept,
    one_writes_at_a_time,
    a_store_of_another_ledger_or_program_is_refused,
    readers_see_every_position_once,
    an_export_is_imported_and_exported_again_byte_by_byte,
    an_import_brings_only_what_is_new,
    lines_that_are_wrong_are_refused,
);

#[test]
fn the_whole_contract_over_postgresql() {
    let Some(server) = Server::start() else {
        return;
    };
    for (name, test) in ALL {
        println!("{name}");
        let database = Databases::new(&server, name);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(test(&database));
    }
}

async fn all(store: &Store) -> Vec<Entry> {
    store
        .appended(&Selection::default(), 0, 10_000)
        .await
        .unwrap()
}

async fn history(store: &Store) -> Vec<Record> {
    let entries = store.history(&Selection::default(), None, 10_000).await;
    entries
        .unwrap()
        .into_iter()
        .map(|entry| entry.record)
        .collect()
}

fn key(generation: u64) -> Option<RegistrationKey> {
    Some(RegistrationKey {
        contributor: CONTRIBUTOR,
        generation,
    })
}
