//! Holes are filled beside the ledger, which is followed meanwhile.

use {
    super::{finals, gate::Gate, until, Faulty, Lab},
    crate::ingest::filling::Filling,
    ebb_sdk::{pda, ID},
    std::{collections::BTreeSet, sync::Arc},
};

impl Lab {
    /// A ledger that does not list its first transaction, so that each of its four accounts has a hole.
    async fn with_holes() -> Self {
        let lab = Self::new().await;
        let first = lab.ledger.newest().await.signature;
        lab.ledger.faults().unlisted.insert(first);
        lab.ledger.report(2).await;
        lab
    }

    /// Lets no account be read before the gate says so.
    fn gate(&self) -> Arc<Gate> {
        let gate = Arc::new(Gate::default());
        self.ledger.faults().gate = Some(gate.clone());
        gate
    }
}

#[tokio::test]
async fn what_happens_while_holes_are_filled_is_published_before_they_are() {
    let lab = Lab::with_holes().await;
    let gate = lab.gate();
    let ingest = lab.ingest();
    let mut status = ingest.status();
    let story = async {
        until(&mut status, |status| status.gaps > Some(0)).await;
        for account in 1..=4 {
            gate.arrived(account).await;
            lab.ledger.report(1).await;
            let slot = Some(lab.ledger.last_slot().await);
            lab.wake.notify_one();
            let meanwhile = until(&mut status, |status| status.confirmed_slot == slot).await;
            assert!(meanwhile.gaps > Some(0), "{meanwhile:?}");
            gate.open();
        }
        until(&mut status, |status| status.gaps == Some(0)).await;
    };
    tokio::select! {
        () = ingest.run() => {}
        () = story => {}
    }
    assert_eq!(lab.sequences().await, finals(1..=7));
    // None was begun again.
    assert_eq!(gate.arrivals(), 4);
}

#[tokio::test]
async fn a_hole_is_lost_once_its_account_was_read_twice() {
    let lab = Lab::new().await;
    let sent = lab.ledger.report(3).await;
    lab.ledger.faults().pruned.insert(sent[1]);
    let gate = lab.gate();
    let ingest = lab.ingest();
    let mut status = ingest.status();
    let story = async {
        until(&mut status, |status| status.gaps == Some(1)).await;
        for reading in 1..=2 {
            gate.arrived(reading).await;
            // However many checks find it meanwhile.
            for _ in 0..10 {
                status.changed().await.unwrap();
            }
            let tried = status.borrow().clone();
            assert_eq!((tried.gaps, tried.lost_ranges), (Some(1), Some(0)));
            gate.open();
        }
        let tried = until(&mut status, |status| status.lost_ranges == Some(1)).await;
        assert_eq!(tried.gaps, Some(0));
    };
    tokio::select! {
        () = ingest.run() => {}
        () = story => {}
    }
}

#[tokio::test]
async fn what_a_new_store_lacks_is_lost_once_each_account_was_read_twice() {
    let lab = Lab::new().await;
    let first = lab.ledger.newest().await.signature;
    lab.ledger.faults().pruned.insert(first);
    lab.ledger.report(2).await;
    let gate = lab.gate();
    for _account in 0..4 {
        gate.open();
        gate.open();
    }
    let ingest = lab.ingest();
    let mut status = ingest.status();
    tokio::select! {
        () = ingest.run() => {}
        _ = until(&mut status, |status| status.lost_ranges == Some(4)) => {}
    }
    assert_eq!(lab.sequences().await, finals(2..=3));
}

#[tokio::test]
async fn an_account_that_cannot_be_read_keeps_no_other_from_it() {
    let accounts = [
        pda::registry(&ID).0,
        pda::contributor(&ID, "co01").0,
        pda::location(&ID, "ams").0,
        Faulty::device(),
    ];
    for refused in accounts {
        let lab = Lab::with_holes().await;
        lab.ledger.faults().refused = Some(refused);
        let ingest = lab.ingest();
        let mut status = ingest.status();
        let story = async {
            until(&mut status, |status| {
                let missing = status.missing.iter().flat_map(|missing| missing.iter());
                let accounts: BTreeSet<_> = missing.map(|(range, _)| range.address).collect();
                accounts == BTreeSet::from([refused])
            })
            .await;
            lab.ledger.faults().refused = None;
            until(&mut status, |status| status.gaps == Some(0)).await;
        };
        tokio::select! {
            () = ingest.run() => {}
            () = story => {}
        }
    }
}

#[tokio::test]
async fn what_was_tried_least_often_is_read_first_and_what_is_read_not_twice() {
    let lab = Lab::new().await;
    let (device, location) = (Faulty::device(), pda::location(&ID, "ams").0);
    for (tries, order) in [([1, 0], [location, device]), ([0, 1], [device, location])] {
        let mut filling = Filling::new(lab.client.clone());
        let queue = || [device, location].into_iter().zip(tries).collect();
        filling.set_queue(queue());
        let gate = lab.gate();
        tokio::select! {
            biased;
            _ = filling.next() => panic!("it is not let through"),
            () = gate.arrived(1) => {}
        }
        filling.set_queue(queue());
        gate.open();
        gate.open();
        for address in order {
            assert_eq!(filling.next().await.unwrap().address, address);
        }
        assert!(filling.is_done());
    }
}
