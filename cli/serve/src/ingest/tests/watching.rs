//! A server that does not write, beside one that does or hangs.

use {
    super::{faulty::NO_HISTORY, finals, until, Lab},
    crate::ingest::{Cause, Ingest, IngestOptions},
    solana_sdk::hash::Hash,
    std::{sync::Arc, time::Duration},
};

#[tokio::test]
async fn who_does_not_write_compares_what_the_writer_has_read_and_what_it_has_not() {
    let lab = Lab::new().await;
    lab.ledger.report(2).await;
    // Another one has the lock, and reads nothing.
    let mut writer = lab.store.try_writer().await.unwrap().unwrap();
    let options = IngestOptions {
        interval: Duration::from_millis(20),
        check_interval: Duration::from_secs(1),
        ..IngestOptions::default()
    };
    let (client, store) = (lab.client.clone(), lab.store.clone());
    let watching = Ingest::new(client, store, Arc::default(), options);
    let mut status = watching.status();
    let story = async {
        status.changed().await.unwrap();
        let first = status.borrow_and_update().clone();
        // Nothing was compared, so nothing is known.
        assert_eq!(
            (first.missing, first.gaps, first.read_at),
            (None, None, None)
        );
        let compared = until(&mut status, |status| status.missing.is_some()).await;
        // The registry, the contributor, the location and the device.
        assert_eq!((compared.gaps, compared.read_at), (Some(4), None));
        assert_eq!(compared.problem, None);

        lab.ingest().catch_up(&mut writer).await.unwrap();
        let read = until(&mut status, |status| status.read_at.is_some()).await;
        assert_eq!((read.gaps, read.lost_ranges), (Some(0), Some(0)));
        assert!(!read.is_ingesting);
        assert_eq!(lab.sequences().await, finals(1..=3));
    };
    tokio::select! {
        () = watching.run() => {}
        () = story => {}
    }
}

#[tokio::test]
async fn who_does_not_write_reports_a_ledger_that_refuses_the_history() {
    let lab = Lab::new().await;
    let mut writer = lab.store.try_writer().await.unwrap().unwrap();
    lab.ingest().catch_up(&mut writer).await.unwrap();
    lab.ledger.faults().has_no_history = true;
    let watching = lab.ingest();
    let mut status = watching.status();
    let story = async {
        let refused = until(&mut status, |status| status.problem.is_some()).await;
        let problem = refused.problem.unwrap();
        assert_eq!(
            (problem.reason.as_str(), problem.cause),
            (NO_HISTORY, Cause::Refusal)
        );
        // What the writer has read is published all the same.
        assert_eq!((refused.position, refused.missing), (4, None));
        lab.ledger.faults().has_no_history = false;
        let there = until(&mut status, |status| status.missing.is_some()).await;
        assert_eq!((there.problem, there.gaps), (None, Some(0)));
    };
    tokio::select! {
        () = watching.run() => {}
        () = story => {}
    }
}

#[tokio::test]
async fn who_does_not_write_reports_another_ledger_for_as_long_as_it_is_there() {
    let lab = Lab::new().await;
    let mut writer = lab.store.try_writer().await.unwrap().unwrap();
    lab.ingest().catch_up(&mut writer).await.unwrap();
    lab.ledger.faults().genesis = Some(Hash::new_from_array([7; 32]));
    let watching = lab.ingest();
    let mut status = watching.status();
    let story = async {
        until(&mut status, |status| status.problem.is_some()).await;
        for _ in 0..3 {
            status.changed().await.unwrap();
            let problem = status.borrow_and_update().problem.clone();
            assert_eq!(problem.unwrap().cause, Cause::OtherLedger);
        }
    };
    tokio::select! {
        () = watching.run() => {}
        () = story => {}
    }
}
