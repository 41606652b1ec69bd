//! How holes of one device are closed, and those that cannot be.

use {
    super::{
        client,
        node::{device, event, signature, transaction, Node},
    },
    crate::{
        event::EventKind,
        history::{DeviceHistory, Gap, HistoryError, Record},
    },
};

/// A life of four events, the last of which is the removal.
fn life() -> Node {
    let kinds = [
        EventKind::DeviceCreated,
        EventKind::DeviceActivated,
        EventKind::HealthReported,
        EventKind::DeviceRemoved,
    ];
    let events = (1..).zip(kinds);
    Node::of(
        events.map(|(number, kind)| transaction(number, number, &[event(kind, number, number)])),
    )
}

fn sequences(records: &[Record]) -> Vec<u64> {
    records.iter().map(|it| it.event.sequence).collect()
}

fn history(node: &Node) -> DeviceHistory {
    DeviceHistory::new(client(node), device(), Some("ams-dz001"))
}

#[tokio::test(start_paused = true)]
async fn a_hole_is_closed_once_the_node_has_what_belongs_there() {
    let node = life();
    node.change(|known| {
        known.missing.insert(signature(2));
        // The walk went past it by then.
        known.before_page = Some(|known| {
            if known.pages.len() == 3 {
                known.missing.clear();
            }
        });
    });
    let mut history = history(&node);
    let records = history.read().await.unwrap();
    assert_eq!(sequences(&records), [1, 2, 3, 4]);
    assert_eq!((history.gaps().len(), history.failures().len()), (0, 0));
    assert_eq!(sequences(&history.registrations()[0].records), [1, 2, 3, 4]);
    assert_eq!(records[1].code.as_deref(), Some("ams-dz001"));
    assert_eq!(history.read().await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn a_hole_that_cannot_be_closed_is_not_tried_again() {
    let node = life();
    node.change(|known| known.missing.insert(signature(2)));
    let mut history = history(&node);
    assert_eq!(sequences(&history.read().await.unwrap()), [1, 3, 4]);
    let gap = Gap {
        subject: device(),
        registration: 1,
        from: 2,
        to: Some(2),
    };
    assert_eq!(history.gaps(), [gap]);
    assert_eq!(history.failures().len(), 1);
    assert_eq!(history.failures()[0].signature, signature(2));
    let pages = node.change(|known| known.pages.len());
    assert_eq!(history.read().await.unwrap(), []);
    assert_eq!(node.change(|known| known.pages.len()), pages + 1);
    assert_eq!(history.gaps(), [gap]);
}

#[tokio::test(start_paused = true)]
async fn a_place_that_was_pruned_meanwhile_is_read_from_the_oldest_on() {
    let node = life();
    let mut history = history(&node);
    assert_eq!(history.read().await.unwrap().len(), 4);
    node.change(|known| {
        let again = event(EventKind::DeviceCreated, 1, 9);
        known.transactions.push(transaction(9, 9, &[again]));
        let removed = event(EventKind::DeviceRemoved, 2, 10);
        known.transactions.push(transaction(10, 10, &[removed]));
        known.pruned = 4;
    });
    assert_eq!(sequences(&history.read().await.unwrap()), [1, 2]);
    let registrations = history.registrations();
    let lens: Vec<_> = registrations.iter().map(|it| it.records.len()).collect();
    assert_eq!(lens, [4, 2]);
    assert_eq!(history.gaps(), []);
}

#[tokio::test(start_paused = true)]
async fn nodes_that_disagree_are_asked_again() {
    let node = life();
    // The second page is of a node that lacks what the first listed, until the third time.
    node.change(|known| {
        known.before_page = Some(|known| {
            let is_second = known.pages.len() % 2 == 0;
            known.lags = if is_second && known.pages.len() < 6 {
                3
            } else {
                0
            };
        });
    });
    assert_eq!(history(&node).read().await.unwrap().len(), 4);

    node.change(|known| {
        known.pages.clear();
        known.before_page = Some(|known| known.lags = 3 * ((known.pages.len() + 1) % 2));
    });
    let read = history(&node).read().await;
    assert!(matches!(read, Err(HistoryError::NodesDisagree)), "{read:?}");
}
