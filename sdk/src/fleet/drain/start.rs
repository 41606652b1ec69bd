//! Starting and changing drains, many at a time and each once.

use {
    super::{DrainAction, DrainPlan, PlannedDrain, UnreadDrain},
    crate::{
        error::EbbError,
        fleet::{
            bulk::{Job, Packing, Precheck, Task},
            Credential, Fleet, FleetError, Moved, Recorder, Subject,
        },
        ledger::{LedgerError, Receipt, SignedMessage},
        state::ProvisioningStatus,
    },
    async_trait::async_trait,
    solana_program::pubkey::Pubkey,
    solana_sdk::signature::Signature,
    std::{collections::HashMap, sync::Arc},
};

/// Records what needs nothing sent, and sends the rest. Drains for which the budget is used up are planned anew once those
/// before them were sent.
///
/// # Errors
/// The devices that are planned anew cannot be read, or [`FleetError::NoSigner`].
pub(in crate::fleet) async fn start(
    fleet: &Fleet,
    recorder: &Recorder,
    plan: &DrainPlan,
    rows: &[usize],
) -> Result<(), FleetError> {
    let rows = rows.iter().copied().zip(plan.devices());
    let (late, now): (Vec<_>, Vec<_>) = rows.partition(|(_, device)| device.is_over_budget);
    send(fleet, recorder, plan, now).await?;
    if late.is_empty() {
        return Ok(());
    }
    let addresses: Vec<Pubkey> = late.iter().map(|(_, device)| device.address).collect();
    let fresh = fleet.read(&addresses).await;
    let again = fleet.plan_drain(fresh, plan.options())?;
    let rows = late.iter().map(|(row, _)| *row);
    send(fleet, recorder, &again, rows.zip(again.devices()).collect()).await
}

async fn send(
    fleet: &Fleet,
    recorder: &Recorder,
    plan: &DrainPlan,
    devices: Vec<(usize, &PlannedDrain)>,
) -> Result<(), FleetError> {
    let mut starter = Starter {
        fleet,
        recorder,
        evicts: plan.options().evict,
        credentials: HashMap::new(),
    };
    let mut jobs = vec![];
    for (row, device) in devices {
        recorder.update(row, |report| {
            report.before = device.subject.clone();
            report.last = device.subject.clone();
        });
        match (&device.action, &device.subject) {
            (DrainAction::Refuse(error), _) => recorder.failed(row, error.clone()),
            (DrainAction::Watch(credential), Some(subject)) => {
                starter.credentials.extend(credential.map(|it| (row, it)));
                recorder.watch(row, subject, starter.evicts_as(row));
                recorder.unchanged(row);
            }
            (DrainAction::Start(credential) | DrainAction::Update(credential), Some(_)) => {
                starter.credentials.insert(row, *credential);
                jobs.push(Job::new(row, plan.instructions(fleet, device)?));
            }
            (_, None) => recorder.failed(row, FleetError::Removed),
        }
    }
    if jobs.is_empty() {
        return Ok(());
    }
    let sender = fleet.sender(recorder).await?;
    sender.send_all(jobs, Packing::WhenMany, &starter).await
}

struct Starter<'a> {
    fleet: &'a Fleet,
    recorder: &'a Recorder,
    evicts: bool,
    /// In which role the drain of each row is started, changed or watched.
    credentials: HashMap<usize, Credential>,
}

impl Starter<'_> {
    /// What proves the role in which the sessions of a row are evicted, if they are to be.
    fn evicts_as(&self, row: usize) -> Option<Pubkey> {
        let credential = self.credentials.get(&row).filter(|_| self.evicts);
        credential.map(|credential| credential.address)
    }

    fn before(&self, row: usize) -> Option<Arc<Subject>> {
        self.recorder
            .read(|reports| reports.get(row)?.before.clone())
    }

    /// A drain was accepted.
    fn accept(&self, row: usize, signature: Option<Signature>) {
        self.recorder.update(row, |report| {
            report.moved = report.before.as_ref().map(|before| Moved {
                from: before.status(),
                to: Some(ProvisioningStatus::Draining),
                signature,
            });
        });
        self.recorder.accepted(row, signature);
    }

    fn started(&self, row: usize, fresh: Arc<Subject>, signature: Option<Signature>) {
        self.recorder.watch(row, &fresh, self.evicts_as(row));
        self.accept(row, signature);
    }

    fn unread(&self, row: usize, signature: Signature, error: FleetError) {
        let evicts_as = self.evicts_as(row);
        self.recorder.update(row, |report| {
            report.unread = Some(UnreadDrain { evicts_as, error });
        });
        self.accept(row, Some(signature));
    }

    async fn accepted_each(&self, before: Vec<(usize, Arc<Subject>)>, signature: Signature) {
        for (row, before) in before {
            match self.fresh(&before).await {
                Ok(fresh) => self.started(row, fresh, Some(signature)),
                Err(error) => self.unread(row, signature, error),
            }
        }
    }

    async fn fresh(&self, before: &Subject) -> Result<Arc<Subject>, FleetError> {
        let client = self.fleet.client();
        let found = client.device(&before.device.address).await?;
        let now = client.ledger().now().await?.time;
        let device = found.ok_or(FleetError::Removed)?;
        Ok(Arc::new(before.reread(device, now)))
    }
}

#[async_trait]
impl Task for Starter<'_> {
    fn sending(&self, rows: &[usize]) {
        self.recorder.sending(rows);
    }

    async fn accepted(&self, rows: &[usize], receipt: &Receipt) {
        let before: Vec<(usize, Arc<Subject>)> = rows
            .iter()
            .filter_map(|row| Some((*row, self.before(*row)?)))
            .collect();
        let addresses: Vec<Pubkey> = before.iter().map(|(_, it)| it.device.address).collect();
        let client = self.fleet.client();
        let read = async {
            let found = client.devices_at(&addresses).await?;
            Ok::<_, LedgerError>((found, client.ledger().now().await?.time))
        };
        let (found, now) = match read.await.map_err(FleetError::from) {
            Ok(read) => read,
            Err(error) if error.is_outage() => {
                let rows = before.iter();
                rows.for_each(|(row, _)| self.unread(*row, receipt.signature, error.clone()));
                return;
            }
            // One that cannot be read hides none of the others.
            Err(_) => return self.accepted_each(before, receipt.signature).await,
        };
        for ((row, before), found) in before.into_iter().zip(found) {
            match found {
                Some(found) => {
                    let fresh = Arc::new(before.reread(found, now));
                    self.started(row, fresh, Some(receipt.signature));
                }
                None => self.unread(row, receipt.signature, FleetError::Removed),
            }
        }
    }

    fn signed(&self, rows: &[usize], message: &Arc<SignedMessage>) {
        self.recorder.signed(rows, message);
    }

    async fn recheck(&self, row: usize, error: &FleetError) -> Result<Precheck, FleetError> {
        let before = self.before(row).ok_or(FleetError::Removed)?;
        let fresh = self.fresh(&before).await?;
        self.recorder
            .update(row, |report| report.last = Some(Arc::clone(&fresh)));
        if may_be_sent_again(&before, &fresh, error) {
            return Ok(Precheck::Pending);
        }
        if !may_be_done(&before, error) || fresh.status() != ProvisioningStatus::Draining {
            return Err(error.clone());
        }
        if is_ours(&before, &fresh, &self.fleet.signer_key()?) {
            self.started(row, fresh, None);
        } else {
            self.recorder.watch(row, &fresh, self.evicts_as(row));
            self.recorder.unchanged(row);
        }
        Ok(Precheck::AlreadyDone)
    }

    fn failed(&self, row: usize, error: FleetError) {
        self.recorder.failed(row, error);
    }
}

/// Whether a lost transaction may be sent again. A start takes its device out of the status that it expects, so it runs
/// once; an update does not, so an earlier one must be certain not to land.
fn may_be_sent_again(before: &Subject, fresh: &Subject, error: &FleetError) -> bool {
    let runs_once = before.status() != ProvisioningStatus::Draining;
    error.is_lost() && fresh.is_in_same_stay(before) && (runs_once || !error.may_land())
}

/// Whether what was sent for a device may have landed in spite of this error, or another party may have been faster.
fn may_be_done(before: &Subject, error: &FleetError) -> bool {
    let is_refusal = |rules: &[EbbError]| error.rule().is_some_and(|it| rules.contains(&it));
    match before.status() {
        ProvisioningStatus::Draining => is_refusal(&[EbbError::NothingToChange]),
        _ => error.is_lost() || is_refusal(&[EbbError::StatusMismatch, EbbError::AlreadyInStatus]),
    }
}

/// Whether a device drains by this signer since it was read.
fn is_ours(before: &Subject, fresh: &Subject, signer: &Pubkey) -> bool {
    let (before, fresh) = (before.head(), fresh.head());
    fresh.provisioning_status == ProvisioningStatus::Draining
        && fresh.is_same_registration(before)
        && fresh.status_changed_sequence > before.sequence
        && fresh.drain.started_by == *signer
}
