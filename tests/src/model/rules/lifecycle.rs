//! The provisioning lifecycle.

use {
    super::{
        contributor_passed, expected, location_passed, reason, rent_goes_home, replace, Verdict,
    },
    crate::model::{
        address::ADDRESSES,
        call::Call,
        state::{Device, Drain, Hold, Model, Now, Stage},
        step::{DrainUpdate, NewDrain},
    },
    crate::Credential,
    ebb_sdk::{
        event::{Event, EventKind},
        state::{Health, HoldKind, ProvisioningStatus},
        EbbError, Role,
    },
};

/// A deadline lies at least this far ahead, in seconds.
const MIN_DEADLINE: u32 = 60;
/// 365 days in seconds.
const YEAR: u32 = 31_536_000;
/// The longest reason of a drain, in bytes.
const REASON_LEN: usize = 64;

impl Model {
    pub(super) fn activate(&mut self, call: &Call, index: usize) -> Verdict {
        let device = self.device(index)?;
        location_passed(call, device)?;
        contributor_passed(call, device)?;
        let role = self.authority(call)?;
        expected(call, device)?;
        match device.stage {
            Stage::Pending => {}
            Stage::Activated => return Err(EbbError::AlreadyInStatus),
            _ => return Err(EbbError::TransitionNotAllowed),
        }
        self.fit_for_service(device)?;
        self.enter(
            call,
            index,
            role,
            EventKind::DeviceActivated,
            Stage::Activated,
        )
    }

    pub(super) fn undrain(&mut self, call: &Call, index: usize) -> Verdict {
        let device = self.device(index)?;
        location_passed(call, device)?;
        contributor_passed(call, device)?;
        // Takes contributor and registry; the first that knows the signer gives the role.
        let role = match self.role_at_contributor(call, device.contributor) {
            Err(EbbError::Unauthorized) => self.authority(call)?,
            role => role?,
        };
        expected(call, device)?;
        match device.stage {
            Stage::Draining(_) => {}
            Stage::Activated => return Err(EbbError::AlreadyInStatus),
            _ => return Err(EbbError::TransitionNotAllowed),
        }
        self.fit_for_service(device)?;
        self.enter(
            call,
            index,
            role,
            EventKind::DeviceUndrained,
            Stage::Activated,
        )
    }

    /// The guards of activation and undraining.
    fn fit_for_service(&self, device: &Device) -> Result<(), EbbError> {
        if self.contributor(device.contributor)?.suspended {
            return Err(EbbError::ContributorSuspended);
        }
        if matches!(device.health(), Health::Unhealthy | Health::Dead) {
            return Err(EbbError::DeviceUnfit);
        }
        let proven = device.report.as_ref().is_some_and(|report| {
            report.health == Health::Healthy
                && matches!(report.role, Role::HealthOracle | Role::Authority)
                && report.mark.sequence > device.entered.sequence
                && !report.outdated
        });
        if self.registry()?.require_healthy && !proven {
            return Err(EbbError::HealthNotProven);
        }
        Ok(())
    }

    pub(super) fn drain(&mut self, call: &Call, index: usize, new: NewDrain) -> Verdict {
        if call.credential == Credential::None {
            return Err(EbbError::NotEnoughAccounts);
        }
        let device = self.device(index)?;
        location_passed(call, device)?;
        let role = self.credential_role(call, device)?;
        expected(call, device)?;
        check_deadline(new.deadline)?;
        check_planned_return(new.planned_return)?;
        let reason = reason(new.reason, REASON_LEN)?;
        if new.force && role != Role::Authority {
            return Err(EbbError::ForceNotAllowed);
        }

        match device.stage {
            Stage::Activated => {}
            Stage::Draining(_) => return Err(EbbError::AlreadyInStatus),
            _ => return Err(EbbError::TransitionNotAllowed),
        }
        let overridden = new.force || device.is_dead();
        if device.live_holds(self.now).next().is_some() && !overridden {
            return Err(EbbError::LiveHold);
        }
        let activated = self.count(device.location, Some(ProvisioningStatus::Activated));
        let budget = self.location(device.location)?.min_activated;
        if activated - 1 < budget && !overridden {
            return Err(EbbError::BudgetExceeded);
        }

        let drain = Drain {
            started: self.now,
            by: call.signer,
            role,
            reason: new.reason,
            reason_by: (call.signer, role),
            deadline: after(self.now, new.deadline),
            deadline_by: (call.signer, role),
            planned_return: after(self.now, new.planned_return),
            sessions: device.sessions.len() as u32,
        };
        let event = self.enter(
            call,
            index,
            role,
            EventKind::DrainStarted,
            Stage::Draining(drain),
        )?;
        Ok(Event {
            forced: new.force,
            reason,
            ..event
        })
    }

    pub(super) fn update_drain(
        &mut self,
        call: &Call,
        index: usize,
        update: DrainUpdate,
    ) -> Verdict {
        if call.credential == Credential::None {
            return Err(EbbError::NotEnoughAccounts);
        }
        let device = self.device(index)?;
        let role = self.credential_role(call, device)?;
        expected(call, device)?;
        let DrainUpdate {
            deadline,
            planned_return,
            reason: text,
        } = update;
        if deadline.is_none() && planned_return.is_none() && text.is_none() {
            return Err(EbbError::NothingToChange);
        }
        deadline.map_or(Ok(()), check_deadline)?;
        planned_return.map_or(Ok(()), check_planned_return)?;
        reason(text.unwrap_or_default(), REASON_LEN)?;

        let now = self.now;
        let suspended = role != Role::Authority && self.contributor(device.contributor)?.suspended;
        let event = self.device_event(EventKind::DrainUpdated, index, call, role);
        let device = self.device_mut(index)?;
        let Stage::Draining(drain) = &mut device.stage else {
            return Err(EbbError::NotDraining);
        };
        if suspended && !shortens(update, drain, now) {
            return Err(EbbError::ContributorSuspended);
        }
        let recorded = (drain.deadline, drain.planned_return, drain.reason);
        let asked = (
            deadline.map_or(drain.deadline, |seconds| after(now, seconds)),
            planned_return.map_or(drain.planned_return, |seconds| after(now, seconds)),
            text.unwrap_or(drain.reason),
        );
        replace(&recorded, &asked)?;
        let signed = (call.signer, role);
        if asked.0 != recorded.0 {
            drain.deadline_by = signed;
        }
        if asked.2 != recorded.2 {
            drain.reason_by = signed;
        }
        (drain.deadline, drain.planned_return, drain.reason) = asked;
        let event = Event {
            from: recorded.0.unwrap_or(0),
            to: drain.deadline.unwrap_or(0),
            reason: reason(drain.reason, REASON_LEN)?,
            ..event
        };
        Ok(Event {
            sequence: device.count(),
            ..event
        })
    }

    pub(super) fn retire(&mut self, call: &Call, index: usize) -> Verdict {
        if call.credential == Credential::None {
            return Err(EbbError::NotEnoughAccounts);
        }
        let device = self.device(index)?;
        location_passed(call, device)?;
        let role = self.credential_role(call, device)?;
        expected(call, device)?;
        if matches!(device.stage, Stage::Retired) {
            return Err(EbbError::AlreadyInStatus);
        }
        let activated = matches!(device.stage, Stage::Activated);
        if role == Role::Operator || (activated && role != Role::Authority) {
            return Err(EbbError::RoleNotAllowed);
        }
        if activated && !device.is_dead() {
            return Err(EbbError::NotDead);
        }
        if activated && !device.is_surely_dead(self.now) {
            return Err(EbbError::DeathUnconfirmed);
        }
        if !device.sessions.is_empty() {
            return Err(EbbError::NotDrained);
        }
        let draining = matches!(device.stage, Stage::Draining(_));
        let is_task = |hold: &Hold| hold.kind == HoldKind::PendingTask;
        if draining && device.live_holds(self.now).any(is_task) {
            return Err(EbbError::PendingTask);
        }
        let stage = match (&device.stage, device.disk_keys.is_empty()) {
            (_, true) => Stage::Retired,
            (Stage::Retiring, false) => return Err(EbbError::DiskKeysLeft),
            (_, false) => Stage::Retiring,
        };
        self.enter(call, index, role, EventKind::DeviceRetired, stage)
    }

    pub(super) fn remove(&mut self, call: &Call, index: usize) -> Verdict {
        if call.credential == Credential::None {
            return Err(EbbError::NotEnoughAccounts);
        }
        let device = self.device(index)?;
        location_passed(call, device)?;
        let role = self.credential_role(call, device)?;
        expected(call, device)?;
        if !matches!(device.stage, Stage::Retired) {
            return Err(EbbError::TransitionNotAllowed);
        }
        if role == Role::Operator {
            return Err(EbbError::RoleNotAllowed);
        }
        rent_goes_home(call)?;

        let event = Event {
            from: ProvisioningStatus::Retired as i64,
            sequence: device.sequence + 1,
            related: ADDRESSES.locations[device.location].key,
            detail: device.payer.key().to_bytes(),
            ..self.device_event(EventKind::DeviceRemoved, index, call, role)
        };
        self.devices[index] = None;
        Ok(event)
    }

    /// Enters a stage and records the event.
    fn enter(
        &mut self,
        call: &Call,
        index: usize,
        role: Role,
        kind: EventKind,
        stage: Stage,
    ) -> Verdict {
        let now = self.now;
        let event = self.device_event(kind, index, call, role);
        let device = self.device_mut(index)?;
        let from = device.status();
        let sequence = device.enter(stage, now);
        Ok(Event {
            from: from as i64,
            to: device.status() as i64,
            sequence,
            related: ADDRESSES.locations[device.location].key,
            ..event
        })
    }
}

/// A suspended contributor may bring the deadline nearer, and nothing else.
fn shortens(update: DrainUpdate, drain: &Drain, now: Now) -> bool {
    let (
        DrainUpdate {
            deadline: Some(seconds),
            planned_return: None,
            reason: None,
        },
        1..,
    ) = (update, update.deadline.unwrap_or(0))
    else {
        return false;
    };
    let deadline = now.time + i64::from(seconds);
    drain.deadline.is_none_or(|before| deadline < before)
}

fn check_deadline(seconds: u32) -> Result<(), EbbError> {
    if seconds != 0 && seconds < MIN_DEADLINE {
        return Err(EbbError::DeadlineTooSoon);
    }
    check_planned_return(seconds)
}

fn check_planned_return(seconds: u32) -> Result<(), EbbError> {
    if seconds > YEAR {
        return Err(EbbError::DurationTooLong);
    }
    Ok(())
}

/// The moment so many seconds from now; 0 stands for none.
fn after(now: Now, seconds: u32) -> Option<i64> {
    (seconds != 0).then(|| now.time + i64::from(seconds))
}
