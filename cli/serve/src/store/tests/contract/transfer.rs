use super::*;

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

pub async fn an_export_is_imported_and_exported_again_byte_by_byte(home: &dyn Home) {
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

pub async fn an_import_brings_only_what_is_new(home: &dyn Home) {
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

pub async fn lines_that_are_wrong_are_refused(home: &dyn Home) {
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
