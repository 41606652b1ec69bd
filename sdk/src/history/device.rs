//! The history of one device, whether it is there or not.

use {
    super::{
        registrations, verify, Cursor, Gap, HistoryError, Record, Registration, Tip, Truncated,
        Undecodable, Unread, Walk,
    },
    crate::{
        client::Client,
        error::EbbError,
        ledger::{Finality, LedgerError},
    },
    solana_program::pubkey::Pubkey,
    std::{mem, time::Duration},
    tokio::time::sleep,
};

/// How often a history with holes is read again: a node writes down a transaction a moment after it took effect.
const REPAIRS: u32 = 4;
/// How long between two times.
const PAUSE: Duration = Duration::from_millis(500);

/// All registrations of one device, read from the transactions that name its address.
pub struct DeviceHistory {
    client: Client,
    address: Pubkey,
    walk: Walk,
    /// Oldest first.
    records: Vec<Record>,
    /// Those that no call has returned yet.
    unreported: Vec<Record>,
    failures: Vec<Undecodable>,
    truncated: Vec<Truncated>,
    gaps: Vec<Gap>,
}

impl DeviceHistory {
    /// The history of the device at an address, of which nothing is read yet; `code` is its code, if that is known.
    pub fn new(client: Client, address: Pubkey, code: Option<&str>) -> Self {
        let mut walk = Walk::of_account(client.clone(), address, Cursor::default()).remembering();
        if let Some(code) = code {
            walk = walk.knows(address, code);
        }
        Self {
            client,
            address,
            walk,
            records: vec![],
            unreported: vec![],
            failures: vec![],
            truncated: vec![],
            gaps: vec![],
        }
    }

    /// Reads only what is so sure. By default what is confirmed.
    pub fn finality(self, finality: Finality) -> Self {
        let walk = self.walk.finality(finality);
        Self { walk, ..self }
    }

    /// Reads what is new, tries for a while to close holes, and returns the new records, oldest first. What closes a
    /// hole is among them.
    ///
    /// # Errors
    /// All of [`HistoryError`] but [`HistoryError::CursorLost`]. The next call goes on from there, and returns what was
    /// read until then too.
    pub async fn read(&mut self) -> Result<Vec<Record>, HistoryError> {
        let known = self.gaps.clone();
        for repair in 0..=REPAIRS {
            if repair > 0 {
                sleep(PAUSE).await;
                self.begin_again();
            }
            // What happens between the two is no hole.
            let head = self.head().await?;
            match self.read_on().await {
                Err(HistoryError::NodesDisagree) if repair < REPAIRS => continue,
                read => read?,
            }
            self.gaps = verify(self.records.iter().cloned(), head.as_slice());
            // What could not be closed before is not tried again.
            if self.gaps.iter().all(|gap| known.contains(gap)) {
                break;
            }
        }
        Ok(self.take_unreported())
    }

    /// Its registrations, the oldest first; none where there is no record of it.
    pub fn registrations(&self) -> Vec<Registration> {
        registrations(self.records.iter().cloned())
    }

    /// The holes that could not be closed.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// Transactions whose events cannot be read.
    pub fn failures(&self) -> &[Undecodable] {
        &self.failures
    }

    /// Transactions whose logs were cut.
    pub fn truncated(&self) -> &[Truncated] {
        &self.truncated
    }

    /// How far the account is, if it is there. What else is at its address is no device.
    async fn head(&self) -> Result<Option<Tip>, HistoryError> {
        match self.client.device(&self.address).await {
            Err(LedgerError::Account {
                error: EbbError::WrongOwner | EbbError::WrongAccountType,
                ..
            }) => Ok(None),
            found => Ok(found?.as_ref().map(Tip::from)),
        }
    }

    async fn read_on(&mut self) -> Result<(), HistoryError> {
        loop {
            let batch = match self.walk.next_batch().await {
                // Those that were read are left out.
                Err(HistoryError::CursorLost) => {
                    self.begin_again();
                    continue;
                }
                batch => batch?,
            };
            self.unreported.extend(batch.records.iter().cloned());
            self.records.extend(batch.records);
            self.failures.extend(batch.failures);
            self.truncated.extend(batch.truncated);
            if batch.is_caught_up {
                break;
            }
        }
        sort(&mut self.records);
        Ok(())
    }

    /// From the oldest transaction on, without those that were read.
    fn begin_again(&mut self) {
        self.failures.retain(|it| it.reason != Unread::Missing);
        self.walk.begin_again();
    }

    fn take_unreported(&mut self) -> Vec<Record> {
        let mut records = mem::take(&mut self.unreported);
        sort(&mut records);
        records
    }
}

/// Puts records in the order in which they happened. Those of one transaction are in their order already, and so are
/// transactions of one slot where no node says it.
fn sort(records: &mut [Record]) {
    records.sort_by_key(|record| (record.event.slot, record.index));
}
