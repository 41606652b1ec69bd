//! The embedded ledger with several writers, and with writers that are killed.

mod common;

use {
    common::{
        balance,
        devices::{create, existing, set_up},
        folder, open, pay, wait, Dice, LIVING,
    },
    futures_util::stream::{self, StreamExt},
    solana_program::pubkey::Pubkey,
    std::{
        collections::BTreeSet,
        env,
        io::{BufRead, BufReader},
        path::Path,
        process::{Child, Command, Stdio},
        thread,
        time::Duration,
    },
};

/// In a child process: the folder that it writes to.
const FOLDER: &str = "EBB_TEST_FOLDER";
/// In a child process: how many transactions it sends.
const COUNT: &str = "EBB_TEST_COUNT";
/// Who is paid.
const TO: Pubkey = Pubkey::new_from_array([77; 32]);

/// Starts this very test program with nothing but [`writer`].
fn start_writer(dir: &Path, count: u32) -> Child {
    start("writer", dir, count)
}

/// Starts this very test program with nothing but one test.
fn start(test: &str, dir: &Path, count: u32) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(FOLDER, dir)
        .env(COUNT, count.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The child process: pays one lamport after another and says so.
#[test]
#[ignore = "started by the other tests"]
fn writer() {
    let Some(dir) = env::var_os(FOLDER) else {
        return;
    };
    let count: u32 = env::var(COUNT).unwrap().parse().unwrap();
    let ledger = open(Path::new(&dir));
    for _ in 0..count {
        pay(&ledger, &TO, 1).unwrap();
        println!("paid");
    }
}

#[test]
fn writers_in_several_processes_and_threads_lose_nothing() {
    const EACH: u32 = 15;
    let dir = folder();
    let ledger = open(dir.path());
    ledger.airdrop(&TO, LIVING).unwrap();
    let children: Vec<_> = (0..3).map(|_| start_writer(dir.path(), EACH)).collect();
    thread::scope(|scope| {
        for _ in 0..2 {
            // One object for both, to contend within the process too.
            scope.spawn(|| {
                for _ in 0..EACH {
                    pay(&ledger, &TO, 1).unwrap();
                }
            });
        }
    });
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let paid = u64::from(5 * EACH);
    assert_eq!(balance(&ledger, &TO), LIVING + paid);
    assert_eq!(ledger.info().unwrap().transactions, paid);
    let history = ledger.history().unwrap();
    assert_eq!(history.len() as u64, paid);
    assert!(history.windows(2).all(|pair| pair[0].slot < pair[1].slot));
}

#[test]
fn processes_that_make_the_same_ledger_at_once_make_one() {
    let dir = folder();
    let dir = dir.path().join("ledger");
    let children: Vec<_> = (0..4).map(|_| start_writer(&dir, 0)).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    pay(&open(&dir), &TO, LIVING).unwrap();
}

#[test]
fn a_writer_that_is_killed_leaves_the_state_before_or_after() {
    const KILLS: u64 = 25;
    let dir = folder();
    open(dir.path()).airdrop(&TO, LIVING).unwrap();
    let mut paid = 0;
    let mut killed_at_work = 0;
    for kill in 0..KILLS {
        let mut child = start_writer(dir.path(), u32::MAX);
        let said = child.stdout.take().unwrap();
        let said = thread::spawn(move || {
            let lines = BufReader::new(said).lines().map_while(Result::ok);
            lines.filter(|line| line == "paid").count() as u64
        });
        // Moments spread over opening and some tens of transactions, never in step with them.
        thread::sleep(Duration::from_micros(40_000 + kill * 7_919));
        child.kill().unwrap();
        child.wait().unwrap();
        let said = said.join().unwrap();

        let ledger = open(dir.path());
        let now = balance(&ledger, &TO) - LIVING;
        let new = now - paid;
        assert!(new == said || new == said + 1, "said {said}, paid {new}");
        assert_eq!(ledger.info().unwrap().transactions, now);
        assert_eq!(ledger.history().unwrap().len() as u64, now);
        killed_at_work += u64::from(new > 0);
        paid = now;
    }
    assert!(killed_at_work > KILLS / 4, "{killed_at_work}");
}

/// How many transactions [`importer`] has in flight.
const IN_FLIGHT: usize = 32;
/// How many devices each of them creates.
const EACH: usize = 3;

/// The devices of a run's transaction.
fn pack(run: u32, number: usize) -> Vec<String> {
    (0..EACH)
        .map(|device| format!("r{run}-{number}-{device}"))
        .collect()
}

/// The child process: creates devices without end and prints the number of each transaction that is accepted.
#[test]
#[ignore = "started by another test"]
fn importer() {
    let Some(dir) = env::var_os(FOLDER) else {
        return;
    };
    let run: u32 = env::var(COUNT).unwrap().parse().unwrap();
    let ledger = open(Path::new(&dir));
    let sends = stream::iter(0..).map(async |number| {
        create(&ledger, &pack(run, number)).await.unwrap();
        println!("created {number}");
    });
    wait(sends.buffer_unordered(IN_FLIGHT).collect::<()>());
}

/// Kills an importer once it has printed so many lines and a while has passed, and returns what it had printed.
fn kill_importer(dir: &Path, run: u32, lines: u64, pause: Duration) -> BTreeSet<usize> {
    let mut child = start("importer", dir, run);
    let printed = BufReader::new(child.stdout.take().unwrap()).lines();
    let printed = printed.map_while(Result::ok);
    let mut created =
        printed.filter_map(|line| Some(line.strip_prefix("created ")?.parse().unwrap()));
    let mut numbers: BTreeSet<usize> = created.by_ref().take(lines as usize).collect();
    thread::sleep(pause);
    child.kill().unwrap();
    child.wait().unwrap();
    numbers.extend(created);
    numbers
}

#[test]
fn an_importer_that_is_killed_leaves_all_that_it_reported_and_nothing_half() {
    const KILLS: u32 = 30;
    let dir = folder();
    set_up(&open(dir.path()));
    let mut dice = Dice::new("kills");
    let mut all = BTreeSet::new();
    let mut transactions = 1;
    for run in 0..KILLS {
        let lines = dice.below(3 * IN_FLIGHT as u64);
        let pause = Duration::from_micros(dice.below(60_000));
        let reported = kill_importer(dir.path(), run, lines, pause);

        let found = existing(dir.path());
        assert!(all.is_subset(&found));
        let new: BTreeSet<String> = found.difference(&all).cloned().collect();
        assert_eq!(new.len() % EACH, 0);
        let accepted = new.len() / EACH;
        // What was there without having been reported was in flight, and each transaction is there as a whole.
        assert!(reported
            .iter()
            .flat_map(|&number| pack(run, number))
            .all(|code| new.contains(&code)));
        assert!(accepted <= reported.len() + IN_FLIGHT);
        let begun = (0..accepted + IN_FLIGHT).map(|number| pack(run, number));
        let there = begun.filter(|pack| new.contains(&pack[0]));
        assert_eq!(there.flatten().collect::<BTreeSet<_>>(), new);
        transactions += accepted;
        let ledger = open(dir.path());
        assert_eq!(ledger.info().unwrap().transactions, transactions as u64);
        assert_eq!(ledger.history().unwrap().len(), transactions);
        all = found;
    }
}
