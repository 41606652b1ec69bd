//! What a history stands still for, as it is reported.

use {
    super::{faulty::NO_HISTORY, until, Lab},
    crate::{
        ingest::{Cause, History, Reached, Standstill, Status},
        store::Site,
    },
    solana_sdk::hash::Hash,
    std::{future::Future, time::Duration},
    tokio::{
        sync::mpsc,
        time::{sleep, timeout},
    },
};

/// What is awaited, which comes within two minutes.
async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(120), what).await.unwrap()
}

/// What a history has reached, once it is so.
async fn once(history: &History, is_so: impl Fn(&Reached) -> bool) -> Reached {
    let mut reached = history.subscribe();
    let found = soon(reached.wait_for(is_so)).await.unwrap();
    Reached::clone(&found)
}

#[tokio::test]
async fn a_ledger_that_refuses_the_history_alone_is_reported_once_and_when_it_goes_on() {
    let lab = Lab::new().await;
    lab.ledger.faults().has_no_history = true;
    let history = History::opening();
    let (reported, mut reports) = mpsc::unbounded_channel();
    let report = |problem: Option<&Standstill>| {
        let problem = problem.map(|problem| (problem.reason.clone(), problem.cause));
        reported.send(problem).unwrap();
    };
    let story = async {
        let refused = (NO_HISTORY.to_owned(), Cause::Refusal);
        assert_eq!(soon(reports.recv()).await, Some(Some(refused)));
        let still = once(&history, |reached| reached.problem.is_some()).await;
        assert_eq!(still.problem.as_deref(), Some(NO_HISTORY));
        assert_eq!(still.status.unwrap().read_at, None);
        // What was read before is served.
        assert!(still.store.is_ok());
        // It fails again and again, which is no news.
        let before = lab.ledger.faults().refusals;
        let fails_again = async {
            while lab.ledger.faults().refusals < before + 2 {
                sleep(Duration::from_millis(10)).await;
            }
        };
        soon(fails_again).await;
        lab.ledger.faults().has_no_history = false;
        assert_eq!(soon(reports.recv()).await, Some(None));
        let there = once(&history, |reached| reached.problem.is_none()).await;
        assert!(there.status.unwrap().read_at.is_some());
    };
    let site = Site::At(lab.location.clone());
    tokio::select! {
        () = history.keep(&lab.client, &site, lab.wake.clone(), report) => {}
        () = story => {}
    }
}

#[tokio::test]
async fn a_ledger_that_is_out_of_reach_is_left_to_who_reads_the_view() {
    let lab = Lab::new().await;
    lab.ledger.faults().is_away = true;
    let ingest = lab.ingest();
    let mut status = ingest.status();
    let story = async {
        let away = until(&mut status, |status| status.problem.is_some()).await;
        let problem = away.problem.unwrap();
        assert_eq!(problem.cause, Cause::Outage);
        assert!(!problem.is_lasting());
    };
    tokio::select! {
        () = ingest.run() => {}
        () = story => {}
    }
}

#[tokio::test]
async fn another_ledger_at_the_address_is_not_read() {
    let is_foreign = |status: &Status| {
        let problem = status.problem.as_ref();
        problem.is_some_and(|problem| problem.cause == Cause::OtherLedger)
    };
    for anchors_are_known in [true, false] {
        let lab = Lab::new().await;
        let sent = lab.ledger.report(2).await;
        let ingest = lab.ingest();
        let mut status = ingest.status();
        let story = async {
            until(&mut status, |status| status.position == 6).await;
            let other = Hash::new_from_array([7; 32]);
            lab.ledger.faults().genesis = Some(other);
            if !anchors_are_known {
                let first = lab.history().await[0].record.signature;
                lab.ledger.faults().pruned.extend(&sent);
                lab.ledger.faults().pruned.insert(first);
            }
            let away = until(&mut status, is_foreign).await;
            let stored = lab.store.identity().genesis;
            let problem = format!(
                "the history store is of the ledger with genesis {stored}, and at its address there is now one with genesis \
                 {other}; start the server anew"
            );
            assert_eq!(away.problem.unwrap().reason, problem);
            assert!(!away.is_ingesting);
            lab.ledger.report(3).await;
            lab.wake.notify_one();
            // It tries again, and appends nothing.
            for _ in 0..3 {
                status.changed().await.unwrap();
            }
            assert_eq!(lab.store.position().await.unwrap(), 6);
            lab.ledger.faults().genesis = None;
            let there = until(&mut status, |status| status.position == 9).await;
            assert_eq!(there.problem, None);
        };
        tokio::select! {
            () = ingest.run() => {}
            () = story => {}
        }
    }
}
