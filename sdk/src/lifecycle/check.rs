//! What the instructions that leave the status alone ask.

use {
    super::{
        permit,
        roles::{CONTRIBUTOR, DISK_KEY_OWNERS, DRAINERS, OWNERS, REPORTERS},
        Action, Facts,
    },
    crate::{
        error::EbbError,
        instruction::{UpdateDevice, UpdateDrain},
        role::Role,
        state::{
            ContributorHead, DeviceHead, DrainRecord, Health, Hold,
            ProvisioningStatus::{self, Activated, Draining, Pending, Retired, Retiring},
            MAX_AGENT_HOLDS, MAX_AUTHORITY_HOLDS, MAX_DISK_KEYS, MAX_HOLDS,
        },
    },
    solana_program::pubkey::Pubkey,
};

/// Whether a session may open on a device. The signer is its agent.
///
/// # Errors
/// [`EbbError::SessionsClosed`] outside Activated, [`EbbError::DeviceDead`], [`EbbError::DeviceFull`]
pub fn check_open_session(device: &DeviceHead) -> Result<(), EbbError> {
    if device.provisioning_status != Activated {
        Err(EbbError::SessionsClosed)
    } else if device.health == Health::Dead {
        Err(EbbError::DeviceDead)
    } else if device.sessions >= device.max_sessions {
        Err(EbbError::DeviceFull)
    } else {
        Ok(())
    }
}

/// Whether a signer in `role` may close a session at `now` (Unix seconds): the agent at any time, drainers from when
/// the device is [evictable](evictable_from).
///
/// # Errors
/// [`EbbError::RoleNotAllowed`], [`EbbError::NotEvictable`], [`EbbError::DeathUnconfirmed`]
pub fn check_close_session(device: &DeviceHead, role: Role, now: i64) -> Result<(), EbbError> {
    match role {
        Role::Agent => Ok(()),
        role if !DRAINERS.contains(&role) => Err(EbbError::RoleNotAllowed),
        _ if evictable_from(device).is_some_and(|from| from <= now) => Ok(()),
        _ if device.health == Health::Dead => Err(EbbError::DeathUnconfirmed),
        _ => Err(EbbError::NotEvictable),
    }
}

/// From when drainers may close a device's sessions, in Unix seconds: from the deadline of its drain, or once it has
/// been reported dead for 60 seconds. `None` while it has neither.
pub fn evictable_from(device: &DeviceHead) -> Option<i64> {
    let is_draining = device.provisioning_status == Draining;
    let deadline = Some(device.drain.deadline).filter(|at| is_draining && *at != 0);
    let death = device.death_confirmed_at();
    deadline.into_iter().chain(death).min()
}

/// Whether sessions are open that drainers may close at `now` (Unix seconds).
pub fn is_evictable(device: &DeviceHead, now: i64) -> bool {
    device.sessions > 0 && evictable_from(device).is_some_and(|from| from <= now)
}

/// Whether a signer in `role` may report this health of a device.
///
/// # Errors
/// [`EbbError::RoleNotAllowed`], [`EbbError::HealthFrozen`], [`EbbError::AgentHealth`]
pub fn check_report_health(
    device: &DeviceHead,
    role: Role,
    health: Health,
) -> Result<(), EbbError> {
    if !REPORTERS.contains(&role) {
        return Err(EbbError::RoleNotAllowed);
    }
    if device.provisioning_status == Retired {
        return Err(EbbError::HealthFrozen);
    }
    if role == Role::Agent && (health == Health::Dead || device.health == Health::Dead) {
        return Err(EbbError::AgentHealth);
    }
    Ok(())
}

/// Whether a signer in `role` may set a device's agent. `old_agent_signed` is
/// whether the agent that is replaced signed too.
///
/// # Errors
/// [`EbbError::RoleNotAllowed`], [`EbbError::AgentFixed`], [`EbbError::AgentSignatureRequired`]
pub fn check_set_agent(
    device: &DeviceHead,
    role: Role,
    old_agent_signed: bool,
) -> Result<(), EbbError> {
    if !OWNERS.contains(&role) {
        return Err(EbbError::RoleNotAllowed);
    }
    if device.provisioning_status == Retired {
        return Err(EbbError::AgentFixed);
    }
    if role == Role::Contributor && device.sessions > 0 && !old_agent_signed {
        return Err(EbbError::AgentSignatureRequired);
    }
    Ok(())
}

/// Whether a signer in `role` may change a running drain's record so at `now` (Unix seconds). A
/// suspended contributor and its operator only shorten the deadline.
///
/// # Errors
/// [`EbbError::RoleNotAllowed`], [`EbbError::NotDraining`], [`EbbError::ContributorSuspended`]
// Inlined, as a fifth argument goes through memory.
#[inline(always)]
pub fn check_update_drain(
    device: &DeviceHead,
    role: Role,
    contributor_suspended: bool,
    update: &UpdateDrain,
    now: i64,
) -> Result<(), EbbError> {
    if !DRAINERS.contains(&role) {
        return Err(EbbError::RoleNotAllowed);
    }
    if device.provisioning_status != Draining {
        return Err(EbbError::NotDraining);
    }
    if contributor_suspended && role != Role::Authority && !shortens(update, &device.drain, now) {
        return Err(EbbError::ContributorSuspended);
    }
    Ok(())
}

/// Whether an update brings a drain's deadline nearer and does nothing else. No deadline is the
/// farthest.
fn shortens(update: &UpdateDrain, drain: &DrainRecord, now: i64) -> bool {
    let nearer = update.deadline_seconds.is_some_and(|seconds| {
        let deadline = now.saturating_add(seconds.into());
        seconds != 0 && (drain.deadline == 0 || deadline < drain.deadline)
    });
    nearer && update.planned_return_seconds.is_none() && update.reason.is_none()
}

/// Whether a signer in `role` may nominate a contributor's next authority: the authority always, the
/// contributor's own authority unless it is suspended, as its key may be stolen.
///
/// # Errors
/// [`EbbError::RoleNotAllowed`], [`EbbError::ContributorSuspended`]
pub fn check_nominate(contributor: &ContributorHead, role: Role) -> Result<(), EbbError> {
    match role {
        Role::Authority => Ok(()),
        Role::Contributor if contributor.suspended => Err(EbbError::ContributorSuspended),
        Role::Contributor => Ok(()),
        _ => Err(EbbError::RoleNotAllowed),
    }
}

/// Whether a signer in `role` may change what a device is: its address and capacity and, if it is
/// `relocated`, its location, which only a Pending device does: one that was counted in a location's
/// disruption budget cannot make up for another elsewhere.
///
/// # Errors
/// [`EbbError::RoleNotAllowed`], [`EbbError::ContributorSuspended`], [`EbbError::NotUpdatable`],
/// [`EbbError::LocationFixed`], [`EbbError::MaxSessionsBelowSessions`]
// Inlined, as a fifth argument goes through memory.
#[inline(always)]
pub fn check_update_device(
    device: &DeviceHead,
    role: Role,
    contributor: &ContributorHead,
    update: &UpdateDevice,
    relocated: bool,
) -> Result<(), EbbError> {
    if !CONTRIBUTOR.contains(&role) {
        return Err(EbbError::RoleNotAllowed);
    }
    if contributor.suspended {
        return Err(EbbError::ContributorSuspended);
    }
    match device.provisioning_status {
        Pending => {}
        _ if !device.is_drained() => return Err(EbbError::NotUpdatable),
        _ if relocated => return Err(EbbError::LocationFixed),
        _ => {}
    }
    match update.max_sessions {
        Some(most) if most < device.sessions => Err(EbbError::MaxSessionsBelowSessions),
        _ => Ok(()),
    }
}

/// Whether a signer in `role` may place one more hold on a device at `now` (Unix seconds).
/// `contributor_suspended` is asked of the contributor's own roles.
///
/// # Errors
/// [`EbbError::RoleNotAllowed`], [`EbbError::ContributorSuspended`], [`EbbError::HoldNotAllowed`],
/// [`EbbError::TooManyHolds`]
pub fn check_place_hold(
    device: &DeviceHead,
    role: Role,
    contributor_suspended: bool,
    now: i64,
) -> Result<(), EbbError> {
    let most_of_role = match role {
        Role::Contributor | Role::Operator if contributor_suspended => {
            return Err(EbbError::ContributorSuspended)
        }
        Role::Contributor | Role::Operator => MAX_HOLDS,
        Role::Agent => MAX_AGENT_HOLDS,
        Role::Authority => MAX_AUTHORITY_HOLDS,
        _ => return Err(EbbError::RoleNotAllowed),
    };
    if !matches!(device.provisioning_status, Activated | Draining) {
        return Err(EbbError::HoldNotAllowed);
    }
    let (mut live, mut of_role) = (0, 0);
    for hold in device.live_holds(now) {
        live += 1;
        of_role += usize::from(hold.role == role);
    }
    if live >= MAX_HOLDS || of_role >= most_of_role {
        return Err(EbbError::TooManyHolds);
    }
    Ok(())
}

/// Whether a signer may release a hold: its placer, the authority, and the contributor or operator
/// unless the authority placed it.
///
/// # Errors
/// [`EbbError::HoldNotReleasable`]
pub fn check_release_hold(hold: &Hold, role: Role, signer: &Pubkey) -> Result<(), EbbError> {
    let may = match role {
        Role::Authority => true,
        Role::Contributor | Role::Operator => hold.role != Role::Authority,
        Role::Agent => hold.role == Role::Agent && hold.placed_by == *signer,
        _ => false,
    };
    if may {
        Ok(())
    } else {
        Err(EbbError::HoldNotReleasable)
    }
}

/// Whether one more disk key may be registered for a device by its agent, or by its contributor
/// unless that is suspended; while it drains, by the contributor only, so that no agent puts off its
/// retirement.
///
/// # Errors
/// [`EbbError::RoleNotAllowed`], [`EbbError::ContributorSuspended`],
/// [`EbbError::DiskKeyNotRegistrable`], [`EbbError::ContributorSignatureRequired`],
/// [`EbbError::TooManyDiskKeys`]
pub fn check_register_disk_key(
    device: &DeviceHead,
    role: Role,
    contributor_suspended: bool,
) -> Result<(), EbbError> {
    if !DISK_KEY_OWNERS.contains(&role) {
        Err(EbbError::RoleNotAllowed)
    } else if role == Role::Contributor && contributor_suspended {
        Err(EbbError::ContributorSuspended)
    } else if !matches!(device.provisioning_status, Pending | Activated | Draining) {
        Err(EbbError::DiskKeyNotRegistrable)
    } else if device.provisioning_status == Draining && role == Role::Agent {
        Err(EbbError::ContributorSignatureRequired)
    } else if device.disk_keys >= MAX_DISK_KEYS {
        Err(EbbError::TooManyDiskKeys)
    } else {
        Ok(())
    }
}

/// Whether a device's disk keys may be destroyed: in Retiring only.
///
/// # Errors
/// [`EbbError::DiskKeyNotDestroyable`]
pub fn check_destroy_disk_key(device: &DeviceHead) -> Result<(), EbbError> {
    if device.provisioning_status != Retiring {
        return Err(EbbError::DiskKeyNotDestroyable);
    }
    Ok(())
}

/// Permits the destruction of one of a device's disk keys and returns the status that it leaves the device in: Retired
/// with the last key, as that was all that Retiring waited for.
///
/// # Errors
/// As [`check_destroy_disk_key`]; [`EbbError::Overflow`] if the device has no key.
#[inline(always)]
pub fn permit_destruction(device: &DeviceHead, now: i64) -> Result<ProvisioningStatus, EbbError> {
    check_destroy_disk_key(device)?;
    let facts = Facts {
        disk_keys: device.disk_keys.checked_sub(1).ok_or(EbbError::Overflow)?,
        ..Facts::of(device, now)
    };
    let last = permit(
        Action::DestroyDiskKey,
        Some(Retiring),
        Role::Custodian,
        &facts,
    );
    Ok(last.ok().flatten().unwrap_or(Retiring))
}
