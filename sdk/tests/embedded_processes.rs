//! The embedded ledger with several writers, and with writers that are killed.

mod common;

use {
    common::{balance, folder, open, pay, LIVING},
    solana_program::pubkey::Pubkey,
    std::{
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
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "writer", "--ignored", "--nocapture"])
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
