//! Transactions that are sent at the same time, and written at once.
//!
//! A write takes three syncs of the disk and the bytes of every account, however few of them changed. So a transaction
//! runs in memory, on the state that those before it led to, which it leaves as it is if it fails, and then lets the other futures of its task run: those that
//! send join its group. The first that is polled again writes the whole group under the folder's lock, and each
//! transaction is answered after that.
//!
//! Nothing is locked until then, so a future that is not polled keeps nobody waiting. If the state on the disk is no
//! longer the one that the group ran on, the group is dropped, and each of its transactions runs anew by itself, under
//! the lock. A group is dropped too when all its futures were, and its transactions then never ran.

use {
    super::{
        journal::{self, JournalEntry},
        machine::Machine,
        snapshot::{Snapshot, Stamp},
        EmbeddedError, EmbeddedLedger,
    },
    crate::ledger::{LedgerError, Receipt},
    std::{
        future::poll_fn,
        mem, slice,
        sync::{Arc, MutexGuard, OnceLock},
        task::Poll,
    },
};

/// Whether a group was written; nothing while it is open, and for good once it is dropped.
type Written = OnceLock<Result<(), Arc<EmbeddedError>>>;

/// What a ledger's object sends.
#[derive(Default)]
pub(super) struct Outbox {
    /// The group that the next transaction joins.
    open: Option<Group>,
    /// Whether anything was sent before.
    is_in_use: bool,
}

/// Transactions that ran one after another and are not written yet.
struct Group {
    /// The state on the disk that the first of them ran on.
    base: Stamp,
    /// The state that the last of them led to.
    next: Snapshot,
    entries: Vec<JournalEntry>,
    outcome: Arc<Written>,
}

impl Group {
    fn on(current: &Snapshot) -> Self {
        Self {
            base: current.stamp,
            next: current.clone(),
            entries: vec![],
            outcome: Arc::default(),
        }
    }

    /// Whether nobody waits for it.
    fn is_abandoned(&self) -> bool {
        Arc::strong_count(&self.outcome) == 1
    }
}

/// How a transaction ends if its group is written.
struct Staged {
    result: Result<Receipt, LedgerError>,
    outcome: Arc<Written>,
}

impl EmbeddedLedger {
    /// Runs a transaction and writes it, with others that are sent at the same time. It runs anew if another process
    /// writes meanwhile. If it fails, `run` leaves the machine as it was.
    ///
    /// The first is written without waiting for others: most commands send no second, and a signal then finds it done.
    pub(super) async fn record(
        &self,
        run: impl Fn(&mut Machine) -> Result<JournalEntry, LedgerError>,
    ) -> Result<Receipt, LedgerError> {
        if !mem::replace(&mut self.outbox().is_in_use, true) {
            return self.record_alone(run);
        }
        let staged = self.stage(&run)?;
        let_others_run().await;
        match self.conclude(&staged.outcome) {
            Some(Ok(())) => staged.result,
            Some(Err(error)) => Err(EmbeddedError::Group(error).into()),
            None => self.record_alone(run),
        }
    }

    /// Runs a transaction and writes it, all under the folder's lock.
    pub(super) fn record_alone(
        &self,
        run: impl FnOnce(&mut Machine) -> Result<JournalEntry, LedgerError>,
    ) -> Result<Receipt, LedgerError> {
        self.mutate(|snapshot| {
            let entry = run(&mut snapshot.machine)?;
            self.append(snapshot, slice::from_ref(&entry))?;
            Ok(entry.into())
        })
    }

    /// Runs a transaction in the open group.
    ///
    /// # Errors
    ///
    /// It is refused on the state that is on the disk. A refusal on any other is the result of the group.
    fn stage(
        &self,
        run: impl Fn(&mut Machine) -> Result<JournalEntry, LedgerError>,
    ) -> Result<Staged, LedgerError> {
        let mut outbox = self.outbox();
        let current = self.current()?;
        let is_over = |group: &mut Group| group.base != current.stamp || group.is_abandoned();
        outbox.open.take_if(is_over);
        let group = outbox.open.get_or_insert_with(|| Group::on(&current));
        let reading = self.read_clock(&group.next)?;
        let machine = &mut group.next.machine;
        machine.set_reading(reading);
        let result = match run(machine) {
            Ok(entry) => {
                group.entries.push(entry.clone());
                Ok(entry.into())
            }
            Err(error) if group.entries.is_empty() => return Err(error),
            Err(error) => Err(error),
        };
        Ok(Staged {
            result,
            outcome: Arc::clone(&group.outcome),
        })
    }

    /// Writes a group unless that was done, and returns whether it is written; `None` if it was dropped.
    fn conclude(&self, outcome: &Arc<Written>) -> Option<Result<(), Arc<EmbeddedError>>> {
        let mut outbox = self.outbox();
        let is_mine = |group: &mut Group| Arc::ptr_eq(&group.outcome, outcome);
        if let Some(group) = outbox.open.take_if(is_mine) {
            let written = self.write(group).map_err(Arc::new).transpose()?;
            return Some(outcome.get_or_init(|| written).clone());
        }
        outcome.get().cloned()
    }

    /// Writes a group; `None` if the state on the disk is no longer the one that it ran on.
    fn write(&self, group: Group) -> Result<Option<()>, EmbeddedError> {
        let _lock = self.lock()?;
        if self.current()?.stamp != group.base {
            return Ok(None);
        }
        let mut next = group.next;
        self.append(&mut next, &group.entries)?;
        self.replace(next)?;
        Ok(Some(()))
    }

    /// Appends transactions to the journal, for a state that is written next.
    fn append(
        &self,
        snapshot: &mut Snapshot,
        entries: &[JournalEntry],
    ) -> Result<(), EmbeddedError> {
        snapshot.journal_len = journal::append(&self.folder, snapshot.journal_len, entries)?;
        let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
        snapshot.transactions = snapshot.transactions.saturating_add(count);
        Ok(())
    }

    /// A panic may leave a group half changed, which is dropped then.
    fn outbox(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(|poisoned| {
            self.outbox.clear_poison();
            let mut outbox = poisoned.into_inner();
            outbox.open = None;
            outbox
        })
    }
}

/// Lets whatever polls this future poll the others that it has.
async fn let_others_run() {
    let mut is_second = false;
    poll_fn(|context| {
        if mem::replace(&mut is_second, true) {
            Poll::Ready(())
        } else {
            context.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await;
}
