//! When the ledger is read.

use {
    super::{
        device,
        quiet::{Quiet, START},
        Draining,
    },
    crate::view::{keep_fresh, Step, Views},
    ebb_sdk::{
        client::{Client, Keyed},
        ledger::{Now, ProgramUpdate},
        state::{AccountType, Device, Hold, HoldKind},
        ID,
    },
    solana_sdk::{hash::Hash, pubkey::Pubkey},
    std::{
        sync::{
            atomic::{AtomicUsize, Ordering},
            Arc,
        },
        time::Duration,
    },
    tokio::{
        task::JoinHandle,
        time::{sleep, timeout},
    },
};

const SECOND: Duration = Duration::from_secs(1);

/// A device whose hold ends so many seconds after the start.
fn holding(seconds: i64) -> Keyed<Device> {
    let mut device = device("a", Draining);
    device.account.head.holds[0] = Hold {
        kind: HoldKind::CriticalTraffic,
        expires_at: START + seconds,
        ..Hold::default()
    };
    device
}

/// A ledger that is read every ten seconds, or every minute if it reports changes.
struct Lab {
    ledger: Arc<Quiet>,
    views: Arc<Views>,
    working: Arc<AtomicUsize>,
    followed: Arc<AtomicUsize>,
    reader: JoinHandle<()>,
}

impl Lab {
    fn new(ledger: Quiet) -> Self {
        let (ledger, views) = (Arc::new(ledger), Arc::new(Views::keeping(100)));
        let working = Arc::<AtomicUsize>::default();
        let client = Client::new(ledger.clone(), ID);
        let followed = Arc::<AtomicUsize>::default();
        let kept = views.clone();
        let (count_working, count_followed) = (working.clone(), followed.clone());
        let reader = tokio::spawn(async move {
            let on_step = |step: Step<'_>| {
                let count = match step {
                    Step::Working => &count_working,
                    Step::Followed => &count_followed,
                    Step::Read(_) => return,
                };
                count.fetch_add(1, Ordering::Relaxed);
            };
            keep_fresh(&client, &kept, 10 * SECOND, on_step).await;
        });
        Self {
            ledger,
            views,
            working,
            followed,
            reader,
        }
    }

    /// When it was read so far, in milliseconds from the start on.
    fn readings(&self) -> Vec<u128> {
        let readings = self.ledger.readings.lock().unwrap();
        readings.iter().map(Duration::as_millis).collect()
    }

    /// The newest view's version and slot.
    fn view(&self) -> (u64, u64) {
        let newest = self.views.newest().unwrap();
        (newest.version, newest.slot)
    }

    fn revision(&self) -> u64 {
        self.views.newest().unwrap().revision
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn a_hold_that_expires_is_seen_at_that_second() {
    let lab = Lab::new(Quiet::new(holding(3)));
    sleep(Duration::from_millis(14_500)).await;
    assert_eq!(lab.readings(), [0, 3_000, 13_000]);
    // The third reading found what the second did.
    assert_eq!(
        (lab.revision(), lab.views.newest().unwrap().version),
        (2, 3)
    );
}

#[tokio::test(start_paused = true)]
async fn of_a_ledger_that_says_that_no_account_changed_only_the_time_is_read() {
    let ledger = Quiet::new(holding(13));
    let stamp = |byte| Some(Hash::new_from_array([byte; 32]));
    *ledger.stamp.lock().unwrap() = stamp(1);
    let lab = Lab::new(ledger);
    let lists = || lab.ledger.lists.load(Ordering::Relaxed);
    sleep(SECOND).await;
    assert_eq!(lists(), 3);
    let first = lab.views.newest().unwrap();
    sleep(13 * SECOND).await;
    assert_eq!((lab.readings(), lists()), (vec![0, 10_000, 13_000], 3));
    // The hold has expired meanwhile.
    let newest = lab.views.newest().unwrap();
    assert_eq!((newest.time, newest.revision), (START + 13, 3));
    assert!(newest.has_accounts_of(&first));
    *lab.ledger.stamp.lock().unwrap() = stamp(2);
    sleep(10 * SECOND).await;
    assert_eq!((lab.readings().len(), lists()), (4, 6));
}

#[tokio::test(start_paused = true)]
async fn what_a_query_waits_for_is_seen_at_that_second() {
    let lab = Lab::new(Quiet::new(device("a", Draining)));
    sleep(SECOND).await;
    let newest = lab.views.newest().unwrap();
    lab.views.renew_at(&newest, START + 6);
    lab.views.renew_at(&newest, START + 4);
    sleep(3 * SECOND + SECOND / 2).await;
    assert_eq!(lab.readings(), [0, 4_000]);
    assert_eq!(lab.revision(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_ledger_that_is_away_is_not_asked_more_often_for_what_is_due() {
    let lab = Lab::new(Quiet::new(holding(3)));
    sleep(SECOND).await;
    lab.ledger.is_away.store(true, Ordering::Relaxed);
    sleep(12 * SECOND + SECOND / 2).await;
    assert_eq!(lab.readings(), [0, 3_000, 13_000]);
    assert_eq!(lab.revision(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_reader_reports_that_it_works_until_a_reading_hangs() {
    let lab = Lab::new(Quiet::new(device("a", Draining)));
    let reported = || lab.working.load(Ordering::Relaxed);
    sleep(5 * SECOND + SECOND / 2).await;
    assert_eq!(reported(), 6);

    let ledger = Arc::new(Quiet::new(device("a", Draining)).hanging());
    let client = Client::new(ledger, ID);
    let (views, count) = (Views::keeping(100), AtomicUsize::new(0));
    let on_step = |step: Step<'_>| {
        assert!(matches!(step, Step::Working));
        count.fetch_add(1, Ordering::Relaxed);
    };
    let reading = keep_fresh(&client, &views, SECOND, on_step);
    timeout(4 * Duration::from_secs(1_800), reading)
        .await
        .unwrap_err();
    // At the start, and every second of half an hour.
    assert_eq!(count.load(Ordering::Relaxed), 1_801);
}

/// That everything up to a slot was reported, so many seconds after the start.
fn complete(slot: u64, seconds: i64) -> ProgramUpdate {
    let time = START + seconds;
    ProgramUpdate::Complete {
        now: Now { slot, time },
        newest: slot + 1,
    }
}

#[tokio::test(start_paused = true)]
async fn a_ledger_that_reports_is_read_where_something_may_be_missing_and_once_a_minute() {
    let (ledger, reports) = Quiet::new(device("a", Draining)).reporting();
    let lab = Lab::new(ledger);
    sleep(SECOND).await;
    // What was read is of the slot from which on all is reported.
    reports.send(ProgramUpdate::Connected { slot: 7 }).unwrap();
    sleep(SECOND).await;
    assert_eq!(lab.readings(), [0]);
    reports.send(complete(8, 2)).unwrap();
    sleep(SECOND).await;
    assert_eq!(lab.view(), (2, 8));
    sleep(50 * SECOND).await;
    assert_eq!(lab.readings(), [0]);
    sleep(10 * SECOND).await;
    assert_eq!(lab.readings(), [0, 60_000]);
    // An older slot than the one that was reported does not replace it.
    assert_eq!(lab.view(), (3, 8));

    reports.send(ProgramUpdate::Disconnected).unwrap();
    sleep(15 * SECOND).await;
    assert_eq!(lab.readings()[2..], [63_000, 73_000]);
}

#[tokio::test(start_paused = true)]
async fn an_account_that_was_closed_is_looked_up_and_all_is_read_where_that_fails() {
    let named = |slot, address| ProgramUpdate::Named {
        slot,
        subjects: vec![address],
        are_all: true,
    };
    for (looked_up_at, readings, is_there, slot) in [
        (Some(9), 1, false, 9),
        (Some(8), 2, false, 7),
        (None, 2, true, 7),
    ] {
        let mut ledger = Quiet::new(device("a", Draining));
        ledger.looked_up_at = looked_up_at;
        let (ledger, reports) = ledger.reporting();
        let lab = Lab::new(ledger);
        sleep(SECOND / 10).await;
        for report in [
            ProgramUpdate::Connected { slot: 7 },
            named(9, device("a", Draining).address),
            complete(9, 1),
        ] {
            reports.send(report).unwrap();
        }
        sleep(SECOND / 2).await;
        assert_eq!(lab.readings().len(), readings, "{looked_up_at:?}");
        let view = lab.views.newest().unwrap();
        assert_eq!(view.devices.by_code.contains_key("a"), is_there);
        assert_eq!(view.slot, slot);
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_of_another_type_is_looked_up_once_and_the_slot_goes_on() {
    let mut ledger = Quiet::new(device("a", Draining));
    ledger.looked_up_at = Some(9);
    ledger.looked_up = Some(vec![AccountType::Registry as u8, 1]);
    let (ledger, reports) = ledger.reporting();
    let lab = Lab::new(ledger);
    sleep(SECOND / 10).await;
    let registry = ProgramUpdate::Named {
        slot: 9,
        subjects: vec![Pubkey::new_from_array([9; 32])],
        are_all: true,
    };
    for report in [
        ProgramUpdate::Connected { slot: 7 },
        registry,
        complete(9, 1),
    ] {
        reports.send(report).unwrap();
    }
    sleep(SECOND).await;
    let lookups = lab.ledger.lookups.load(Ordering::Relaxed);
    assert_eq!((lookups, lab.view().1), (1, 9));
    reports.send(complete(10, 2)).unwrap();
    sleep(SECOND).await;
    assert_eq!(lab.view().1, 10);
    assert_eq!(lab.ledger.lookups.load(Ordering::Relaxed), 1);
    // The event woke who follows, and what it named was no news.
    assert_eq!(lab.followed.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_shows_when_the_time_is_reported_and_needs_no_reading() {
    let (ledger, reports) = Quiet::new(holding(3)).reporting();
    let lab = Lab::new(ledger);
    sleep(SECOND / 10).await;
    reports.send(ProgramUpdate::Connected { slot: 7 }).unwrap();
    for (slot, seconds, revision) in [(8, 1, 1), (9, 2, 1), (10, 3, 4), (11, 4, 4)] {
        reports.send(complete(slot, seconds)).unwrap();
        sleep(SECOND).await;
        assert_eq!(lab.revision(), revision, "{seconds}");
    }
    assert_eq!(lab.readings(), [0]);
}
