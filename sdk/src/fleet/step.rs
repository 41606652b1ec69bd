//! One step of the lifecycle, for one device or many.

use {
    super::{
        bulk::{Job, Packing, Precheck, Task},
        subject::code_or_address,
        Credential, Fleet, FleetError, Found, Moved, Recorder, RowReport, Run, Subject,
    },
    crate::{
        client::Closing,
        error::EbbError,
        instruction::{activate_device, remove_device, retire_device, undrain_device, Expect},
        ledger::{Receipt, SignedMessage},
        lifecycle::{self, Action},
        role::Role,
        state::ProvisioningStatus,
    },
    async_trait::async_trait,
    solana_program::pubkey::Pubkey,
    solana_sdk::signature::Signature,
    std::sync::Arc,
};

/// Whether the signer may take a step now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// The rules allow it.
    Granted {
        /// The role in which the signer takes it.
        credential: Credential,
        /// Where it leads; `None` once the device is removed.
        to: Option<ProvisioningStatus>,
    },
    /// The device is there already.
    AlreadyThere,
}

/// Asks the rules whether the signer may take a step now, before anything is sent.
///
/// # Errors
/// The rule that refuses it, [`FleetError::Role`], or [`FleetError::NoSigner`].
pub(super) fn permission(
    fleet: &Fleet,
    subject: &Subject,
    action: Action,
    force: bool,
) -> Result<Permission, FleetError> {
    // What the authority is refused is reported before the signer's role, where no role would change it.
    match subject.permit(action, Role::Authority, force) {
        Err(EbbError::AlreadyInStatus) => return Ok(Permission::AlreadyThere),
        Err(rule @ (EbbError::TransitionNotAllowed | EbbError::NotDead)) => return Err(rule.into()),
        _ => {}
    }
    let allowed = lifecycle::roles(action, Some(subject.status()));
    let signer = fleet.signer_key()?;
    let credential = subject
        .roles(fleet.program_id())
        .choose(&signer, allowed, force)?;
    let to = subject.permit(action, credential.role, force)?;
    Ok(Permission::Granted { credential, to })
}

/// What is to be done with one device.
#[derive(Clone, Debug)]
pub struct PlannedStep {
    /// Its address.
    pub address: Pubkey,
    /// The device as it was read; `None` if it could not be.
    pub subject: Option<Arc<Subject>>,
    /// Whether the rules let the signer take the step now.
    pub permission: Result<Permission, FleetError>,
}

/// A step of the lifecycle that several devices are to take. Nothing is sent by making one.
#[derive(Clone, Debug)]
pub struct StepPlan {
    pub(super) action: Action,
    devices: Vec<PlannedStep>,
}

impl StepPlan {
    /// Asks the rules about devices that were read.
    ///
    /// # Errors
    /// [`FleetError::NoSigner`] if something is to be signed.
    pub(super) fn new(
        fleet: &Fleet,
        action: Action,
        found: Vec<Found>,
    ) -> Result<Self, FleetError> {
        let mut devices = vec![];
        for (address, subject) in found {
            let permission = match &subject {
                Ok(subject) => permission(fleet, subject, action, false),
                Err(error) => Err(error.clone()),
            };
            let permission = match permission {
                Err(error) if error.is_of_signer() => return Err(error),
                permission => permission,
            };
            devices.push(PlannedStep {
                address,
                subject: subject.ok(),
                permission,
            });
        }
        Ok(Self { action, devices })
    }

    /// The devices, in the order in which they were named.
    pub fn devices(&self) -> &[PlannedStep] {
        &self.devices
    }

    pub(super) fn reports(&self) -> Vec<RowReport> {
        let report = |device: &PlannedStep| {
            let code = code_or_address(device.subject.as_deref(), &device.address);
            RowReport::new(code, device.address, device.subject.clone())
        };
        self.devices.iter().map(report).collect()
    }
}

/// Takes the step with each device of a plan. One that another party moves meanwhile is read again.
pub(super) fn run(fleet: &Fleet, plan: StepPlan) -> Run {
    let fleet = fleet.clone();
    Run::new(plan.reports(), None, move |recorder| async move {
        let stepper = Stepper {
            fleet: &fleet,
            recorder: &recorder,
            plan: &plan,
        };
        stepper.work().await
    })
}

struct Stepper<'a> {
    fleet: &'a Fleet,
    recorder: &'a Recorder,
    plan: &'a StepPlan,
}

impl Stepper<'_> {
    /// Where the step of a row leads.
    fn to(&self, row: usize) -> Option<ProvisioningStatus> {
        match self.plan.devices().get(row)?.permission {
            Ok(Permission::Granted { to, .. }) => to,
            _ => None,
        }
    }

    async fn work(&self) -> Result<(), FleetError> {
        let plan = self.plan;
        let mut jobs = vec![];
        for (row, device) in plan.devices().iter().enumerate() {
            match (&device.permission, &device.subject) {
                (Ok(Permission::Granted { credential, .. }), Some(subject)) => {
                    jobs.push(job(self.fleet, row, subject, plan.action, credential)?);
                }
                (Ok(_), _) => self.recorder.unchanged(row),
                (Err(error), _) => self.recorder.failed(row, error.clone()),
            }
        }
        if jobs.is_empty() {
            return Ok(());
        }
        let sender = self.fleet.sender(self.recorder).await?;
        sender.send_all(jobs, Packing::WhenMany, self).await
    }
}

/// What is to be sent for a device's step.
pub(super) fn job(
    fleet: &Fleet,
    row: usize,
    subject: &Subject,
    action: Action,
    credential: &Credential,
) -> Result<Job, FleetError> {
    let (id, signer) = (fleet.program_id(), fleet.signer_key()?);
    let (device, location) = (&subject.device.address, &subject.location.address);
    let (owner, credential) = (&subject.contributor.address, &credential.address);
    let as_read = Expect::as_read(subject.head());
    let payer = subject.head().payer;
    let instruction = match action {
        Action::Activate => activate_device(id, &signer, device, location, owner, as_read),
        Action::Undrain => undrain_device(id, &signer, device, location, owner, subject.expect()),
        Action::Retire => {
            let expect = subject.expect_shown(fleet.prepared);
            retire_device(id, &signer, device, location, credential, expect)
        }
        Action::Remove => remove_device(
            id, &signer, device, location, owner, &payer, credential, as_read,
        ),
        Action::Create | Action::Drain | Action::DestroyDiskKey => {
            return Err(EbbError::TransitionNotAllowed.into())
        }
    };
    let closing = (action == Action::Remove).then_some(Closing {
        account: *device,
        recipient: payer,
    });
    Ok(Job {
        closings: closing.into_iter().collect(),
        ..Job::new(row, vec![instruction])
    })
}

/// Records that a device's step was accepted. The device was in the status that was read, or the step was refused, so no
/// later read has to show where it led.
pub(super) fn accepted(
    recorder: &Recorder,
    row: usize,
    to: Option<ProvisioningStatus>,
    signature: Option<Signature>,
) {
    recorder.update(row, |report| {
        report.moved = report.last.as_ref().map(|last| Moved {
            from: last.status(),
            to,
            signature,
        });
    });
    recorder.accepted(row, signature);
}

/// Reads a device again. That it is gone is the outcome of a removal that was lost, and an error else.
pub(super) async fn read_again(
    fleet: &Fleet,
    address: &Pubkey,
    error: &FleetError,
) -> Result<Option<Arc<Subject>>, FleetError> {
    match Subject::read(fleet.client(), address).await {
        Ok(subject) => Ok(Some(Arc::new(subject))),
        Err(FleetError::NotFound { .. }) if error.is_lost() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a step that was lost has led `to` where it leads.
pub(super) fn has_landed(
    now: Option<&Subject>,
    to: Option<ProvisioningStatus>,
    error: &FleetError,
) -> bool {
    error.is_lost() && now.map(Subject::status) == to
}

#[async_trait]
impl Task for Stepper<'_> {
    fn sending(&self, rows: &[usize]) {
        self.recorder.sending(rows);
    }

    async fn accepted(&self, rows: &[usize], receipt: &Receipt) {
        for row in rows {
            let signature = Some(receipt.signature);
            accepted(self.recorder, *row, self.to(*row), signature);
        }
    }

    fn signed(&self, rows: &[usize], message: &Arc<SignedMessage>) {
        self.recorder.signed(rows, message);
    }

    async fn recheck(&self, row: usize, error: &FleetError) -> Result<Precheck, FleetError> {
        let before = self
            .recorder
            .read(|reports| reports.get(row)?.before.clone())
            .ok_or(FleetError::Removed)?;
        let subject = read_again(self.fleet, &before.device.address, error).await?;
        if has_landed(subject.as_deref(), self.to(row), error) {
            accepted(self.recorder, row, self.to(row), None);
            return Ok(Precheck::AlreadyDone);
        }
        let subject = subject.ok_or(FleetError::Removed)?;
        let permission = permission(self.fleet, &subject, self.plan.action, false);
        let is_in_same_stay = subject.is_in_same_stay(&before);
        self.recorder
            .update(row, |report| report.last = Some(subject));
        match permission? {
            Permission::Granted { .. } if is_in_same_stay => Ok(Precheck::Pending),
            // It came back, maybe after this step had landed: again, the step would undo what another party did since.
            Permission::Granted { .. } => Err(error.clone()),
            Permission::AlreadyThere => {
                self.recorder.unchanged(row);
                Ok(Precheck::AlreadyDone)
            }
        }
    }

    fn failed(&self, row: usize, error: FleetError) {
        self.recorder.failed(row, error);
    }
}
