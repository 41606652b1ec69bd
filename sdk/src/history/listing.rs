//! Listing what is newer than a cursor.
//!
//! No list is taken for whole that does not prove it. It must lead back to a transaction that was read before: a node
//! that has none of these is behind, or has pruned them. And each page must begin with the last transaction of the
//! page before it, as one of several nodes behind a URL may not know where it is to go on.

use {
    super::{Cursor, HistoryError},
    crate::ledger::{Finality, Ledger, LedgerError, SignatureEntry, SignaturePage, MAX_PAGE_LEN},
    solana_program::pubkey::Pubkey,
    solana_sdk::signature::Signature,
    std::mem,
};

/// A list that is made page by page. What is listed stays when a page cannot be had, so that a long list is not begun
/// again.
pub(super) struct NewerList {
    address: Pubkey,
    finality: Finality,
    cursor: Cursor,
    /// Where the node is to end.
    until: Option<Signature>,
    /// Newest first.
    entries: Vec<SignatureEntry>,
}

impl NewerList {
    /// The transactions that name an address and are newer than a cursor, of which none is listed yet.
    pub fn new(address: Pubkey, finality: Finality, cursor: Cursor) -> Self {
        Self {
            address,
            finality,
            // The newest anchor is then in the list, which proves that the node has it.
            until: cursor.anchors.get(1).copied(),
            cursor,
            entries: vec![],
        }
    }

    /// Lists them back to the newest anchor that the node has, and returns them newest first. After a failure of the
    /// ledger the next call goes on; after any other, begin anew.
    pub async fn finish(
        &mut self,
        ledger: &dyn Ledger,
    ) -> Result<Vec<SignatureEntry>, HistoryError> {
        loop {
            match self.add_page(ledger).await {
                Ok(true) => return Ok(mem::take(&mut self.entries)),
                Ok(false) => {}
                // The node may have an older anchor.
                Err(HistoryError::CursorLost) if self.until.is_some() => {
                    self.until = None;
                    self.entries.clear();
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Adds a page. Returns whether the list is whole.
    async fn add_page(&mut self, ledger: &dyn Ledger) -> Result<bool, HistoryError> {
        // One of those that are known already is to come again.
        let before = self.entries.iter().nth_back(1).map(signature_of);
        let page = self.page(ledger, before).await?;
        let mut page = page.into_iter().peekable();
        let first = before.and_then(|_| page.next());
        let last = self.entries.last().map(signature_of);
        if before.is_some() && first.as_ref().map(signature_of) != last {
            return Err(HistoryError::NodesDisagree);
        }
        if page.peek().is_none() {
            return self.at_the_oldest();
        }
        for entry in page {
            if self.cursor.anchors.contains(&entry.signature) {
                return Ok(true);
            }
            self.entries.push(entry);
        }
        if self.entries.len() < 2 {
            return self.at_the_oldest();
        }
        Ok(false)
    }

    async fn page(
        &self,
        ledger: &dyn Ledger,
        before: Option<Signature>,
    ) -> Result<Vec<SignatureEntry>, HistoryError> {
        let page = SignaturePage {
            before,
            until: self.until,
            limit: MAX_PAGE_LEN,
            finality: self.finality,
            min_slot: self.cursor.slot,
        };
        match ledger.signatures(&self.address, &page).await {
            Err(LedgerError::UnknownAnchor { .. }) if self.until.is_some() => {
                Err(HistoryError::CursorLost)
            }
            Err(LedgerError::UnknownAnchor { .. }) => Err(HistoryError::NodesDisagree),
            page => Ok(page?),
        }
    }

    /// Whether the list is whole where the node has nothing older: from the beginning on it is.
    fn at_the_oldest(&self) -> Result<bool, HistoryError> {
        if self.cursor.anchors.is_empty() {
            Ok(true)
        } else {
            Err(HistoryError::CursorLost)
        }
    }
}

fn signature_of(entry: &SignatureEntry) -> Signature {
    entry.signature
}
