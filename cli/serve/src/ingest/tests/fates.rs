//! The fate of a transaction that nothing follows, so that no walk gets past it.

use {super::Lab, solana_sdk::signature::Signature};

/// A transaction that is confirmed and not final, and nothing follows it.
struct Last {
    lab: Lab,
    signature: Signature,
    slot: u64,
}

impl Last {
    async fn new() -> Self {
        let lab = Lab::new().await;
        lab.ledger.report(1).await;
        lab.ledger.faults().final_slot = Some(lab.ledger.last_slot().await);
        let signature = lab.ledger.report(1).await[0];
        let slot = lab.ledger.last_slot().await;
        lab.ledger.faults().slot = Some(slot);
        lab.catch_up().await;
        let last = Self {
            lab,
            signature,
            slot,
        };
        last.holds([(1, true), (2, true), (3, false)]).await;
        last
    }

    /// Lets the ledger be so many slots on, and finality as usual behind it.
    fn pass(&self, slots: u64) {
        let mut faults = self.lab.ledger.faults();
        faults.slot = Some(self.slot + slots);
        faults.final_slot = Some(self.slot + slots - 32);
    }

    async fn holds(&self, sequences: impl AsRef<[(u64, bool)]>) {
        assert_eq!(self.lab.sequences().await, sequences.as_ref());
    }
}

#[tokio::test]
async fn what_a_fork_dropped_is_retracted_long_after() {
    let last = Last::new().await;
    last.lab.ledger.faults().forked.insert(last.signature);
    last.pass(999);
    last.lab.catch_up().await;
    last.holds([(1, true), (2, true), (3, false)]).await;
    last.pass(1_000);
    last.lab.catch_up().await;
    last.holds([(1, true), (2, true)]).await;
}

#[tokio::test]
async fn what_is_in_its_block_becomes_final_though_no_list_has_it() {
    let last = Last::new().await;
    last.lab.ledger.faults().unlisted.insert(last.signature);
    last.pass(1_000);
    last.lab.catch_up().await;
    last.holds([(1, true), (2, true), (3, true)]).await;
}

#[tokio::test]
async fn a_node_that_began_after_it_retracts_nothing() {
    let last = Last::new().await;
    let sent = last.lab.history().await;
    {
        let mut faults = last.lab.ledger.faults();
        faults
            .pruned
            .extend(sent.iter().map(|entry| entry.record.signature));
        faults.first_block = last.slot + 4_000;
    }
    last.pass(5_000);
    last.lab.catch_up().await;
    last.holds([(1, true), (2, true), (3, false)]).await;
    // One that has the blocks knows.
    last.lab.ledger.faults().first_block = 0;
    last.lab.catch_up().await;
    last.holds([(1, true), (2, true), (3, true)]).await;
}

#[tokio::test]
async fn nothing_is_retracted_while_finality_stands_still() {
    let last = Last::new().await;
    last.lab.ledger.faults().slot = Some(last.slot + 5_000);
    last.lab.catch_up().await;
    last.holds([(1, true), (2, true), (3, false)]).await;
    last.pass(5_100);
    last.lab.catch_up().await;
    last.holds([(1, true), (2, true), (3, true)]).await;
}
