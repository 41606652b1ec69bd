use {super::*, std::collections::BTreeMap};

pub async fn what_is_appended_is_read_back_exactly(home: &dyn Home) {
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
    let of = async |numbers: [u8; 2]| {
        let addresses = numbers.map(device).into_iter().collect();
        store.codes_of(&addresses).await.unwrap()
    };
    assert_eq!(of([10, 12]).await, codes.into_iter().collect());
    assert!(of([11, 12]).await.is_empty());
}

pub async fn the_same_again_changes_nothing(home: &dyn Home) {
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

pub async fn what_the_final_walk_does_not_find_is_retracted(home: &dyn Home) {
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

pub async fn a_transaction_that_lands_again_replaces_the_first(home: &dyn Home) {
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

pub async fn a_walk_that_began_again_retracts_nothing(home: &dyn Home) {
    let (store, mut writer) = open(home, "a").await;
    let records = life(device(10), 1, 100, 3);
    append(&mut writer, Confirmed, 102, &records).await;
    let at = cursor(102);
    let mut intake = walked(Final, &at, &[]);
    intake.walked.as_mut().unwrap().is_continuous = false;
    assert_eq!(writer.append(intake).await.unwrap(), Appended::default());
    assert_eq!(history(&store).await, records);
}

pub async fn a_fate_is_noted_once(home: &dyn Home) {
    let (store, mut writer) = open(home, "a").await;
    let records = life(device(10), 1, 100, 3);
    append(&mut writer, Confirmed, 102, &records).await;
    let unresolved = store.unresolved(101..=200).await.unwrap();
    let of = |slot| (slot, vec![signature(slot)]);
    assert_eq!(unresolved, BTreeMap::from([of(101), of(102)]));
    let fates = [
        (signature(101), Fate::Final),
        (signature(102), Fate::Dropped),
    ];
    assert_eq!(writer.resolve(&fates).await.unwrap(), 1);
    assert_eq!(writer.resolve(&fates).await.unwrap(), 0);
    let unresolved = store.unresolved(0..=200).await.unwrap();
    assert_eq!(unresolved, BTreeMap::from([of(100)]));
    let is_final: Vec<_> = history(&store).await.iter().map(|it| it.is_final).collect();
    assert_eq!(is_final, [false, true]);
}

pub async fn an_append_is_all_or_nothing(home: &dyn Home) {
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

pub async fn lost_ranges_and_dead_letters_are_kept(home: &dyn Home) {
    let (store, mut writer) = open(home, "a").await;
    let range = Range {
        address: device(10),
        registration: key(3),
        first: 4,
        last: 9,
    };
    let other = Range {
        address: device(11),
        ..range
    };
    writer.set_lost_ranges(&[other, range]).await.unwrap();
    assert_eq!(store.lost_ranges().await.unwrap(), [range, other]);
    let of = async |number| store.lost_ranges_of(&device(number)).await.unwrap();
    assert_eq!((of(10).await, of(11).await), (vec![range], vec![other]));
    assert_eq!(of(12).await, []);
    let longer = Range { last: 12, ..range };
    writer.set_lost_ranges(&[longer, other]).await.unwrap();
    assert_eq!(store.lost_ranges().await.unwrap(), [longer, other]);
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

pub async fn one_writes_at_a_time(home: &dyn Home) {
    let (store, writer) = open(home, "a").await;
    let other = Store::open(&home.location("a"), IDENTITY).await.unwrap();
    assert!(other.try_writer().await.unwrap().is_none());
    assert!(store.try_writer().await.unwrap().is_none());
    writer.close().await;
    let mut writer = other.try_writer().await.unwrap().unwrap();
    append(&mut writer, Confirmed, 100, &[created(device(10), 1, 100)]).await;
    assert_eq!(all(&store).await.len(), 1);
}
