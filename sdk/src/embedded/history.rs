//! The journal as the history that clients read. Each transaction has a slot of its own, and none is ever dropped.

use {
    super::{
        journal::{self, JournalEntry},
        EmbeddedError, EmbeddedLedger,
    },
    crate::ledger::{
        Call, LedgerError, Receipt, SignatureEntry, SignaturePage, TransactionEntry, MAX_PAGE_LEN,
    },
    solana_program::pubkey::Pubkey,
    solana_sdk::signature::Signature,
    std::{
        collections::HashMap,
        sync::{MutexGuard, PoisonError},
    },
};

/// The journal as it was read last: it only grows, so that what is read again is what was appended.
#[derive(Default)]
pub(super) struct History {
    entries: Vec<JournalEntry>,
    /// Where in the file the last entry begins, in bytes, and where it ends.
    last: (u64, u64),
    /// The place of each transaction among the entries.
    places: HashMap<Signature, usize>,
}

impl History {
    fn push(&mut self, entry: JournalEntry) {
        self.places.insert(entry.signature, self.entries.len());
        self.entries.push(entry);
    }

    fn get(&self, signature: &Signature) -> Option<&JournalEntry> {
        self.entries.get(*self.places.get(signature)?)
    }

    /// Where the entries end that are older than a transaction, or the newest if none is named.
    fn end(&self, before: Option<&Signature>) -> Option<usize> {
        match before {
            Some(signature) => self.places.get(signature).copied(),
            None => Some(self.entries.len()),
        }
    }

    /// Where the entries begin that are newer than a transaction, or the oldest if none is named.
    fn start(&self, until: Option<&Signature>) -> Option<usize> {
        match until {
            Some(signature) => Some(self.places.get(signature)?.saturating_add(1)),
            None => Some(0),
        }
    }
}

impl EmbeddedLedger {
    /// See [`Ledger::signatures`](crate::ledger::Ledger::signatures).
    pub(super) fn journal_signatures(
        &self,
        address: &Pubkey,
        page: &SignaturePage,
    ) -> Result<Vec<SignatureEntry>, LedgerError> {
        let history = self.read_history()?;
        let (start, end) = (
            history.start(page.until.as_ref()),
            history.end(page.before.as_ref()),
        );
        let (Some(start), Some(end)) = (start, end) else {
            let url = format!("embedded:{}", self.dir().display());
            return Err(LedgerError::UnknownAnchor { url });
        };
        let entries = history.entries.get(start..end).unwrap_or_default();
        let of_address = entries.iter().rev().filter(|entry| {
            let keys = entry.message.static_account_keys();
            keys.contains(address)
        });
        let listed = of_address.take(page.limit.min(MAX_PAGE_LEN));
        Ok(listed.map(listed_entry).collect())
    }

    /// See [`Ledger::transaction`](crate::ledger::Ledger::transaction).
    pub(super) fn journal_transaction(
        &self,
        signature: &Signature,
    ) -> Result<Option<TransactionEntry>, EmbeddedError> {
        Ok(self.read_history()?.get(signature).map(transaction_entry))
    }

    /// The receipt of a transaction that was accepted before.
    pub(super) fn journal_receipt(
        &self,
        signature: &Signature,
    ) -> Result<Option<Receipt>, EmbeddedError> {
        let history = self.read_history()?;
        Ok(history.get(signature).cloned().map(Receipt::from))
    }

    /// The journal as it is now.
    fn read_history(&self) -> Result<MutexGuard<'_, History>, EmbeddedError> {
        let len = self.current()?.journal_len;
        let mut history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, end) = history.last;
        if end == len {
            return Ok(history);
        }
        // The last entry is read again: if it is another one, so is the ledger.
        let goes_on = match history.entries.last() {
            Some(known) if end < len => {
                let mut appended = journal::read_from(&self.folder, last, len)?;
                let is_same = appended.first().map(|(entry, _)| entry) == Some(known);
                is_same.then(|| appended.split_off(1))
            }
            _ => None,
        };
        let appended = match goes_on {
            Some(appended) => appended,
            None => {
                *history = History::default();
                journal::read_from(&self.folder, journal::EMPTY_LEN, len)?
            }
        };
        for (entry, start) in appended {
            history.last = (start, len);
            history.push(entry);
        }
        Ok(history)
    }
}

fn listed_entry(entry: &JournalEntry) -> SignatureEntry {
    SignatureEntry {
        signature: entry.signature,
        slot: entry.slot,
        time: Some(entry.time),
        failed: false,
        index: Some(0),
        is_final: true,
    }
}

fn transaction_entry(entry: &JournalEntry) -> TransactionEntry {
    TransactionEntry {
        signature: entry.signature,
        slot: entry.slot,
        index: Some(0),
        time: Some(entry.time),
        failed: false,
        calls: Call::of(&entry.message),
        logs: Some(entry.logs.clone()),
    }
}
