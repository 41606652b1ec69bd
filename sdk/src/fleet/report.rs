//! What is known of each device of a run, however early that ends.

use {
    super::{
        drain::{Drain, UnreadDrain},
        FleetError, RunEvent, Subject,
    },
    crate::{
        client::Keyed,
        ledger::SignedMessage,
        state::{DeviceHead, Location, ProvisioningStatus},
    },
    solana_program::pubkey::Pubkey,
    solana_sdk::signature::Signature,
    std::sync::{Arc, Mutex, MutexGuard, PoisonError},
    tokio::sync::mpsc::UnboundedSender,
};

/// How far the transaction of a device is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TransactionState {
    /// Nothing was sent, or what was sent did not land and will not.
    #[default]
    NotSent,
    /// It was signed, and was to be signed only.
    Signed(Arc<SignedMessage>),
    /// It may have been sent, and it is not known whether it landed.
    Sent,
    /// It landed. The signature is absent if the ledger lost the transaction and the account shows that it landed.
    Accepted(Option<Signature>),
}

impl TransactionState {
    /// The signature of a transaction that landed, if it is known.
    pub fn signature(&self) -> Option<Signature> {
        match self {
            Self::Accepted(signature) => *signature,
            Self::NotSent | Self::Signed(_) | Self::Sent => None,
        }
    }
}

/// A change of a device's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The status that it left.
    pub from: ProvisioningStatus,
    /// The status that it entered; `None` once it is removed.
    pub to: Option<ProvisioningStatus>,
    /// The transaction; absent if the ledger lost it and the account shows that it landed.
    pub signature: Option<Signature>,
}

/// What is known of one device, or of one line of an import.
#[derive(Clone, Debug)]
pub struct RowReport {
    /// Its code, or its address as long as it could not be read.
    pub code: String,
    /// Its address.
    pub address: Pubkey,
    /// The device as it was when it was planned for.
    pub before: Option<Arc<Subject>>,
    /// The device as it was read last for its step. What the wait for its drain saw since is in [`RowReport::drain`]; see
    /// [`RowReport::head`].
    pub last: Option<Arc<Subject>>,
    /// The location that is there already, where one was to be created.
    pub location: Option<Arc<Keyed<Location>>>,
    /// Whether the device was as asked without this run.
    pub unchanged: bool,
    /// How far its transaction is: of a retirement, its last one.
    pub transaction: TransactionState,
    /// Where its last accepted step led.
    pub moved: Option<Moved>,
    /// What it lacks for its next step, if that may come with time.
    pub waits_for: Option<FleetError>,
    /// Its drain, if it is waited for.
    pub drain: Option<Drain>,
    /// Its drain, if it was accepted and could not be read since. A wait reads it again.
    pub unread: Option<UnreadDrain>,
    /// Why it was not done.
    pub failure: Option<FleetError>,
}

impl RowReport {
    /// Nothing is known yet.
    pub(super) fn new(
        code: impl Into<String>,
        address: Pubkey,
        before: Option<Arc<Subject>>,
    ) -> Self {
        Self {
            code: code.into(),
            address,
            last: before.clone(),
            before,
            location: None,
            unchanged: false,
            transaction: TransactionState::NotSent,
            moved: None,
            waits_for: None,
            drain: None,
            unread: None,
            failure: None,
        }
    }

    /// Whether it is known how its step ended.
    pub fn is_known(&self) -> bool {
        let is_over = matches!(
            self.transaction,
            TransactionState::Signed(_) | TransactionState::Accepted(_)
        );
        self.failure.is_some() || self.unchanged || is_over
    }

    /// Whether there is still something to wait for: its drain goes on, or may be read yet.
    pub fn is_open(&self) -> bool {
        let unread = self.unread.as_ref();
        self.drain.as_ref().is_some_and(Drain::is_open)
            || unread.is_some_and(|unread| !unread.error.is_of_device())
    }

    /// The device as it was seen last, by its step or by the wait for its drain.
    pub fn head(&self) -> Option<&DeviceHead> {
        let watched = self.drain.as_ref().map(|drain| drain.progress.last());
        watched.or_else(|| Some(self.last.as_ref()?.head()))
    }
}

/// The reports of a run. Clones share them, and outlive the run.
#[derive(Clone, Debug, Default)]
pub struct Reports(Arc<Mutex<Vec<RowReport>>>);

impl Reports {
    pub(super) fn new(reports: Vec<RowReport>) -> Self {
        Self(Arc::new(Mutex::new(reports)))
    }

    /// All of them, as they are now.
    pub fn all(&self) -> Vec<RowReport> {
        self.lock().clone()
    }

    /// Each of them as it is when it is reached, so that there is never a copy of more than one.
    pub fn iter(&self) -> impl Iterator<Item = RowReport> + '_ {
        (0..).map_while(|row| self.get(row))
    }

    /// One of them.
    pub fn get(&self, row: usize) -> Option<RowReport> {
        self.lock().get(row).cloned()
    }

    /// Reads something from all of them, without a copy.
    pub fn read<T>(&self, read: impl FnOnce(&[RowReport]) -> T) -> T {
        read(&self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<RowReport>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the work of a run writes to.
#[derive(Clone)]
pub(super) struct Recorder {
    reports: Reports,
    events: UnboundedSender<RunEvent>,
}

impl Recorder {
    pub fn new(reports: Reports, events: UnboundedSender<RunEvent>) -> Self {
        Self { reports, events }
    }

    /// Emits an event. That nobody listens any more is no failure.
    pub fn emit(&self, event: RunEvent) {
        let _ = self.events.send(event);
    }

    /// Reads something from all reports.
    pub fn read<T>(&self, read: impl FnOnce(&[RowReport]) -> T) -> T {
        self.reports.read(read)
    }

    /// The addresses of rows.
    pub fn addresses(&self, rows: &[usize]) -> Vec<Pubkey> {
        self.read(|reports| {
            let rows = rows.iter().filter_map(|row| reports.get(*row));
            rows.map(|report| report.address).collect()
        })
    }

    /// Changes one report; `None` if there is no such row.
    pub fn update<T>(&self, row: usize, change: impl FnOnce(&mut RowReport) -> T) -> Option<T> {
        self.reports.lock().get_mut(row).map(change)
    }

    /// Changes the drain of one report, if there is one.
    pub fn update_drain<T>(&self, row: usize, change: impl FnOnce(&mut Drain) -> T) -> Option<T> {
        self.update(row, |report| report.drain.as_mut().map(change))
            .flatten()
    }

    /// The drain of a row is waited for from now on, as its device was read last.
    pub fn watch(&self, row: usize, subject: &Arc<Subject>, evicts_as: Option<Pubkey>) {
        self.update(row, |report| {
            report.last = Some(Arc::clone(subject));
            report.drain = Some(Drain::new(subject, evicts_as));
            report.unread = None;
        });
    }

    /// The transactions of these rows may have been sent from now on.
    pub fn sending(&self, rows: &[usize]) {
        for &row in rows {
            self.update(row, |report| report.transaction = TransactionState::Sent);
            self.emit_of(row, |device| RunEvent::Sending { device });
        }
    }

    /// The transaction of a row landed.
    pub fn accepted(&self, row: usize, signature: Option<Signature>) {
        self.update(row, |report| {
            report.transaction = TransactionState::Accepted(signature);
            report.failure = None;
        });
        self.emit_of(row, |device| RunEvent::Accepted { device, signature });
    }

    /// The transactions of these rows were signed, and are not sent.
    pub fn signed(&self, rows: &[usize], message: &Arc<SignedMessage>) {
        for &row in rows {
            let signed = TransactionState::Signed(Arc::clone(message));
            self.update(row, |report| report.transaction = signed);
            self.emit_of(row, |device| RunEvent::Signed { device });
        }
    }

    /// A row is as asked already, maybe by a step that was accepted before.
    pub fn unchanged(&self, row: usize) {
        self.update(row, |report| {
            report.unchanged = report.moved.is_none()
                && !matches!(report.transaction, TransactionState::Accepted(_));
            if report.unchanged {
                report.transaction = TransactionState::NotSent;
            }
        });
        self.emit_of(row, |device| RunEvent::Unchanged { device });
    }

    /// A row was not done.
    pub fn failed(&self, row: usize, failure: FleetError) {
        self.update(row, |report| {
            if report.transaction == TransactionState::Sent && !failure.may_land() {
                report.transaction = TransactionState::NotSent;
            }
            report.failure = Some(failure.clone());
        });
        self.emit_of(row, |device| RunEvent::Failed { device, failure });
    }

    /// Emits an event of one row.
    pub fn emit_of(&self, row: usize, event: impl FnOnce(super::DeviceRef) -> RunEvent) {
        let code = self.read(|reports| reports.get(row).map(|report| report.code.clone()));
        if let Some(code) = code {
            self.emit(event(super::DeviceRef { row, code }));
        }
    }
}

#[cfg(test)]
mod tests {
    use {super::*, crate::state::DeviceHead};

    #[test]
    fn a_report_holds_no_device_by_value() {
        assert!(size_of::<RowReport>() < size_of::<DeviceHead>());
    }

    #[test]
    fn each_report_is_read_when_it_is_reached() {
        let report = |code| RowReport::new(code, Pubkey::default(), None);
        let reports = Reports::new(vec![report("a"), report("b")]);
        let (events, _) = tokio::sync::mpsc::unbounded_channel();
        let recorder = Recorder::new(reports.clone(), events);
        let mut each = reports.iter();
        assert_eq!(each.next().map(|it| it.code), Some("a".to_owned()));
        recorder.update(1, |report| report.unchanged = true);
        assert!(each.next().is_some_and(|it| it.unchanged));
        assert!(each.next().is_none());
    }
}
