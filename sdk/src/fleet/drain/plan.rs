//! What a drain of several devices comes to, before anything is sent.

use {
    super::DrainOptions,
    crate::{
        error::EbbError,
        fleet::{
            step, subject::code_or_address, Credential, Fleet, FleetError, Found, Permission,
            RowReport, Subject,
        },
        instruction::{
            drain_device, release_hold, update_drain, DrainDevice, UpdateDrain, ALL_HOLDS,
        },
        lifecycle::{check_update_drain, Action, Budget, DRAINERS},
        role::Role,
        state::ProvisioningStatus,
    },
    solana_program::{instruction::Instruction, pubkey::Pubkey},
    std::{collections::HashMap, sync::Arc},
};

/// What is to be done with one device.
#[derive(Clone, Debug)]
pub enum DrainAction {
    /// Start its drain, in this role.
    Start(Credential),
    /// Change its drain, in this role.
    Update(Credential),
    /// It drains already. The role is there if the run is to evict.
    Watch(Option<Credential>),
    /// Nothing can be done with it.
    Refuse(FleetError),
}

/// One device of a plan.
#[derive(Clone, Debug)]
pub struct PlannedDrain {
    /// Its address.
    pub address: Pubkey,
    /// The device as it was read; `None` if it could not be.
    pub subject: Option<Arc<Subject>>,
    /// What is to be done.
    pub action: DrainAction,
    /// What the drains before it leave of its location's budget, if its drain is to be started.
    pub budget: Option<Budget>,
    /// Whether the drains before it use up its location's disruption budget. Then the rules are asked again after those.
    pub is_over_budget: bool,
}

impl PlannedDrain {
    /// The device's code, or its address if it could not be read.
    pub fn code(&self) -> String {
        code_or_address(self.subject.as_deref(), &self.address)
    }

    /// Whether its drain is to be started.
    pub fn starts(&self) -> bool {
        matches!(self.action, DrainAction::Start(_))
    }

    /// What only time or another party can clear away: a hold, or the location's budget.
    pub fn blocker(&self) -> Option<&FleetError> {
        match &self.action {
            DrainAction::Refuse(error) if self.subject.is_some() => {
                Some(error).filter(|error| error.is_blocker())
            }
            _ => None,
        }
    }
}

/// What is to be done with several devices. Nothing is sent by making one.
#[derive(Clone, Debug)]
pub struct DrainPlan {
    options: DrainOptions,
    devices: Vec<PlannedDrain>,
}

impl DrainPlan {
    /// Asks the rules about devices that were read.
    ///
    /// # Errors
    /// [`FleetError::NoSigner`] if something is to be signed.
    pub(in crate::fleet) fn new(
        fleet: &Fleet,
        found: Vec<Found>,
        options: &DrainOptions,
    ) -> Result<Self, FleetError> {
        let mut devices = vec![];
        for (address, subject) in found {
            let (subject, action) = match subject {
                Ok(subject) => {
                    let action = action(fleet, &subject, options)?;
                    (Some(subject), action)
                }
                Err(error) => (None, DrainAction::Refuse(error)),
            };
            devices.push(PlannedDrain {
                address,
                subject,
                action,
                budget: None,
                is_over_budget: false,
            });
        }
        reserve_budget(&mut devices, options.force);
        Ok(Self {
            options: options.clone(),
            devices,
        })
    }

    /// The devices, in the order in which they were named.
    pub fn devices(&self) -> &[PlannedDrain] {
        &self.devices
    }

    /// What was asked for.
    pub fn options(&self) -> &DrainOptions {
        &self.options
    }

    pub(in crate::fleet) fn reports(&self) -> Vec<RowReport> {
        let report = |it: &PlannedDrain| RowReport::new(it.code(), it.address, it.subject.clone());
        self.devices.iter().map(report).collect()
    }

    /// The drains that will be started: with `rolling` those too that must wait for it.
    pub fn to_start(&self, rolling: bool) -> impl Iterator<Item = &PlannedDrain> {
        let devices = self.devices.iter();
        devices.filter(move |device| {
            if rolling {
                device.starts() || device.blocker().is_some()
            } else {
                device.starts() && !device.is_over_budget
            }
        })
    }

    /// The plan of one of its devices alone.
    pub(in crate::fleet) fn only(&self, row: usize) -> Self {
        Self {
            options: self.options.clone(),
            devices: self.devices.get(row).cloned().into_iter().collect(),
        }
    }

    /// The same plan, with those refused that would find the budget used up by those before them.
    pub fn refuse_over_budget(mut self) -> Self {
        for device in self.devices.iter_mut().filter(|it| it.is_over_budget) {
            device.action = DrainAction::Refuse(FleetError::BudgetReserved);
        }
        self
    }

    /// The instructions of one device, which go in one transaction; none if nothing is to be done.
    ///
    /// # Errors
    /// A value that does not fit an instruction, or [`FleetError::NoSigner`].
    pub fn instructions(
        &self,
        fleet: &Fleet,
        device: &PlannedDrain,
    ) -> Result<Vec<Instruction>, FleetError> {
        match (&device.action, &device.subject) {
            (DrainAction::Start(credential), Some(subject)) => {
                start_instructions(fleet, subject, credential, &self.options)
            }
            (DrainAction::Update(credential), Some(subject)) => {
                let args = UpdateDrain {
                    expect: subject.expect_under(credential),
                    ..self.options.update_args()
                };
                let update = update_drain(
                    fleet.program_id(),
                    &fleet.signer_key()?,
                    &subject.device.address,
                    &credential.address,
                    args,
                );
                Ok(vec![update?])
            }
            _ => Ok(vec![]),
        }
    }
}

fn start_instructions(
    fleet: &Fleet,
    subject: &Subject,
    credential: &Credential,
    options: &DrainOptions,
) -> Result<Vec<Instruction>, FleetError> {
    let (program_id, signer) = (fleet.program_id(), fleet.signer_key()?);
    let expect = subject.expect_under(credential);
    let device = &subject.device.address;
    let drain = drain_device(
        program_id,
        &signer,
        device,
        &subject.location.address,
        &credential.address,
        DrainDevice {
            expect,
            ..options.drain_args()
        },
    )?;
    if !options.release_holds {
        return Ok(vec![drain]);
    }
    let credential = Some(&credential.address);
    let release = release_hold(program_id, &signer, device, credential, ALL_HOLDS, expect);
    Ok(vec![release, drain])
}

/// What the rules let be done with a device.
fn action(
    fleet: &Fleet,
    subject: &Subject,
    options: &DrainOptions,
) -> Result<DrainAction, FleetError> {
    match permitted_action(fleet, subject, options) {
        Ok(action) => Ok(action),
        Err(error) if error.is_of_signer() => Err(error),
        Err(error) => Ok(DrainAction::Refuse(error)),
    }
}

fn permitted_action(
    fleet: &Fleet,
    subject: &Subject,
    options: &DrainOptions,
) -> Result<DrainAction, FleetError> {
    if options.update {
        return update(fleet, subject, options);
    }
    if subject.status() == ProvisioningStatus::Draining {
        let credential = options.evict.then(|| drainer(fleet, subject));
        return Ok(DrainAction::Watch(credential.transpose()?));
    }
    let released = released(fleet, subject, options)?;
    let subject = released.as_ref().unwrap_or(subject);
    Ok(
        match step::permission(fleet, subject, Action::Drain, options.force)? {
            Permission::Granted { credential, .. } => DrainAction::Start(credential),
            Permission::AlreadyThere => DrainAction::Watch(None),
        },
    )
}

fn update(
    fleet: &Fleet,
    subject: &Subject,
    options: &DrainOptions,
) -> Result<DrainAction, FleetError> {
    let credential = drainer(fleet, subject)?;
    let (head, now) = (subject.head(), subject.now);
    let is_draining = subject.status() == ProvisioningStatus::Draining;
    if is_draining && options.amendments(&head.drain, now).is_empty() {
        return Ok(DrainAction::Watch(Some(credential)));
    }
    let suspended = subject.contributor.account.head.suspended;
    let args = options.update_args();
    match check_update_drain(head, credential.role, suspended, &args, now) {
        Ok(()) => Ok(DrainAction::Update(credential)),
        Err(rule) => Err(FleetError::refused(rule)),
    }
}

/// The device as its drain will find it, if that is to release holds before.
fn released(
    fleet: &Fleet,
    subject: &Subject,
    options: &DrainOptions,
) -> Result<Option<Subject>, FleetError> {
    if !options.release_holds {
        return Ok(None);
    }
    // Without a role the signer releases nothing, and is refused with the reason when the rules are asked.
    match drainer(fleet, subject) {
        Ok(credential) => {
            let signer = fleet.signer_key()?;
            Ok(Some(subject.after_release(credential.role, &signer)))
        }
        Err(error) if error.is_of_signer() => Err(error),
        Err(_) => Ok(None),
    }
}

/// The role in which the signer drains this device, and evicts from it.
pub(in crate::fleet) fn drainer(
    fleet: &Fleet,
    subject: &Subject,
) -> Result<Credential, FleetError> {
    let signer = fleet.signer_key()?;
    subject
        .roles(fleet.program_id())
        .choose(&signer, DRAINERS, false)
}

/// The hold or budget that keeps a device from draining now. Anything else is no reason to wait.
pub(in crate::fleet) fn blocked_by(
    fleet: &Fleet,
    subject: &Subject,
    options: &DrainOptions,
) -> Result<Option<EbbError>, FleetError> {
    if subject.status() != ProvisioningStatus::Activated {
        return Ok(None);
    }
    let released = released(fleet, subject, options)?;
    let subject = released.as_ref().unwrap_or(subject);
    let asked = subject.permit(Action::Drain, Role::Contributor, options.force);
    let rule = asked.err();
    Ok(rule.filter(|rule| matches!(rule, EbbError::LiveHold | EbbError::BudgetExceeded)))
}

/// Reserves the budget of each location, drain by drain.
fn reserve_budget(devices: &mut [PlannedDrain], force: bool) {
    let mut budgets: HashMap<Pubkey, Budget> = HashMap::new();
    for device in devices.iter_mut().filter(|device| device.starts()) {
        let Some(subject) = &device.subject else {
            continue;
        };
        let location = &subject.location;
        let budget = budgets
            .entry(location.address)
            .or_insert(Budget::of(&location.account.head));
        device.budget = Some(*budget);
        device.is_over_budget = budget.reserve(&subject.facts(force)).is_err();
    }
}
