//! The embedded ledger's clock, whatever the host's did before.

mod common;

use {
    common::{
        create_dir, folder,
        host::{Host, DAY, HOUR, START},
        open, wait,
    },
    ebb_sdk::{
        embedded::{EmbeddedLedger, EmbeddedOptions},
        ledger::{Ledger, Now},
    },
    std::{
        fs,
        path::Path,
        sync::atomic::{AtomicI64, Ordering},
        thread,
        time::{Duration, UNIX_EPOCH},
    },
};

#[test]
fn set_forward_for_one_transaction_and_back_it_goes_on_from_there() {
    let host = Host::new();
    assert_eq!((host.pay(), host.offset()), (START, 0));
    host.set(START + DAY);
    assert_eq!(host.pay(), START + DAY);
    assert_eq!(host.offset(), 0);
    host.set(START + 10);
    assert_eq!(host.time(), START + DAY + 1);
    assert_eq!(host.offset(), DAY - 9);
    host.sleep(7);
    assert_eq!(host.time(), START + DAY + 8);
    assert_eq!(host.pay(), START + DAY + 8);
    assert_eq!(host.offset(), DAY - 9);
}

#[test]
fn set_forward_for_one_read_and_back_it_goes_on_from_there() {
    let host = Host::new();
    host.set(START + DAY);
    assert_eq!(host.time(), START + DAY);
    host.set(START);
    assert_eq!(host.time(), START + DAY + 1);
    host.sleep(60);
    assert_eq!(host.pay(), START + DAY + 61);
    assert_eq!(host.offset(), DAY + 1);
}

#[test]
fn set_back_it_goes_on_at_the_hosts_pace() {
    for back in [START - 1, START - HOUR, START - 10_000 * DAY, 0] {
        let host = Host::new();
        host.set(back);
        assert_eq!(host.pay(), START + 1);
        assert_eq!(host.offset(), START + 1 - back);
        for _ in 0..3 {
            let before = host.time();
            host.sleep(5);
            assert_eq!(host.time(), before + 5);
        }
        assert_eq!(host.pay(), START + 16);
    }
}

#[test]
fn set_back_for_one_read_and_forward_again_the_ledger_is_ahead_by_as_much() {
    let host = Host::new();
    host.set(START - HOUR);
    assert_eq!(host.time(), START + 1);
    host.set(START + 5);
    assert_eq!(host.time(), START + 1 + HOUR + 5);
    assert_eq!(host.offset(), HOUR + 1);
}

#[test]
fn set_back_while_one_object_reads_it_goes_on_at_the_hosts_pace() {
    let host = Host::new();
    let ledger = host.command();
    let now = || wait(ledger.now()).unwrap().time;
    host.sleep(100);
    assert_eq!(now(), START + 100);
    host.set(START - HOUR);
    assert_eq!(now(), START + 101);
    host.sleep(30);
    assert_eq!((now(), host.time()), (START + 131, START + 131));
}

#[test]
fn resumed_a_week_later_it_is_a_week_later() {
    let host = Host::new();
    host.pay();
    host.sleep(7 * DAY);
    assert_eq!(host.time(), START + 7 * DAY);
    assert_eq!(host.pay(), START + 7 * DAY);
    assert_eq!(host.offset(), 0);
}

#[test]
fn commands_in_the_same_second_keep_their_order() {
    let host = Host::new();
    let mut times = vec![];
    for time in [
        START + DAY,
        START,
        START,
        START,
        START + 1,
        START - DAY,
        START - DAY,
    ] {
        host.set(time);
        times.push(host.pay());
    }
    let ahead = START + DAY;
    assert_eq!(
        times,
        [
            ahead,
            ahead + 1,
            ahead + 1,
            ahead + 1,
            ahead + 2,
            ahead + 3,
            ahead + 3
        ]
    );
    let history = host.command().history().unwrap();
    assert!(history.windows(2).all(|pair| pair[0].slot < pair[1].slot));
}

#[test]
fn slots_go_on_with_the_time() {
    let host = Host::new();
    let now = || wait(host.command().now()).unwrap();
    let Now { slot, time } = now();
    host.set(START - DAY);
    assert_eq!(
        now(),
        Now {
            slot: slot + 2,
            time: time + 1
        }
    );
    host.sleep(60);
    assert_eq!(
        now(),
        Now {
            slot: slot + 152,
            time: time + 61
        }
    );
}

#[test]
fn advancing_adds_to_the_offset_and_lasts() {
    let host = Host::new();
    host.set(START - 100);
    assert_eq!(host.time(), START + 1);
    let later = host.command().advance(1_000).unwrap();
    assert_eq!(later.time, START + 1_001);
    assert_eq!((host.time(), host.offset()), (START + 1_001, 1_101));
    host.set(START);
    assert_eq!(host.time(), START + 1_101);
}

#[test]
fn a_ledger_without_its_clocks_file_knows_the_time_of_its_last_transaction() {
    let host = Host::new();
    let clock = host.dir.path().join("clock");
    host.set(START + DAY);
    host.pay();
    host.set(START);
    for damage in [
        || None,
        || Some(b"".as_slice()),
        || Some([0; 32].as_slice()),
        || Some([7; 99].as_slice()),
    ] as [fn() -> Option<&'static [u8]>; 4]
    {
        match damage() {
            None => fs::remove_file(&clock).unwrap(),
            Some(content) => fs::write(&clock, content).unwrap(),
        }
        assert_eq!(host.time(), START + DAY + 1);
        assert_eq!(fs::metadata(&clock).unwrap().len(), 32);
    }
}

#[test]
fn a_new_ledger_in_a_reset_folder_has_a_clock_of_its_own() {
    let host = Host::new();
    host.set(START + DAY);
    host.pay();
    EmbeddedLedger::reset(host.dir.path(), Duration::ZERO).unwrap();
    host.set(START);
    assert_eq!((host.time(), host.offset()), (START, 0));
}

#[test]
fn by_default_it_is_the_systems_clock() {
    let dir = folder();
    let before = UNIX_EPOCH.elapsed().unwrap().as_secs();
    let time = wait(open(dir.path()).now()).unwrap().time;
    let after = UNIX_EPOCH.elapsed().unwrap().as_secs();
    assert!((before..=after).contains(&time.try_into().unwrap()));
}

#[test]
fn many_readers_see_one_time_while_the_hosts_clock_jumps() {
    const READS: i64 = 150;
    let host = Host::new();
    let latest = AtomicI64::new(0);
    thread::scope(|scope| {
        for reader in 1..=4 {
            let (host, latest) = (&host, &latest);
            scope.spawn(move || {
                let ledger = host.command();
                for read in 1..=READS {
                    // Back and forth, and never twice alike.
                    host.set(START + (read * 7_919 * reader) % DAY - HOUR);
                    let before = latest.load(Ordering::SeqCst);
                    let time = wait(ledger.now()).unwrap().time;
                    assert!(time >= before, "{time} after {before}");
                    latest.fetch_max(time, Ordering::SeqCst);
                }
            });
        }
    });
    assert!(host.time() >= latest.load(Ordering::SeqCst));
}

#[test]
fn the_folder_holds_the_clock_and_nothing_else_is_consulted() {
    let (host, elsewhere) = (Host::new(), folder());
    host.set(START + DAY);
    host.pay();
    host.set(START);
    host.time();
    copy(host.dir.path(), elsewhere.path());
    let options = EmbeddedOptions {
        clock: host.clock.clone(),
        ..EmbeddedOptions::default()
    };
    let copy = EmbeddedLedger::open(elsewhere.path(), options).unwrap();
    host.sleep(3);
    assert_eq!(wait(copy.now()).unwrap().time, host.time());
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            create_dir(&to);
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn the_stamp_is_another_one_once_accounts_are_written_and_not_when_time_passes() {
    let host = Host::new();
    let ledger = host.command();
    let stamp = || wait(ledger.stamp()).unwrap().unwrap();
    let (first, before) = (stamp(), wait(ledger.now()).unwrap());
    host.sleep(HOUR);
    assert!(wait(ledger.now()).unwrap().slot > before.slot);
    assert_eq!(stamp(), first);
    // Another process writes it.
    host.pay();
    let second = stamp();
    assert_ne!(second, first);
    assert_eq!(wait(host.command().stamp()).unwrap(), Some(second));
}
