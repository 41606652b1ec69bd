//! What a store promises, whichever database it is.

use {
    super::{
        append, cursor, open,
        postgres::Server,
        tape::{self, created, device, drained, is_final, life, record, signature, CONTRIBUTOR},
        walked, Home, IDENTITY,
    },
    crate::store::{
        Appended, DeadLetter, Entry, Fate, Identity, Intake, Place, Range, RegistrationKey,
        Selection, Store, StoreError, Subject,
    },
    ebb_sdk::{
        event::EventKind,
        history::{Head, Record},
        ledger::Finality::{Confirmed, Final},
    },
    futures_util::future::LocalBoxFuture,
    solana_sdk::{hash::Hash, pubkey::Pubkey},
};

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
        let database = server.database(name);
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

async fn what_is_appended_is_read_back_exactly(home: &dyn Home) {
    let (store, mut writer) = open(home, "a").await;
    let mut records = vec![created(device(10), 7, 100), drained(device(10), 2, 101)];
    // Two events of one transaction; no index; no code; a subject that is no device.
    records.push(Record {
        signature: signature(101),
        place: 1,
        ..record(device(10), EventKind::HealthReported, 3, 101)
    });
    records.push(Record {
        index: None,
        code: None,
        is_final: true,
        ..record(device(11), EventKind::BudgetSet, 8, 102)
    });
    let appended = append(&mut writer, Confirmed, 102, &records).await;
    let expected = Appended {
        events: 4,
        promoted: 0,
        retracted: 0,
    };
    assert_eq!(appended, expected);

    let entries = all(&store).await;
    let read: Vec<_> = entries.iter().map(|entry| entry.record.clone()).collect();
    assert_eq!(read, records);
    assert_eq!(history(&store).await, records);
    let positions: Vec<_> = entries.iter().map(|entry| entry.position).collect();
    assert_eq!(positions, [1, 2, 3, 4]);
    let keys: Vec<_> = entries.iter().map(|entry| entry.registration).collect();
    assert_eq!(keys, [key(7), key(7), key(7), None]);
    assert_eq!(store.position().await.unwrap(), 4);
    assert_eq!(store.cursor(Confirmed).await.unwrap(), Some(cursor(102)));
    assert_eq!(store.cursor(Final).await.unwrap(), None);
    let codes = store.codes().await.unwrap();
    assert_eq!(codes, [(device(10), "dz10".to_owned())]);
}

async fn the_same_again_changes_nothing(home: &dyn Home) {
    let (store, mut writer) = open(home, "a").await;
    let records = life(device(10), 1, 100, 30);
    append(&mut writer, Confirmed, 129, &records).await;
    let before = all(&store).await;
    for part in [&records[..], &records[5..9], &records[29..]] {
        let again = append(&mut writer, Confirmed, 129, part).await;
        assert_eq!(again, Appended::default());
    }
    assert_eq!(all(&store).await, before);
}

async fn what_the_final_walk_does_not_find_is_retracted(home: &dyn Home) {
    let (store, mut writer) = open(home, "a").await;
    let records = life(device(10), 1, 100, 4);
    append(&mut writer, Confirmed, 103, &records).await;
    // The one in slot 101 is on a fork; the one in 103 is not final yet.
    let finals = is_final(vec![records[0].clone(), records[2].clone()]);
    let appended = append(&mut writer, Final, 102, &finals).await;
    let expected = Appended {
        events: 0,
        promoted: 2,
        retracted: 1,
    };
    assert_eq!(appended, expected);

    let entries = all(&store).await;
    let shown: Vec<_> = entries
        .iter()
        .map(|entry| (entry.position, entry.retracts, entry.is_retracted))
        .collect();
    let expected = [
        (1, None, false),
        (2, None, true),
        (3, None, false),
        (4, None, false),
        (5, Some(2), true),
    ];
    assert_eq!(shown, expected);
    assert_eq!(entries[4].record, records[1]);
    let left = [finals[0].clone(), finals[1].clone(), records[3].clone()];
    assert_eq!(history(&store).await, left);
    assert_eq!(
        append(&mut writer, Final, 102, &finals).await,
        Appended::default()
    );
}

async fn a_transaction_that_lands_again_replaces_the_first(home: &dyn Home) {
    let (store, mut writer) = open(home, "a").await;
    let first = record(device(10), EventKind::HealthReported, 5, 100);
    append(&mut writer, Confirmed, 100, std::slice::from_ref(&first)).await;
    let again = Record {
        signature: first.signature,
        ..record(device(10), EventKind::HealthReported, 5, 107)
    };
    let appended = append(&mut writer, Confirmed, 107, std::slice::from_ref(&again)).await;
    let expected = Appended {
        events: 1,
        promoted: 0,
        retracted: 1,
    };
    assert_eq!(appended, expected);
    assert_eq!(history(&store).await, std::slice::from_ref(&again));
    // What is final stays, whatever a node that lies behind says.
    let finals = is_final(vec![again]);
    append(&mut writer, Final, 107, &finals).await;
    let stale = append(&mut writer, Confirmed, 107, &[first]).await;
    assert_eq!(stale, Appended::default());
    assert_eq!(history(&store).await, finals);
}

async fn a_walk_that_began_again_retracts_nothing(home: &dyn Home) {
    let (store, mut writer) = open(home, "a").await;
    let records = life(device(10), 1, 100, 3);
    append(&mut writer, Confirmed, 102, &records).await;
    let at = cursor(102);
    let mut intake = walked(Final, &at, &[]);
    intake.walked.as_mut().unwrap().is_continuous = false;
    assert_eq!(writer.append(intake).await.unwrap(), Appended::default());
    assert_eq!(history(&store).await, records);
}

async fn a_fate_is_noted_once(home: &dyn Home) {
    let (store, mut writer) = open(home, "a").await;
    let records = life(device(10), 1, 100, 3);
    append(&mut writer, Confirmed, 102, &records).await;
    let unresolved = store.unresolved(101..=200).await.unwrap();
    assert_eq!(unresolved, [signature(101), signature(102)]);
    let fates = [
        (signature(101), Fate::Final),
        (signature(102), Fate::Dropped),
    ];
    assert_eq!(writer.resolve(&fates).await.unwrap(), 1);
    assert_eq!(writer.resolve(&fates).await.unwrap(), 0);
    assert_eq!(store.unresolved(0..=200).await.unwrap(), [signature(100)]);
    let is_final: Vec<_> = history(&store).await.iter().map(|it| it.is_final).collect();
    assert_eq!(is_final, [false, true]);
}

async fn an_append_is_all_or_nothing(home: &dyn Home) {
    let (store, mut writer) = open(home, "a").await;
    let mut records = life(device(10), 1, 100, 3);
    records.push(record(device(10), EventKind::HealthReported, u64::MAX, 103));
    let error = writer
        .append(walked(Confirmed, &cursor(103), &records))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the sequence 18446744073709551615 is beyond what the history store takes, which is 9223372036854775807"
    );
    assert!(!error.is_outage());
    assert_eq!(all(&store).await, []);
    assert_eq!(store.cursor(Confirmed).await.unwrap(), None);
    // The same connection goes on.
    records.pop();
    assert_eq!(
        append(&mut writer, Confirmed, 102, &records).await.events,
        3
    );
}

async fn pages_put_together_are_the_whole(home: &dyn Home) {
    let (store, mut writer) = open(home, "a").await;
    // Late rows stand before early ones in the ledger's order.
    for first in [200, 100, 150] {
        let records = life(device(first as u8), 1, first, 25);
        append(&mut writer, Confirmed, first + 25, &records).await;
    }
    let whole = store
        .history(&Selection::default(), None, 1_000)
        .await
        .unwrap();
    assert!(whole.is_sorted_by_key(|entry| entry.place));
    assert_eq!(whole.len(), 75);
    for size in [1, 7, 75, 100] {
        let (mut pages, mut after): (Vec<Entry>, Option<Place>) = (vec![], None);
        loop {
            let page = store
                .history(&Selection::default(), after, size)
                .await
                .unwrap();
            let Some(last) = page.last() else { break };
            // A place outlives its text.
            after = Some(last.place.to_string().parse().unwrap());
            pages.extend(page);
        }
        assert_eq!(pages, whole);
    }
    assert!("1.2.3".parse::<Place>().is_err());
}

async fn a_selection_is_by_code_address_time_and_slot(home: &dyn Home) {
    let (store, mut writer) = open(home, "a").await;
    let mut records = life(device(10), 1, 100, 10);
    records
        .iter_mut()
        .skip(1)
        .for_each(|record| record.code = None);
    records.extend(life(device(11), 2, 110, 10));
    append(&mut writer, Confirmed, 119, &records).await;
    let by = |subject| Selection {
        subject: Some(subject),
        since: None,
    };
    let slots = async |selection: Selection, after: Option<Place>| {
        let entries = store.history(&selection, after, 100).await.unwrap();
        let slots: Vec<_> = entries
            .iter()
            .map(|entry| entry.record.event.slot)
            .collect();
        slots
    };
    let ten: Vec<u64> = (100..110).collect();
    assert_eq!(slots(by(Subject::Code("dz10".to_owned())), None).await, ten);
    assert_eq!(slots(by(Subject::Address(device(10))), None).await, ten);
    assert_eq!(
        slots(by(Subject::Code("absent".to_owned())), None).await,
        Vec::<u64>::new()
    );
    let since = Selection {
        since: Some(1_700_000_117),
        ..Selection::default()
    };
    assert_eq!(slots(since, None).await, [117, 118, 119]);
    let after = Place::after_slot(107).unwrap();
    let after = slots(by(Subject::Address(device(10))), Some(after)).await;
    assert_eq!(after, [108, 109]);
    assert!(Place::after_slot(u64::MAX).is_err());
}

async fn registrations_and_their_gaps(home: &dyn Home) {
    let (store, mut writer) = open(home, "a").await;
    let mut records = life(device(10), 1, 100, 6);
    records.push(record(device(10), EventKind::DeviceRemoved, 7, 106));
    records.extend(life(device(10), 2, 107, 4));
    records.push(record(device(20), EventKind::BudgetSet, 3, 120));
    let lost: Vec<_> = [1, 2, 4, 9].map(|at| records[at].clone()).to_vec();
    let kept: Vec<_> = records
        .iter()
        .filter(|record| !lost.contains(record))
        .cloned()
        .collect();
    append(&mut writer, Confirmed, 120, &kept).await;
    let gap = |registration, first, last| Range {
        address: device(10),
        registration,
        first,
        last,
    };
    let of_location = Range {
        address: device(20),
        ..gap(None, 1, 2)
    };
    let expected = [
        gap(key(1), 2, 3),
        gap(key(1), 5, 5),
        gap(key(2), 3, 3),
        of_location,
    ];
    assert_eq!(store.gaps().await.unwrap(), expected);
    let head = |subject, registration: Option<RegistrationKey>, sequence| Head {
        subject,
        sequence,
        registration: registration.map(RegistrationKey::into),
    };
    let heads = [
        head(device(10), key(1), 7),
        head(device(10), key(2), 4),
        head(device(20), None, 3),
    ];
    assert_eq!(store.heads().await.unwrap(), heads);

    let filled = Intake {
        records: &lost,
        dead_letters: &[],
        walked: None,
    };
    assert_eq!(writer.append(filled).await.unwrap().events, 4);
    assert_eq!(store.gaps().await.unwrap(), [of_location]);
    assert_eq!(history(&store).await, records);
}

async fn a_first_event_that_comes_late_names_its_registration(home: &dyn Home) {
    let (store, mut writer) = open(home, "a").await;
    let mut records = life(device(10), 5, 100, 4);
    records.push(record(device(10), EventKind::DeviceRemoved, 5, 104));
    records.extend(life(device(10), 6, 105, 2));
    append(&mut writer, Confirmed, 106, &records[1..]).await;
    let keys = async || -> Vec<_> {
        let entries = store
            .history(&Selection::default(), None, 100)
            .await
            .unwrap();
        entries.iter().map(|entry| entry.registration).collect()
    };
    assert_eq!(keys().await, [None, None, None, None, key(6), key(6)]);
    let filled = Intake {
        records: &records[..1],
        dead_letters: &[],
        walked: None,
    };
    writer.append(filled).await.unwrap();
    let (five, six) = (key(5), key(6));
    assert_eq!(keys().await, [five, five, five, five, five, six, six]);
    assert_eq!(store.gaps().await.unwrap(), []);
}

async fn the_ledger_names_a_registration_whose_first_event_is_lost(home: &dyn Home) {
    let (store, mut writer) = open(home, "a").await;
    let mut records = life(device(10), 5, 100, 2);
    records.push(record(device(10), EventKind::DeviceRemoved, 3, 102));
    // Of the second registration the first event is lost: the one before it does not name these.
    records.extend(life(device(10), 6, 103, 3).split_off(1));
    append(&mut writer, Confirmed, 105, &records).await;
    writer.adopt(&device(10), key(6).unwrap()).await.unwrap();
    let entries = all(&store).await;
    let keys: Vec<_> = entries.iter().map(|entry| entry.registration).collect();
    assert_eq!(keys, [key(5), key(5), key(5), key(6), key(6)]);
    let gap = Range {
        address: device(10),
        registration: key(6),
        first: 1,
        last: 1,
    };
    assert_eq!(store.gaps().await.unwrap(), [gap]);
}

async fn lost_ranges_and_dead_letters_are_kept(home: &dyn Home) {
    let (store, mut writer) = open(home, "a").await;
    let range = Range {
        address: device(10),
        registration: key(3),
        first: 4,
        last: 9,
    };
    writer.set_lost_ranges(&[range]).await.unwrap();
    assert_eq!(store.lost_ranges().await.unwrap(), [range]);
    writer.set_lost_ranges(&[]).await.unwrap();
    assert_eq!(store.lost_ranges().await.unwrap(), []);

    let letter = DeadLetter {
        signature: signature(1),
        slot: 1,
        reason: "the node no longer has it".to_owned(),
    };
    let at = cursor(1);
    let intake = Intake {
        dead_letters: &[letter.clone(), letter.clone()],
        ..walked(Confirmed, &at, &[])
    };
    writer.append(intake).await.unwrap();
    writer.append(intake).await.unwrap();
    assert_eq!(store.dead_letters().await.unwrap(), [letter]);
    // What could not be read is read after all.
    let found = [record(device(10), EventKind::HealthReported, 5, 1)];
    append(&mut writer, Confirmed, 1, &found).await;
    assert_eq!(store.dead_letters().await.unwrap(), []);
}

async fn one_writes_at_a_time(home: &dyn Home) {
    let (store, writer) = open(home, "a").await;
    let other = Store::open(&home.location("a"), IDENTITY).await.unwrap();
    assert!(other.try_writer().await.unwrap().is_none());
    assert!(store.try_writer().await.unwrap().is_none());
    writer.close().await;
    let mut writer = other.try_writer().await.unwrap().unwrap();
    append(&mut writer, Confirmed, 100, &[created(device(10), 1, 100)]).await;
    assert_eq!(all(&store).await.len(), 1);
}

async fn a_store_of_another_ledger_or_program_is_refused(home: &dyn Home) {
    let location = home.location("a");
    Store::open(&location, IDENTITY).await.unwrap();
    let genesis = Identity {
        genesis: Hash::new_from_array([5; 32]),
        ..IDENTITY
    };
    let error = Store::open(&location, genesis).await.unwrap_err();
    let expected = format!(
        "the history store is of the ledger with genesis {}, and this ledger has genesis {}; name another store",
        IDENTITY.genesis, genesis.genesis
    );
    assert_eq!(error.to_string(), expected);
    let program = Identity {
        program: Pubkey::new_from_array([6; 32]),
        ..IDENTITY
    };
    let error = Store::open(&location, program).await.unwrap_err();
    assert!(matches!(error, StoreError::OtherProgram { .. }), "{error}");
    Store::open(&location, IDENTITY).await.unwrap();
}

async fn readers_see_every_position_once(home: &dyn Home) {
    const EVENTS: u64 = 300;
    let (store, mut writer) = open(home, "a").await;
    let reader = Store::open(&home.location("a"), IDENTITY).await.unwrap();
    let write = async {
        let records = life(device(10), 1, 100, EVENTS);
        for records in records.chunks(7) {
            let slot = records.last().unwrap().event.slot;
            append(&mut writer, Confirmed, slot, records).await;
        }
    };
    let read = async {
        let mut seen: Vec<i64> = vec![];
        while seen.len() < EVENTS as usize {
            let after = seen.last().copied().unwrap_or(0);
            let entries = reader
                .appended(&Selection::default(), after, 50)
                .await
                .unwrap();
            seen.extend(entries.iter().map(|entry| entry.position));
            tokio::task::yield_now().await;
        }
        seen
    };
    let ((), seen) = futures_util::join!(write, read);
    assert_eq!(seen, (1..=EVENTS as i64).collect::<Vec<_>>());
    assert_eq!(store.position().await.unwrap(), EVENTS as i64);
}

/// A store with all that an export has.
async fn full(home: &dyn Home, name: &str) -> (Store, crate::store::Writer) {
    let (store, mut writer) = open(home, name).await;
    let mut records = life(device(10), 1, 100, 5);
    records.push(drained(device(10), 6, 105));
    records.push(Record {
        index: None,
        code: None,
        ..record(device(11), EventKind::BudgetSet, 8, 106)
    });
    append(&mut writer, Confirmed, 106, &records).await;
    append(&mut writer, Final, 102, &is_final(records[..3].to_vec())).await;
    let letter = DeadLetter {
        signature: signature(99),
        slot: 99,
        reason: "the node keeps no logs".to_owned(),
    };
    let intake = Intake {
        records: &[],
        dead_letters: &[letter],
        walked: None,
    };
    writer.append(intake).await.unwrap();
    let lost = Range {
        address: device(11),
        registration: None,
        first: 1,
        last: 7,
    };
    writer.set_lost_ranges(&[lost]).await.unwrap();
    (store, writer)
}

async fn exported(store: &Store) -> String {
    let mut lines = vec![];
    let write = |part: &[u8]| -> Result<(), StoreError> {
        lines.extend_from_slice(part);
        Ok(())
    };
    crate::store::export(store, write).await.unwrap();
    String::from_utf8(lines).unwrap()
}

async fn an_export_is_imported_and_exported_again_byte_by_byte(home: &dyn Home) {
    let (store, _writer) = full(home, "a").await;
    let lines = exported(&store).await;
    assert_eq!(lines.lines().count(), 1 + 7 + 1 + 1);
    let header = lines.lines().next().unwrap();
    let expected = format!(
        "{{\"schema_version\":1,\"genesis\":\"{}\",\"program\":\"{}\",\"confirmed\":\"{}\",\"final\":\"{}\"}}",
        IDENTITY.genesis,
        IDENTITY.program,
        cursor(106),
        cursor(102)
    );
    assert_eq!(header, expected);
    let other = home.location("b");
    let other = Store::open(&other, IDENTITY).await.unwrap();
    let mut writer = other.try_writer().await.unwrap().unwrap();
    let imported = crate::store::import(&other, &mut writer, &mut lines.as_bytes())
        .await
        .unwrap();
    assert_eq!((imported.events, imported.new), (7, 7));
    assert_eq!(exported(&other).await, lines);
    assert_eq!(history(&other).await, history(&store).await);
    assert_eq!(other.gaps().await.unwrap(), store.gaps().await.unwrap());
}

async fn an_import_brings_only_what_is_new(home: &dyn Home) {
    let (store, mut writer) = full(home, "a").await;
    let lines = exported(&store).await;
    let before = all(&store).await;
    let imported = crate::store::import(&store, &mut writer, &mut lines.as_bytes())
        .await
        .unwrap();
    assert_eq!((imported.events, imported.new), (7, 0));
    assert_eq!(all(&store).await, before);
    // Of what both know to be lost the longer range stays.
    let longer = Range {
        address: device(11),
        registration: None,
        first: 1,
        last: 8,
    };
    writer.set_lost_ranges(&[longer]).await.unwrap();
    let lines_again = &mut lines.as_bytes();
    crate::store::import(&store, &mut writer, lines_again)
        .await
        .unwrap();
    assert_eq!(store.lost_ranges().await.unwrap(), [longer]);
    // A store that is ahead keeps its cursors.
    append(&mut writer, Confirmed, 150, &[]).await;
    crate::store::import(&store, &mut writer, &mut lines.as_bytes())
        .await
        .unwrap();
    assert_eq!(store.cursor(Confirmed).await.unwrap(), Some(cursor(150)));
}

async fn lines_that_are_wrong_are_refused(home: &dyn Home) {
    let (store, _writer) = full(home, "a").await;
    let lines = exported(&store).await;
    let (other, mut writer) = open(home, "b").await;
    let event = lines.lines().nth(1).unwrap();
    let foreign = lines.replace(&IDENTITY.program.to_string(), &CONTRIBUTOR.to_string());
    let cases = [
        (String::new(), "line 1: there is no line".to_owned()),
        (
            event.to_owned(),
            "line 1: it is not the first line of an exported history".to_owned(),
        ),
        (
            lines.replace("\"schema_version\":1", "\"schema_version\":2"),
            "line 1: schema_version 2; this version reads 1".to_owned(),
        ),
        (
            foreign,
            format!(
                "line 1: the program is {CONTRIBUTOR}, and the store's is {}",
                IDENTITY.program
            ),
        ),
        (
            lines.replacen("{\"event\"", "{event", 1),
            "line 2: it is no event, lost range or unreadable transaction".to_owned(),
        ),
        (
            lines.replacen(&tape::signature(101).to_string(), "abc", 1),
            "line 3: `abc` is no signature".to_owned(),
        ),
    ];
    for (lines, expected) in cases {
        let error = crate::store::import(&other, &mut writer, &mut lines.as_bytes())
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    assert_eq!(all(&other).await, []);
}
