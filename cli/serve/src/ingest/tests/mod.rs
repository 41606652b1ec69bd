//! The ingest over a real SVM whose answers have the faults of nodes.

mod fates;
mod faulty;
mod filling;
mod gate;
mod outages;
mod standstill;
mod watching;

use {
    super::{audit, Accounts, Ingest, IngestOptions, Status},
    crate::store::{
        DeadLetter, Entry, Identity, Location, Range, RegistrationKey, Selection, Store,
    },
    ebb_sdk::{client::Client, event::EventKind, ledger::Ledger, pda, ID},
    faulty::Faulty,
    jiff::Timestamp,
    std::{collections::HashSet, sync::Arc, time::Duration},
    tempfile::TempDir,
    tokio::sync::{watch, Notify},
};

/// A ledger, a store, and what reads the one into the other.
struct Lab {
    ledger: Arc<Faulty>,
    client: Client,
    location: Location,
    store: Store,
    wake: Arc<Notify>,
    _dir: TempDir,
}

impl Lab {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let location = Location::File(dir.path().join("history.sqlite"));
        Self::over(location, dir).await
    }

    async fn over(location: Location, dir: TempDir) -> Self {
        let ledger = Faulty::new().await;
        let identity = Identity {
            genesis: ledger.genesis().await.unwrap(),
            program: ID,
        };
        Self {
            client: Client::new(ledger.clone(), ID),
            store: Store::open(&location, identity).await.unwrap(),
            location,
            wake: Arc::default(),
            ledger,
            _dir: dir,
        }
    }

    fn ingest(&self) -> Ingest {
        let options = IngestOptions {
            interval: Duration::from_millis(20),
            check_interval: Duration::from_millis(50),
            lost_interval: Duration::from_millis(200),
        };
        let (client, store) = (self.client.clone(), self.store.clone());
        Ingest::new(client, store, self.wake.clone(), options)
    }

    /// Reads once, as an ingest that is started anew.
    async fn catch_up(&self) -> Status {
        let ingest = self.ingest();
        let mut writer = self.store.try_writer().await.unwrap().unwrap();
        ingest.catch_up(&mut writer).await.unwrap();
        writer.close().await;
        let status = ingest.status().borrow().clone();
        status
    }

    async fn history(&self) -> Vec<Entry> {
        let all = Selection::default();
        self.store.history(&all, None, 1_000).await.unwrap()
    }

    /// The sequences of the device that are there, and whether each is final.
    async fn sequences(&self) -> Vec<(u64, bool)> {
        let entries = self.history().await.into_iter();
        let of_device = entries.filter(|entry| entry.record.event.subject == Faulty::device());
        let of_device = of_device.map(|entry| entry.record);
        of_device
            .map(|record| (record.event.sequence, record.is_final))
            .collect()
    }

    async fn missing(&self) -> Vec<Range> {
        let accounts = Accounts::read(&self.client).await.unwrap();
        audit(&self.store, &accounts).await.unwrap()
    }
}

fn lost(first: u64, last: u64) -> Range {
    let registration = Some(RegistrationKey {
        contributor: pda::contributor(&ID, "co01").0,
        generation: 1,
    });
    Range {
        address: Faulty::device(),
        registration,
        first,
        last,
    }
}

fn finals(range: std::ops::RangeInclusive<u64>) -> Vec<(u64, bool)> {
    range.map(|sequence| (sequence, true)).collect()
}

async fn until(status: &mut watch::Receiver<Status>, what: impl Fn(&Status) -> bool) -> Status {
    let reached = tokio::time::timeout(Duration::from_secs(120), status.wait_for(|it| what(it)));
    reached.await.unwrap().unwrap().clone()
}

#[tokio::test]
async fn all_that_happened_is_read_and_proved_complete() {
    let lab = Lab::new().await;
    lab.ledger.report(5).await;
    let before = Timestamp::now().as_second();
    let status = lab.catch_up().await;
    let read_at = status.read_at.unwrap();
    assert!((before..=Timestamp::now().as_second()).contains(&read_at));
    let slot = lab.ledger.last_slot().await;
    let expected = Status {
        is_ingesting: true,
        confirmed_slot: Some(slot),
        final_slot: Some(slot),
        read_at: status.read_at,
        position: 9,
        missing: Some(Arc::default()),
        gaps: Some(0),
        lost_ranges: Some(0),
        ..Status::default()
    };
    assert_eq!(status, expected);
    let kinds: Vec<_> = lab
        .history()
        .await
        .iter()
        .map(|it| it.record.event.kind)
        .collect();
    let expected = [
        EventKind::Initialized,
        EventKind::ContributorCreated,
        EventKind::LocationCreated,
        EventKind::DeviceCreated,
    ];
    assert_eq!(kinds[..4], expected);
    assert_eq!(kinds[4..], [EventKind::HealthReported; 5]);
    assert_eq!(lab.sequences().await, finals(1..=6));
    let codes: HashSet<_> = lab
        .history()
        .await
        .into_iter()
        .map(|it| it.record.code)
        .collect();
    assert!(codes.contains(&Some("dz1".to_owned())));
    assert_eq!(lab.missing().await, []);
    // A start later goes on, and still knows the codes.
    lab.ledger.report(1).await;
    assert_eq!(lab.catch_up().await.position, 10);
    let last = lab.history().await.pop().unwrap();
    assert_eq!(last.record.code, Some("dz1".to_owned()));
    // What is not read yet is missing.
    lab.ledger.report(2).await;
    assert_eq!(lab.missing().await, [lost(8, 9)]);
}

#[tokio::test]
async fn what_is_confirmed_becomes_final_or_is_retracted() {
    let lab = Lab::new().await;
    let slot = lab.ledger.last_slot().await;
    lab.ledger.faults().final_slot = Some(slot);
    let sent = lab.ledger.report(3).await;
    let end = lab.ledger.last_slot().await;
    let status = lab.catch_up().await;
    let not_yet = [(1, true), (2, false), (3, false), (4, false)];
    assert_eq!(lab.sequences().await, not_yet);
    assert_eq!(
        (status.confirmed_slot, status.final_slot),
        (Some(end), Some(slot))
    );
    lab.ledger.faults().final_slot = None;
    lab.ledger.faults().forked.insert(sent[1]);
    lab.catch_up().await;
    assert_eq!(lab.sequences().await, [(1, true), (2, true), (4, true)]);
    let appended = lab
        .store
        .appended(&Selection::default(), 7, 100)
        .await
        .unwrap();
    let retracted: Vec<_> = appended
        .iter()
        .map(|it| (it.record.signature, it.retracts))
        .collect();
    assert_eq!(retracted, [(sent[1], Some(6))]);
}

#[tokio::test]
async fn a_hole_is_filled_from_the_devices_own_address() {
    let lab = Lab::new().await;
    let sent = lab.ledger.report(6).await;
    lab.ledger
        .faults()
        .unlisted
        .extend([sent[1], sent[2], sent[5]]);
    let status = lab.catch_up().await;
    assert_eq!(lab.sequences().await, finals(1..=7));
    assert_eq!((status.gaps, status.lost_ranges), (Some(0), Some(0)));
    assert_eq!(lab.missing().await, []);
}

#[tokio::test]
async fn what_no_node_has_is_lost_until_one_has_it() {
    let lab = Lab::new().await;
    let sent = lab.ledger.report(6).await;
    lab.ledger
        .faults()
        .pruned
        .extend([sent[1], sent[2], sent[5]]);
    let status = lab.catch_up().await;
    assert_eq!((status.gaps, status.lost_ranges), (Some(0), Some(2)));
    let expected = [lost(3, 4), lost(7, 7)];
    let missing = expected.map(|range| (range, true));
    assert_eq!(status.missing.as_deref(), Some(&missing.to_vec()));
    assert_eq!(lab.store.lost_ranges().await.unwrap(), expected);
    assert_eq!(lab.missing().await, expected);
    lab.ledger.faults().pruned.clear();
    let status = lab.catch_up().await;
    assert_eq!((status.gaps, status.lost_ranges), (Some(0), Some(0)));
    assert_eq!(status.missing.as_deref(), Some(&vec![]));
    assert_eq!(lab.sequences().await, finals(1..=7));
}

#[tokio::test]
async fn nothing_is_lost_while_it_is_not_final() {
    let lab = Lab::new().await;
    lab.ledger.report(1).await;
    let slot = lab.ledger.last_slot().await;
    lab.ledger.faults().final_slot = Some(slot);
    let sent = lab.ledger.report(2).await;
    // Only what is final is read from the device's own address.
    lab.ledger.faults().unlisted.insert(sent[0]);
    let status = lab.catch_up().await;
    assert_eq!((status.gaps, status.lost_ranges), (Some(1), Some(0)));
    assert_eq!(lab.missing().await, [lost(3, 3)]);
    lab.ledger.faults().final_slot = None;
    let status = lab.catch_up().await;
    assert_eq!((status.gaps, status.lost_ranges), (Some(0), Some(0)));
    assert_eq!(lab.sequences().await, finals(1..=4));
}

#[tokio::test]
async fn what_is_lost_is_asked_for_again_now_and_then() {
    let lab = Lab::new().await;
    let sent = lab.ledger.report(3).await;
    lab.ledger.faults().pruned.insert(sent[1]);
    let ingest = lab.ingest();
    let mut status = ingest.status();
    let story = async {
        until(&mut status, |status| status.lost_ranges == Some(1)).await;
        lab.ledger.faults().pruned.clear();
        let found = until(&mut status, |status| status.lost_ranges == Some(0)).await;
        assert_eq!(found.gaps, Some(0));
    };
    tokio::select! {
        () = ingest.run() => {}
        () = story => {}
    }
    assert_eq!(lab.sequences().await, finals(1..=4));
}

#[tokio::test]
async fn the_removal_of_a_device_that_is_gone_is_missed() {
    let lab = Lab::new().await;
    let removal = lab.ledger.remove().await;
    lab.ledger.faults().pruned.insert(removal);
    let status = lab.catch_up().await;
    assert_eq!((status.gaps, status.lost_ranges), (Some(0), Some(1)));
    assert_eq!(lab.store.lost_ranges().await.unwrap(), [lost(3, 3)]);
    lab.ledger.faults().pruned.clear();
    let status = lab.catch_up().await;
    assert_eq!((status.gaps, status.lost_ranges), (Some(0), Some(0)));
    assert_eq!(lab.sequences().await, finals(1..=3));
    assert_eq!(lab.missing().await, []);
}

#[tokio::test]
async fn cut_logs_are_a_dead_letter_and_a_lost_range() {
    let lab = Lab::new().await;
    let sent = lab.ledger.report(2).await;
    let slot = lab.ledger.last_slot().await;
    lab.ledger.report(1).await;
    lab.ledger.faults().cut.insert(sent[1]);
    let status = lab.catch_up().await;
    assert_eq!(
        (status.gaps, status.lost_ranges, status.dead_letters),
        (Some(0), Some(1), 1)
    );
    let letter = DeadLetter {
        signature: sent[1],
        slot,
        reason: "the runtime cut its logs".to_owned(),
    };
    assert_eq!(lab.store.dead_letters().await.unwrap(), [letter]);
    assert_eq!(lab.store.lost_ranges().await.unwrap(), [lost(3, 3)]);
}

#[tokio::test]
async fn a_node_that_has_pruned_the_cursor_is_read_from_its_beginning() {
    let lab = Lab::new().await;
    let mut sent = lab.ledger.report(12).await;
    lab.catch_up().await;
    let slot = lab.ledger.last_slot().await;
    lab.ledger.faults().final_slot = Some(slot);
    sent.extend(lab.ledger.report(1).await);
    lab.catch_up().await;
    let slots = (Some(lab.ledger.last_slot().await), Some(slot));
    // First the newest is gone, then all that was read. The store stays where it is.
    let first = lab.history().await[0].record.signature;
    for pruned in [&sent[4..], &sent[..4], &[first]] {
        lab.ledger.faults().pruned.extend(pruned);
        let status = lab.catch_up().await;
        assert_eq!((status.confirmed_slot, status.final_slot), slots);
    }
    // What comes after is there.
    lab.ledger.faults().final_slot = None;
    lab.ledger.report(2).await;
    let status = lab.catch_up().await;
    assert_eq!((status.gaps, status.lost_ranges), (Some(0), Some(0)));
    let mut expected = finals(1..=16);
    expected[13].1 = false;
    assert_eq!(lab.sequences().await, expected);
}
