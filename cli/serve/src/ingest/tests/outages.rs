//! Outages of the ledger and of the store, and an ingest that takes over from another.

use {
    super::{finals, until, Lab},
    crate::{
        ingest::Ingest,
        store::tests::{frozen::StandStill, postgres::Databases, Home},
    },
    ebb_postgresql::Server,
    ebb_sdk::ledger::Finality,
};

#[tokio::test]
async fn an_outage_is_waited_for() {
    let lab = Lab::new().await;
    lab.ledger.report(2).await;
    lab.ledger.faults().is_away = true;
    let ingest = lab.ingest();
    let mut status = ingest.status();
    let story = async {
        let away = until(&mut status, |status| status.problem.is_some()).await;
        let problem = "cannot reach http://node: connection refused";
        assert_eq!(away.problem.unwrap().reason, problem);
        assert_eq!((away.position, away.confirmed_slot), (0, None));
        // Nobody has looked yet.
        assert_eq!((away.gaps, away.lost_ranges), (None, None));
        lab.ledger.faults().is_away = false;
        let there = until(&mut status, |status| status.position == 6).await;
        assert_eq!(there.problem, None);
        lab.ledger.report(3).await;
        lab.wake.notify_one();
        until(&mut status, |status| status.position == 9).await;
    };
    tokio::select! {
        () = ingest.run() => {}
        () = story => {}
    }
    assert_eq!(lab.sequences().await, finals(1..=6));
}

/// Two ingests of one store: one reads, the other takes over.
async fn take_over(lab: &Lab) {
    lab.ledger.report(2).await;
    let (first, second) = (lab.ingest(), lab.ingest());
    let (mut of_first, mut of_second) = (first.status(), second.status());
    let run = async |ingest: Ingest| ingest.run().await;
    let first = tokio::spawn(run(first));
    until(&mut of_first, |status| status.position == 6).await;
    let second = tokio::spawn(run(second));
    let waiting = until(&mut of_second, |status| status.position == 6).await;
    assert!(!waiting.is_ingesting);
    first.abort();
    lab.ledger.report(2).await;
    let reading = until(&mut of_second, |status| status.position == 8).await;
    assert!(reading.is_ingesting);
    second.abort();
    assert_eq!(lab.sequences().await, finals(1..=5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_ingest_takes_over() {
    take_over(&Lab::new().await).await;
}

#[test]
fn a_second_ingest_takes_over_and_a_restart_is_waited_for_over_postgresql() {
    let Some(server) = Server::start() else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let place = |name| Databases::new(&server, name).location("a");
        let lab = Lab::over(place("taken"), tempfile::tempdir().unwrap()).await;
        take_over(&lab).await;

        let lab = Lab::over(place("restarted"), tempfile::tempdir().unwrap()).await;
        let ingest = lab.ingest();
        let mut status = ingest.status();
        let running = tokio::spawn(async move { ingest.run().await });
        until(&mut status, |status| status.position == 4).await;
        server.end();
        lab.ledger.report(3).await;
        lab.wake.notify_one();
        let away = until(&mut status, |status| status.problem.is_some()).await;
        assert!(away
            .problem
            .unwrap()
            .reason
            .starts_with("the history store is not available: "));
        server.begin();
        let there = until(&mut status, |status| status.position == 7).await;
        assert_eq!((there.problem, there.gaps), (None, Some(0)));
        running.abort();
        assert_eq!(lab.sequences().await, finals(1..=4));
        let finality = lab.store.cursor(Finality::Final).await.unwrap();
        assert_eq!(finality.map(|cursor| cursor.slot), there.final_slot);
    });
}

#[test]
fn a_server_that_stands_still_is_reported_and_waited_for() {
    let Some(server) = Server::start() else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let place = Databases::new(&server, "still").location("a");
        let lab = Lab::over(place, tempfile::tempdir().unwrap()).await;
        let ingest = lab.ingest();
        let mut status = ingest.status();
        let running = tokio::spawn(async move { ingest.run().await });
        until(&mut status, |status| status.position == 4).await;
        let still = StandStill::of(&server);
        lab.ledger.report(3).await;
        lab.wake.notify_one();
        let away = until(&mut status, |status| status.problem.is_some()).await;
        let problem = away.problem.unwrap();
        let expected = "the history store is not available: ";
        assert!(problem.reason.starts_with(expected), "{problem:?}");
        drop(still);
        let there = until(&mut status, |status| status.position == 7).await;
        assert_eq!((there.problem, there.gaps), (None, Some(0)));
        running.abort();
        assert_eq!(lab.sequences().await, finals(1..=4));
    });
}
