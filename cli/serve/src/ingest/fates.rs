//! Whether transactions of which the walk of what is final says nothing are final or dropped.

use {
    super::IngestError,
    crate::store::{Fate, Store, Writer},
    ebb_sdk::{
        client::Client,
        history::HistoryError,
        ledger::{BlockEntry, Ledger, LedgerError},
    },
    solana_sdk::signature::Signature,
    std::{cmp::Ordering, collections::BTreeMap, ops::RangeInclusive},
};

/// A confirmed transaction is final, or was dropped, after so many slots: some seven minutes.
const FINAL_AFTER: u64 = 1_000;
/// Of older ones most nodes have pruned what it would take to say so.
const KNOWN_FOR: u64 = 10_000;

/// Notes what became of transactions that should be final by now: where a fork dropped one and nothing followed it, the walk
/// at finalized never gets there.
pub async fn resolve(
    client: &Client,
    store: &Store,
    writer: &mut Writer,
) -> Result<(), IngestError> {
    let slots = resolvable(client.ledger()).await;
    let unresolved = store.unresolved(slots.map_err(HistoryError::from)?).await?;
    let fates = fates(client.ledger(), unresolved).await;
    let fates = fates.map_err(HistoryError::from)?;
    if !fates.is_empty() {
        writer.resolve(&fates).await?;
    }
    Ok(())
}

/// The slots whose transactions should be final by now. While finality stands still, none of them says that it does.
async fn resolvable(ledger: &dyn Ledger) -> Result<RangeInclusive<u64>, LedgerError> {
    let slot = ledger.now().await?.slot;
    let final_slot = ledger.final_slot().await?;
    let newest = slot.saturating_sub(FINAL_AFTER).min(final_slot);
    Ok(slot.saturating_sub(KNOWN_FOR)..=newest)
}

/// The fates of transactions, by their slots, as far as final blocks prove them.
async fn fates(
    ledger: &dyn Ledger,
    unresolved: BTreeMap<u64, Vec<Signature>>,
) -> Result<Vec<(Signature, Fate)>, LedgerError> {
    let mut fates = vec![];
    let mut block: Option<BlockEntry> = None;
    for (slot, signatures) in unresolved {
        // One block says something of its own slot and of all that the chain skipped before it.
        if block.as_ref().is_none_or(|block| block.slot < slot) {
            block = ledger.block_from(slot).await?;
        }
        let Some(block) = &block else { break };
        let known = signatures.into_iter().filter_map(|signature| {
            let fate = fate(&signature, slot, block)?;
            Some((signature, fate))
        });
        fates.extend(known);
    }
    Ok(fates)
}

/// What became of a transaction of a slot, by a block in that slot or after it. That a node does not have the transaction says
/// nothing, as it may have pruned it: only a block in its place does.
fn fate(signature: &Signature, slot: u64, block: &BlockEntry) -> Option<Fate> {
    match block.slot.cmp(&slot) {
        Ordering::Equal if block.signatures.contains(signature) => Some(Fate::Final),
        Ordering::Equal => Some(Fate::Dropped),
        Ordering::Greater => (block.parent < slot).then_some(Fate::Dropped),
        Ordering::Less => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_decides_only_of_the_slots_that_it_stands_for() {
        let [there, absent] = [[1; 64], [2; 64]].map(Signature::from);
        let block = BlockEntry {
            slot: 70,
            parent: 67,
            signatures: vec![there],
        };
        let fate_of = |signature, slot| fate(signature, slot, &block);
        assert_eq!(fate_of(&there, 70), Some(Fate::Final));
        assert_eq!(fate_of(&absent, 70), Some(Fate::Dropped));
        // The chain has no block in these.
        assert_eq!(fate_of(&absent, 69), Some(Fate::Dropped));
        assert_eq!(fate_of(&absent, 68), Some(Fate::Dropped));
        // It has one in this, which the node does not have.
        assert_eq!(fate_of(&absent, 67), None);
        // No answer to what was asked.
        assert_eq!(fate_of(&absent, 71), None);
    }
}
