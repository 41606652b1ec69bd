mod device;
mod gaps;
mod node;

use {
    super::*,
    crate::{client::Client, event::EventKind, ledger::Finality, Role, ID},
    node::{creation, device, event, reports, signature, transaction, Node},
    solana_program::pubkey::Pubkey,
    std::sync::Arc,
};

fn client(node: &Node) -> Client {
    Client::new(Arc::new(node.clone()), ID)
}

/// Reads on until there is nothing new.
async fn all(walk: &mut Walk) -> Result<Vec<Batch>, HistoryError> {
    let mut batches = vec![];
    loop {
        let batch = walk.next_batch().await?;
        let is_last = batch.is_caught_up;
        batches.push(batch);
        if is_last {
            return Ok(batches);
        }
    }
}

/// The sequences of all that is new, and the cursor behind it.
async fn sequences(node: &Node, cursor: Cursor) -> Result<(Vec<u64>, Cursor), HistoryError> {
    let mut walk = Walk::new(client(node), cursor);
    let batches = all(&mut walk).await?;
    let records = batches.iter().flat_map(|batch| &batch.records);
    let sequences = records.map(|record| record.event.sequence).collect();
    Ok((sequences, walk.cursor().clone()))
}

fn numbers(range: std::ops::RangeInclusive<u64>) -> Vec<u64> {
    range.collect()
}

#[tokio::test]
async fn everything_is_read_once_and_oldest_first() {
    let node = Node::of(reports(1..=2_500));
    let (read, cursor) = sequences(&node, Cursor::default()).await.unwrap();
    assert_eq!(read, numbers(1..=2_500));
    assert_eq!(cursor.slot, 2_500);
    let anchors: Vec<_> = (2_493..=2_500).rev().map(signature).collect();
    assert_eq!(cursor.anchors, anchors);
    // Each page begins with the last of the page before, and the last page with nothing else.
    let befores = node.change(|known| {
        let pages = known.pages.drain(..).map(|page| page.before);
        pages.collect::<Vec<_>>()
    });
    let numbered = |number| Some(signature(number));
    assert_eq!(befores, [None, numbered(1_502), numbered(503), numbered(2)]);

    // From the cursor's text on there is what has come since, and it is not asked for what came before.
    let cursor: Cursor = cursor.to_string().parse().unwrap();
    node.change(|known| {
        known.transactions.extend(reports(2_501..=2_503));
        known.asked.clear();
    });
    let (read, cursor) = sequences(&node, cursor).await.unwrap();
    assert_eq!(read, numbers(2_501..=2_503));
    node.change(|known| {
        assert_eq!(known.asked, [2_501, 2_502, 2_503].map(signature));
        assert_eq!(known.pages.len(), 1);
        assert_eq!(known.pages[0].until, Some(signature(2_499)));
        assert_eq!(known.pages[0].min_slot, 2_500);
    });
    let (read, same) = sequences(&node, cursor.clone()).await.unwrap();
    assert_eq!((read, same), (vec![], cursor));
}

#[tokio::test]
async fn a_list_that_an_outage_cut_is_gone_on_with() {
    let node = Node::of(reports(1..=2_500));
    node.change(|known| known.before_page = Some(|known| known.is_away = known.pages.len() == 3));
    let mut walk = Walk::new(client(&node), Cursor::default());
    let failed = walk.next_batch().await;
    assert!(matches!(failed, Err(HistoryError::Ledger(_))), "{failed:?}");
    // What comes meanwhile is newer than the list, and is read after it.
    node.change(|known| known.transactions.extend(reports(2_501..=2_501)));
    let mut read = all(&mut walk).await.unwrap();
    read.extend(all(&mut walk).await.unwrap());
    let records = read.iter().flat_map(|batch| &batch.records);
    let sequences: Vec<_> = records.map(|record| record.event.sequence).collect();
    assert_eq!(sequences, numbers(1..=2_501));
    let befores = node.change(|known| {
        let pages = known.pages.drain(..6).map(|page| page.before);
        pages.collect::<Vec<_>>()
    });
    let numbered = |number| Some(signature(number));
    let third = numbered(503);
    let expected = [None, numbered(1_502), third, third, numbered(2), None];
    assert_eq!(befores, expected);
}

#[tokio::test]
async fn a_batch_ends_with_a_slot() {
    let many = (1..=450).map(|number| {
        let slot = if number <= 330 { 9 } else { 10 };
        transaction(number, slot, &[event(EventKind::AgentSet, number, slot)])
    });
    let node = Node::of(many);
    let mut walk = Walk::new(client(&node), Cursor::default());
    let batches = all(&mut walk).await.unwrap();
    let lens: Vec<_> = batches.iter().map(|batch| batch.records.len()).collect();
    assert_eq!(lens, [330, 120]);
    let cursor = |slot, anchors: &[u64]| Cursor {
        slot,
        anchors: anchors.iter().copied().map(signature).collect(),
    };
    assert_eq!(batches[0].cursor, cursor(9, &[330]));
    assert_eq!(batches[1].cursor, cursor(10, &[450, 330]));
}

#[tokio::test]
async fn a_node_that_is_behind_takes_nothing_back() {
    for is_old in [false, true] {
        let node = Node::of(reports(1..=5));
        node.change(|known| known.is_old = is_old);
        let (_, cursor) = sequences(&node, Cursor::default()).await.unwrap();
        node.change(|known| {
            known.transactions.extend(reports(6..=7));
            known.lags = 4;
        });
        let (read, same) = sequences(&node, cursor.clone()).await.unwrap();
        assert_eq!((read, &same), (vec![], &cursor));
        node.change(|known| known.lags = 0);
        let (read, _) = sequences(&node, same).await.unwrap();
        assert_eq!(read, [6, 7]);
    }
}

#[tokio::test]
async fn a_place_that_was_pruned_is_an_error_whatever_the_node_answers() {
    for is_old in [false, true] {
        for read_before in [1, 4] {
            let node = Node::of(reports(1..=read_before));
            node.change(|known| known.is_old = is_old);
            let (_, cursor) = sequences(&node, Cursor::default()).await.unwrap();
            node.change(|known| {
                known.transactions.extend(reports(5..=20));
                known.pruned = 10;
            });
            let lost = sequences(&node, cursor).await;
            assert!(matches!(lost, Err(HistoryError::CursorLost)), "{lost:?}");
        }
    }
    // So is a cursor of another ledger.
    let foreign = Cursor {
        slot: 3,
        anchors: vec![signature(99), signature(98)],
    };
    let lost = sequences(&Node::of(reports(1..=5)), foreign).await;
    assert!(matches!(lost, Err(HistoryError::CursorLost)), "{lost:?}");
}

#[tokio::test]
async fn what_a_fork_took_away_is_gone_on_from_before_it() {
    for is_old in [false, true] {
        let node = Node::of(reports(1..=5));
        node.change(|known| known.is_old = is_old);
        let (_, cursor) = sequences(&node, Cursor::default()).await.unwrap();
        // In place of the fifth and the fourth there are others.
        node.change(|known| {
            known.transactions.truncate(3);
            let again = (4..=6).map(|sequence| {
                let slot = sequence + 1;
                transaction(
                    sequence + 100,
                    slot,
                    &[event(EventKind::AgentSet, sequence, slot)],
                )
            });
            known.transactions.extend(again);
        });
        let (read, cursor) = sequences(&node, cursor).await.unwrap();
        assert_eq!(read, [4, 5, 6]);
        assert_eq!(cursor.anchors[..2], [signature(106), signature(105)]);
    }
}

#[tokio::test]
async fn pages_of_nodes_that_disagree_are_not_put_together() {
    for is_old in [false, true] {
        let node = Node::of(reports(1..=1_500));
        node.change(|known| {
            known.is_old = is_old;
            // The first page is of another node than the second, which lacks most of it.
            known.before_page = Some(|known| known.lags = (known.pages.len() - 1) * 1_200);
        });
        let read = sequences(&node, Cursor::default()).await;
        assert!(matches!(read, Err(HistoryError::NodesDisagree)), "{read:?}");
    }
}

#[tokio::test]
async fn what_failed_changed_nothing() {
    let mut failed = transaction(2, 2, &[event(EventKind::AgentSet, 2, 2)]);
    failed.failed = true;
    let node = Node::of(reports(1..=1).chain([failed]).chain(reports(3..=3)));
    let (read, cursor) = sequences(&node, Cursor::default()).await.unwrap();
    assert_eq!((read, cursor.slot), (vec![1, 3], 3));
    node.change(|known| assert_eq!(known.asked, [1, 3].map(signature)));
}

#[tokio::test]
async fn a_transaction_that_is_not_there_is_waited_for_and_then_named() {
    let node = Node::of(reports(1..=4));
    node.change(|known| known.missing.insert(signature(3)));
    let mut walk = Walk::new(client(&node), Cursor::default());
    // The walk stops in front of it three times.
    let batches = all(&mut walk).await.unwrap();
    let lens: Vec<_> = batches.iter().map(|batch| batch.records.len()).collect();
    assert_eq!(lens, [2, 0, 0, 1]);
    assert_eq!(batches[2].cursor.slot, 2);
    let missing = Undecodable {
        signature: signature(3),
        slot: 3,
        reason: Unread::Missing,
    };
    assert_eq!(batches[3].failures, [missing]);
    assert_eq!(
        missing.to_string(),
        format!(
            "transaction {} in slot 3: the node no longer has it",
            signature(3)
        )
    );

    // Once it is there, it is read.
    let mut walk = Walk::new(client(&node), Cursor::default());
    assert!(!walk.next_batch().await.unwrap().is_caught_up);
    node.change(|known| known.missing.clear());
    let batch = walk.next_batch().await.unwrap();
    assert_eq!((batch.records.len(), batch.failures), (2, vec![]));
    assert_eq!(batch.cursor.slot, 4);
}

#[tokio::test]
async fn logs_that_are_cut_absent_or_not_understood_are_named() {
    let with = |number, change: fn(&mut Vec<String>)| {
        let mut it = transaction(
            number,
            number,
            &[event(EventKind::AgentSet, number, number)],
        );
        change(it.logs.as_mut().unwrap());
        it
    };
    let cut = |logs: &mut Vec<String>| {
        logs.truncate(2);
        logs.push("Log truncated".into());
    };
    let mut without = with(2, |_| {});
    without.logs = None;
    let newer = with(3, |logs| logs[1] = "Program data: AAI=".into());
    // Anybody can name the program in a transaction that does not call it.
    let mut foreign = with(4, cut);
    foreign.calls[0].program_id = Pubkey::default();
    foreign.logs.as_mut().unwrap()[0] =
        "Program 11111111111111111111111111111111 invoke [1]".into();
    let node = Node::of([with(1, cut), without, newer, foreign]);
    let mut walk = Walk::new(client(&node), Cursor::default());
    let batch = walk.next_batch().await.unwrap();
    let known: Vec<_> = batch.records.iter().map(|it| it.event.sequence).collect();
    assert_eq!(known, [1]);
    let truncated = Truncated {
        signature: signature(1),
        slot: 1,
    };
    assert_eq!(batch.truncated, [truncated]);
    let reasons: Vec<_> = batch
        .failures
        .iter()
        .map(|it| (it.slot, it.reason))
        .collect();
    let newer = Unread::Event(crate::EbbError::UnsupportedVersion);
    assert_eq!(reasons, [(2, Unread::NoLogs), (3, newer)]);
}

#[tokio::test]
async fn codes_are_those_of_the_instructions_wherever_they_were_called() {
    let created = |number, code: &str| {
        let mut created = transaction(
            number,
            number,
            &[event(EventKind::DeviceCreated, 1, number)],
        );
        created.calls.push(creation(code));
        created
    };
    let code = |node: Node| async move {
        let mut walk = Walk::new(client(&node), Cursor::default());
        let batch = walk.next_batch().await.unwrap();
        let codes = batch.records.into_iter().map(|record| record.code);
        codes.collect::<Vec<_>>()
    };
    let here = Some("ams-dz001".to_owned());
    // It is known from then on.
    let node = Node::of([created(1, "ams-dz001")].into_iter().chain(reports(2..=2)));
    assert_eq!(code(node).await, [here.clone(), here.clone()]);
    // Another device's code is not this one's, and another program's call is nobody's.
    assert_eq!(code(Node::of([created(1, "ams-dz002")])).await, [None]);
    let mut foreign = created(1, "ams-dz001");
    foreign.calls[1].program_id = Pubkey::default();
    assert_eq!(code(Node::of([foreign])).await, [None]);
    // Whoever knows it says so.
    let node = Node::of(reports(1..=1));
    let mut walk = Walk::new(client(&node), Cursor::default()).knows(device(), "ams-dz001");
    let batch = walk.next_batch().await.unwrap();
    assert_eq!(batch.records[0].code, here);
}

#[tokio::test]
async fn a_record_says_where_the_ledger_has_it() {
    let (first, second) = (
        event(EventKind::AgentSet, 1, 8),
        event(EventKind::AgentSet, 2, 8),
    );
    let node = Node::of([transaction(5, 8, &[first, second])]);
    for finality in [Finality::Confirmed, Finality::Final] {
        let mut walk = Walk::new(client(&node), Cursor::default()).finality(finality);
        let batch = walk.next_batch().await.unwrap();
        let record = |place, event| Record {
            event,
            code: None,
            signature: signature(5),
            index: Some(0),
            place,
            is_final: finality == Finality::Final,
        };
        assert_eq!(batch.records, [record(0, first), record(1, second)]);
        assert_eq!(batch.records[0].event.role, Role::Agent);
    }
}
