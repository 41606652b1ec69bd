use super::*;

pub async fn pages_put_together_are_the_whole(home: &dyn Home) {
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

pub async fn a_selection_is_by_code_address_time_and_slot(home: &dyn Home) {
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

pub async fn registrations_and_their_gaps(home: &dyn Home) {
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
    let head = |subject, registration: Option<RegistrationKey>, sequence| Tip {
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

pub async fn a_first_event_that_comes_late_names_its_registration(home: &dyn Home) {
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

pub async fn the_ledger_names_a_registration_whose_first_event_is_lost(home: &dyn Home) {
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

pub async fn a_store_of_another_ledger_or_program_is_refused(home: &dyn Home) {
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

pub async fn readers_see_every_position_once(home: &dyn Home) {
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
