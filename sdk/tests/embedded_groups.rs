//! Transactions that are sent to the embedded ledger at the same time, and written at once.

mod common;

use {
    common::{
        balance,
        devices::{create, existing, set_up, writes},
        folder, open, pay, wait, Dice, LIVING,
    },
    ebb_sdk::{
        embedded::{EmbeddedError, EmbeddedLedger},
        ledger::{Ledger, LedgerError, Receipt},
        EbbError,
    },
    futures_util::{
        future::{join_all, BoxFuture, FutureExt},
        stream::{self, StreamExt},
    },
    solana_program::pubkey::Pubkey,
    solana_sdk::signer::Signer,
    solana_system_interface::instruction::transfer,
    std::{
        collections::BTreeSet,
        fs,
        future::Future,
        path::{Path, PathBuf},
    },
    tempfile::TempDir,
};

type Sent = Result<Receipt, LedgerError>;
type Begun<'a> = BoxFuture<'a, Sent>;

/// Who is paid.
const TO: Pubkey = Pubkey::new_from_array([78; 32]);

/// A ledger for which the first transaction, which waits for no other, is over.
fn in_use() -> (TempDir, EmbeddedLedger) {
    let dir = folder();
    let ledger = open(dir.path());
    set_up(&ledger);
    (dir, ledger)
}

/// Sends lamports, as one of several.
async fn paying(ledger: &EmbeddedLedger, lamports: u64) -> Sent {
    let key = ledger.default_key();
    let payment = transfer(&key.pubkey(), &TO, lamports);
    ledger.send(&[payment], &[&key]).await
}

fn codes(from: usize, to: usize) -> Vec<String> {
    (from..to).map(|number| format!("d{number:04}")).collect()
}

fn refusal(sent: &Sent) -> EbbError {
    match sent {
        Err(LedgerError::Refused { error, .. }) => *error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_thousand_devices_in_flight_are_written_a_few_times() {
    const DEVICES: usize = 1_000;
    const EACH: usize = 8;
    const IN_FLIGHT: usize = 32;
    let dir = folder();
    set_up(&open(dir.path()));
    let before = writes(dir.path());
    let ledger = open(dir.path());
    let all = codes(0, DEVICES);
    let packs: Vec<&[String]> = all.chunks(EACH).collect();
    let sends = packs.iter().map(|pack| create(&ledger, pack));
    let sent: Vec<Sent> = wait(stream::iter(sends).buffer_unordered(IN_FLIGHT).collect());
    let sent = sent.into_iter().map(Result::unwrap);
    let signatures: BTreeSet<_> = sent.map(|receipt| receipt.signature).collect();
    assert_eq!(signatures.len(), packs.len());
    // The first by itself, and the others by as many as are in flight.
    let groups = (packs.len() - 1).div_ceil(IN_FLIGHT);
    assert_eq!(writes(dir.path()) - before, 1 + groups as u64);

    let history = ledger.history().unwrap();
    assert_eq!(history.len(), 1 + packs.len());
    assert!(history.windows(2).all(|pair| pair[0].slot < pair[1].slot));
    let recorded: BTreeSet<_> = history[1..].iter().map(|entry| entry.signature).collect();
    assert_eq!(recorded, signatures);
    assert_eq!(ledger.info().unwrap().transactions, 1 + packs.len() as u64);
    assert_eq!(existing(dir.path()), all.into_iter().collect());
}

#[test]
fn one_after_another_each_is_written() {
    let (dir, ledger) = in_use();
    let before = writes(dir.path());
    for _ in 0..3 {
        wait(paying(&ledger, LIVING)).unwrap();
    }
    assert_eq!(writes(dir.path()) - before, 3);
    assert_eq!(balance(&ledger, &TO), 3 * LIVING);
}

#[test]
fn the_first_that_a_process_sends_waits_for_no_other() {
    let (dir, _) = in_use();
    let ledger = open(dir.path());
    paying(&ledger, LIVING).now_or_never().unwrap().unwrap();
    assert_eq!(balance(&open(dir.path()), &TO), LIVING);
}

#[test]
fn threads_that_send_at_the_same_time_lose_nothing() {
    const THREADS: u64 = 4;
    const EACH: u64 = 10;
    let (_dir, ledger) = in_use();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let sends = (0..EACH).map(|_| paying(&ledger, LIVING));
                for sent in wait(join_all(sends)) {
                    sent.unwrap();
                }
            });
        }
    });
    assert_eq!(balance(&ledger, &TO), THREADS * EACH * LIVING);
    assert_eq!(ledger.history().unwrap().len() as u64, 1 + THREADS * EACH);
}

/// Polls futures once each, for which none of them is ready.
fn begin<'a>(
    sends: impl IntoIterator<Item = impl Future<Output = Sent> + Send + 'a>,
) -> Vec<Begun<'a>> {
    let begin = |send: _| {
        let mut begun = FutureExt::boxed(send);
        assert!((&mut begun).now_or_never().is_none());
        begun
    };
    sends.into_iter().map(begin).collect()
}

#[test]
fn nobody_sees_a_group_or_waits_for_it_until_it_is_written() {
    let (dir, ledger) = in_use();
    let other = open(dir.path());
    let begun = begin((0..3).map(|_| paying(&ledger, LIVING)));
    assert_eq!((balance(&ledger, &TO), balance(&other, &TO)), (0, 0));
    assert_eq!(ledger.history().unwrap().len(), 1);
    let before = writes(dir.path());
    let sent = wait(join_all(begun));
    assert!(sent.iter().all(Result::is_ok));
    assert_eq!(writes(dir.path()) - before, 1);
    assert_eq!(balance(&other, &TO), 3 * LIVING);
}

#[test]
fn what_others_write_meanwhile_stays_and_the_group_runs_anew() {
    let (dir, ledger) = in_use();
    let other = open(dir.path());
    let pack = codes(0, 2);
    let mut begun = begin([create(&ledger, &pack[..1]), create(&ledger, &pack[1..])]);
    begun.extend(begin([paying(&ledger, 1)]));
    // It takes the folder's lock, which the group must not keep, and the first code.
    pay(&other, &TO, LIVING).unwrap();
    wait(create(&other, &pack[..1])).unwrap();
    let sent = wait(join_all(begun));
    assert_eq!(refusal(&sent[0]), EbbError::AlreadyExists);
    assert!(sent[1].is_ok() && sent[2].is_ok());
    assert_eq!(balance(&other, &TO), LIVING + 1);
    let history = ledger.history().unwrap();
    let recorded: Vec<_> = history[3..].iter().map(|entry| entry.signature).collect();
    let answered = sent[1..]
        .iter()
        .map(|sent| sent.as_ref().unwrap().signature);
    assert_eq!(recorded, answered.collect::<Vec<_>>());
    assert_eq!(existing(dir.path()), pack.into_iter().collect());
}

#[test]
fn a_group_that_nobody_waits_for_never_runs() {
    let (dir, ledger) = in_use();
    drop(begin((0..3).map(|_| paying(&ledger, LIVING))));
    assert_eq!(ledger.history().unwrap().len(), 1);
    wait(paying(&ledger, LIVING)).unwrap();
    assert_eq!(balance(&open(dir.path()), &TO), LIVING);
    assert_eq!(ledger.history().unwrap().len(), 2);
}

#[test]
fn a_refusal_takes_nothing_else_with_it_and_waits_for_what_it_depends_on() {
    let (dir, ledger) = in_use();
    let pack = codes(0, 2);
    let before = writes(dir.path());
    let begun = begin([
        create(&ledger, &pack[..1]),
        create(&ledger, &pack[..1]),
        create(&ledger, &pack[1..]),
    ]);
    assert_eq!(writes(dir.path()), before);
    let sent = wait(join_all(begun));
    assert!(sent[0].is_ok() && sent[2].is_ok());
    assert_eq!(refusal(&sent[1]), EbbError::AlreadyExists);
    assert_eq!(writes(dir.path()) - before, 1);
    // What is refused on the state that is on the disk writes nothing and waits for nothing.
    let refused = create(&ledger, &pack).now_or_never().unwrap();
    assert_eq!(refusal(&refused), EbbError::AlreadyExists);
    assert_eq!(writes(dir.path()) - before, 1);
    assert_eq!(ledger.history().unwrap().len(), 3);
}

#[test]
fn a_group_that_cannot_be_written_fails_as_a_whole() {
    let (dir, ledger) = in_use();
    let journal = dir.path().join("journal");
    let good = fs::read(&journal).unwrap();
    let begun = begin((0..3).map(|_| paying(&ledger, LIVING)));
    fs::write(&journal, &good[..good.len() - 1]).unwrap();
    let before = writes(dir.path());
    for sent in wait(join_all(begun)) {
        let Err(LedgerError::Embedded(EmbeddedError::Group(error))) = sent else {
            panic!("{sent:?}");
        };
        assert!(matches!(&*error, EmbeddedError::Corrupt { path, .. } if *path == journal));
    }
    assert_eq!((writes(dir.path()), balance(&ledger, &TO)), (before, 0));
    fs::write(&journal, &good).unwrap();
    wait(paying(&ledger, LIVING)).unwrap();
    assert_eq!(balance(&open(dir.path()), &TO), LIVING);
}

/// The files of a ledger that a write changes.
fn content(dir: &Path) -> [(PathBuf, Vec<u8>); 2] {
    ["state", "journal"].map(|name| {
        let path = dir.join(name);
        let bytes = fs::read(&path).unwrap();
        (path, bytes)
    })
}

#[test]
fn a_groups_write_that_was_torn_is_dropped() {
    const TEARS: usize = 20;
    let (dir, ledger) = in_use();
    let before = content(dir.path());
    let [(state, old_state), (journal, old_journal)] = &before;
    let all = codes(0, 6);
    let sent = wait(join_all(all.chunks(2).map(|pack| create(&ledger, pack))));
    assert!(sent.iter().all(Result::is_ok));
    let [(_, new_state), (_, new_journal)] = content(dir.path());
    assert_eq!(existing(dir.path()).len(), all.len());

    let mut dice = Dice::new("torn");
    let mut up_to = |end: usize| dice.below(end as u64) as usize;
    let tail = new_journal.len() - old_journal.len();
    for _ in 0..TEARS {
        // The journal came so far, or has zeros from there on, and then the state's file under its other name.
        let mut torn = new_journal.clone();
        let cut = old_journal.len() + up_to(tail);
        match up_to(2) {
            0 => torn.truncate(cut),
            _ => torn[cut..].fill(0),
        }
        fs::write(state, old_state).unwrap();
        fs::write(journal, &torn).unwrap();
        let unfinished = state.with_extension("new");
        fs::write(&unfinished, &new_state[..up_to(new_state.len())]).unwrap();

        let ledger = open(dir.path());
        assert_eq!(ledger.history().unwrap().len(), 1);
        assert_eq!(existing(dir.path()), BTreeSet::new());
        let sent = wait(join_all(all.chunks(2).map(|pack| create(&ledger, pack))));
        assert!(sent.iter().all(Result::is_ok));
        assert_eq!(ledger.history().unwrap().len(), 4);
        assert_eq!(existing(dir.path()).len(), all.len());
        assert!(!unfinished.exists());
    }
}
