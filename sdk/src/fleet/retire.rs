//! Taking devices out of service for good, and waiting for what is missing.

use {
    super::{
        bulk::{Job, Packing, Precheck, Task},
        outage_of,
        step::{accepted, has_landed, job, permission, read_again},
        wait::{wait, OutageTolerance, Repeat, Watch},
        Blocked, Credential, Fleet, FleetError, Permission, PlannedStep, Recorder, Run, RunEvent,
        RunOptions, StepPlan, Subject,
    },
    crate::{
        error::EbbError,
        ledger::{Receipt, SignedMessage},
        lifecycle::Action,
        state::ProvisioningStatus,
    },
    async_trait::async_trait,
    solana_program::pubkey::Pubkey,
    solana_sdk::signature::Signature,
    std::{
        sync::{Arc, Mutex, MutexGuard, PoisonError},
        time::Duration,
    },
};

/// Whether what refuses a retirement may go away with time.
pub fn is_passing(error: &FleetError) -> bool {
    matches!(
        error.rule(),
        Some(EbbError::NotDrained | EbbError::PendingTask | EbbError::DiskKeysLeft)
    )
}

/// How far a device is.
#[derive(Clone)]
enum Stage {
    /// The rules allow its next step.
    Open(Arc<Subject>, Credential, Option<ProvisioningStatus>),
    /// Something is missing that may come with time.
    Waiting,
    /// Nothing more is to be done.
    Over,
}

pub(super) fn run(fleet: &Fleet, plan: StepPlan, options: RunOptions) -> Run {
    let fleet = fleet.clone();
    Run::new(
        plan.reports(),
        options.timeout,
        move |recorder| async move {
            let mut retirement = Retirement {
                fleet: &fleet,
                recorder: &recorder,
                wait: options.wait,
                stages: Mutex::default(),
                is_read: true,
            };
            retirement.begin(plan.devices());
            let waited = wait(fleet.client().ledger(), &recorder, &mut retirement).await;
            match waited {
                Err(error) if error.is_outage() => retirement.give_up(&error),
                waited => return waited,
            }
            Ok(())
        },
    )
}

struct Retirement<'a> {
    fleet: &'a Fleet,
    recorder: &'a Recorder,
    /// Whether to wait for what is missing.
    wait: bool,
    stages: Mutex<Vec<Stage>>,
    /// Whether the stages are of what was just read.
    is_read: bool,
}

impl Retirement<'_> {
    fn begin(&mut self, devices: &[PlannedStep]) {
        for (row, device) in devices.iter().enumerate() {
            let stage = self.stage(row, device.subject.as_ref(), device.permission.clone());
            self.stages().push(stage);
        }
    }

    /// How far a device is that was read, or could not be.
    fn stage(
        &self,
        row: usize,
        subject: Option<&Arc<Subject>>,
        permission: Result<Permission, FleetError>,
    ) -> Stage {
        self.recorder.update(row, |report| {
            report.waits_for = None;
            if let Some(subject) = subject {
                report.last = Some(Arc::clone(subject));
                report.code = subject.code().to_owned();
            }
        });
        match (permission, subject) {
            (Ok(Permission::Granted { credential, to }), Some(subject)) => {
                Stage::Open(Arc::clone(subject), credential, to)
            }
            (Ok(_), _) => {
                self.recorder.update(row, |report| {
                    if let (Some(moved), Some(last)) = (&mut report.moved, &report.last) {
                        moved.to = Some(last.status());
                    }
                });
                self.recorder.unchanged(row);
                Stage::Over
            }
            (Err(error), Some(_)) if self.wait && is_passing(&error) => {
                self.wait_for(row, error);
                Stage::Waiting
            }
            (Err(error), _) => {
                self.recorder.failed(row, error);
                Stage::Over
            }
        }
    }

    fn wait_for(&self, row: usize, error: FleetError) {
        self.recorder
            .update(row, |report| report.waits_for = Some(error));
    }

    fn stages(&self) -> MutexGuard<'_, Vec<Stage>> {
        self.stages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, row: usize, stage: Stage) {
        if let Some(place) = self.stages().get_mut(row) {
            *place = stage;
        }
    }

    /// The rows that are not over.
    fn open(&self) -> Vec<usize> {
        let stages = self.stages();
        let rows = stages.iter().enumerate();
        rows.filter(|(_, stage)| !matches!(stage, Stage::Over))
            .map(|(row, _)| row)
            .collect()
    }

    /// Reads every device that is not over.
    async fn read(&self) -> Result<(), FleetError> {
        let rows = self.open();
        let found = self.fleet.read(&self.recorder.addresses(&rows)).await;
        outage_of(&found)?;
        for (row, (_, subject)) in rows.into_iter().zip(found) {
            let permission = match &subject {
                Ok(subject) => permission(self.fleet, subject, Action::Retire, false),
                Err(error) => Err(error.clone()),
            };
            let stage = self.stage(row, subject.ok().as_ref(), permission);
            self.set(row, stage);
        }
        Ok(())
    }

    /// Takes every step that is open.
    async fn step(&self) -> Result<(), FleetError> {
        let stages = self.stages().clone();
        let mut jobs: Vec<Job> = vec![];
        for (row, stage) in stages.iter().enumerate() {
            if let Stage::Open(subject, credential, _) = stage {
                jobs.push(job(self.fleet, row, subject, Action::Retire, credential)?);
            }
        }
        if jobs.is_empty() {
            return Ok(());
        }
        let sender = self.fleet.sender(self.recorder).await?;
        sender.send_all(jobs, Packing::WhenMany, self).await
    }

    /// Where the next step of a row leads.
    fn to(&self, row: usize) -> Option<ProvisioningStatus> {
        match self.stages().get(row)? {
            Stage::Open(_, _, to) => *to,
            Stage::Waiting | Stage::Over => None,
        }
    }

    /// A step was accepted. One that led no further than Retiring waits for the disk keys, if it is to.
    fn accept(&self, row: usize, to: Option<ProvisioningStatus>, signature: Option<Signature>) {
        accepted(self.recorder, row, to, signature);
        let keys_left = to == Some(ProvisioningStatus::Retiring);
        if keys_left && self.wait {
            self.wait_for(row, EbbError::DiskKeysLeft.into());
            self.set(row, Stage::Waiting);
        } else {
            self.set(row, Stage::Over);
        }
    }

    fn report_waiting(&self, interval: Duration) {
        let (mut devices, mut at) = (vec![], 0);
        self.recorder.read(|reports| {
            for (row, report) in reports.iter().enumerate() {
                if let (Some(error), Some(last)) = (&report.waits_for, &report.last) {
                    at = last.now.max(at);
                    devices.extend(error.rule().map(|rule| Blocked::new(row, last, rule)));
                }
            }
        });
        if !devices.is_empty() {
            self.recorder.emit(RunEvent::Blocked {
                at,
                devices,
                open: 0,
                interval: interval.as_secs(),
            });
        }
    }

    /// The cluster was out of reach for too long.
    fn give_up(&self, error: &FleetError) {
        for row in self.open() {
            self.recorder.failed(row, error.clone());
        }
    }
}

#[async_trait]
impl Watch for Retirement<'_> {
    async fn poll(
        &mut self,
        interval: Duration,
        tolerance: &mut OutageTolerance,
    ) -> Result<Repeat, FleetError> {
        if !std::mem::take(&mut self.is_read) {
            self.read().await?;
            tolerance.renew();
        }
        self.step().await?;
        self.report_waiting(interval);
        Ok(Repeat::Later)
    }

    fn is_over(&self) -> bool {
        self.open().is_empty()
    }

    fn addresses(&self) -> Vec<Pubkey> {
        if self.wait {
            self.recorder
                .read(|reports| reports.iter().map(|report| report.address).collect())
        } else {
            // Who does not wait has nothing to listen for.
            vec![]
        }
    }

    /// How long until the first hold of a device that waits expires.
    fn due(&self) -> Option<Duration> {
        self.recorder.read(|reports| {
            let waiting = reports.iter().filter(|report| report.waits_for.is_some());
            let lasts = waiting.filter_map(|report| report.last.as_ref());
            let ends = lasts.flat_map(|last| {
                let holds = last.head().live_holds(last.now);
                holds.map(|hold| hold.expires_at.abs_diff(last.now))
            });
            ends.min().map(Duration::from_secs)
        })
    }
}

#[async_trait]
impl Task for Retirement<'_> {
    fn sending(&self, rows: &[usize]) {
        self.recorder.sending(rows);
    }

    async fn accepted(&self, rows: &[usize], receipt: &Receipt) {
        for &row in rows {
            self.accept(row, self.to(row), Some(receipt.signature));
        }
    }

    fn signed(&self, rows: &[usize], message: &Arc<SignedMessage>) {
        self.recorder.signed(rows, message);
        rows.iter().for_each(|row| self.set(*row, Stage::Over));
    }

    /// Another party may have been faster: how far the device is now, and the refusal only if it is as it was before.
    async fn recheck(&self, row: usize, error: &FleetError) -> Result<Precheck, FleetError> {
        let before = self
            .recorder
            .read(|reports| reports.get(row)?.last.clone())
            .ok_or(FleetError::Removed)?;
        let subject = read_again(self.fleet, &before.device.address, error).await?;
        let subject = subject.ok_or(FleetError::Removed)?;
        if has_landed(Some(&subject), self.to(row), error) {
            self.accept(row, self.to(row), None);
            return Ok(Precheck::AlreadyDone);
        }
        let permission = permission(self.fleet, &subject, Action::Retire, false);
        // A later poll would not know of what may still land.
        let may_land = error.may_land() && subject.is_in_same_stay(&before);
        let is_as_before = subject.head().sequence == before.head().sequence;
        match permission {
            Ok(Permission::Granted { .. }) if may_land || is_as_before || !self.wait => {
                Ok(Precheck::Pending)
            }
            Err(_) if may_land => Err(error.clone()),
            permission => {
                let stage = self.stage(row, Some(&subject), permission);
                self.set(row, stage);
                Ok(Precheck::AlreadyDone)
            }
        }
    }

    fn failed(&self, row: usize, error: FleetError) {
        // Then nothing was sent that may land.
        if self.wait && error.is_outage() {
            self.recorder.update(row, |report| {
                report.transaction = super::TransactionState::NotSent
            });
            self.wait_for(row, error);
            self.set(row, Stage::Waiting);
        } else {
            self.recorder.failed(row, error);
            self.set(row, Stage::Over);
        }
    }
}
