//! The rules of the provisioning lifecycle: one table and pure functions over it.
//!
//! The program enforces with [`evaluate`], the CLI explains and dry-runs with it, and the table and
//! diagram in the documentation are printed from [`RULES`].

mod action;
mod check;
mod facts;
mod guard;
mod rules;

pub use {
    action::Action,
    check::{
        check_close_session, check_destroy_disk_key, check_force, check_nominate,
        check_open_session, check_place_hold, check_register_disk_key, check_release_hold,
        check_report_health, check_set_agent, check_update_device, check_update_drain,
    },
    facts::Facts,
    guard::Guard,
    rules::{Rule, RULES},
};

use {
    crate::{error::EbbError, role::Role, state::ProvisioningStatus},
    rules::{DRAINERS, OWNERS},
    ProvisioningStatus::{Activated, Draining, Pending, Retired},
};

/// Where an action leads from a status.
///
/// # Errors
/// [`EbbError::AlreadyInStatus`] if the action would lead where the device is already,
/// [`EbbError::TransitionNotAllowed`] if it leads nowhere from there.
pub fn target(
    action: Action,
    from: Option<ProvisioningStatus>,
) -> Result<Option<ProvisioningStatus>, EbbError> {
    match RULES
        .iter()
        .find(|rule| rule.action == action && rule.from == from)
    {
        Some(rule) => Ok(rule.to),
        None if from.is_some() && final_status(action) == from => Err(EbbError::AlreadyInStatus),
        None => Err(EbbError::TransitionNotAllowed),
    }
}

/// The status in which nothing is left to do for an action.
const fn final_status(action: Action) -> Option<ProvisioningStatus> {
    match action {
        Action::Create => Some(Pending),
        Action::Activate | Action::Undrain => Some(Activated),
        Action::Drain => Some(Draining),
        Action::Retire | Action::DestroyDiskKey => Some(Retired),
        Action::Remove => None,
    }
}

/// Whether a signer in `role` may move a device from one status to another, given the facts.
///
/// # Errors
/// [`EbbError::AlreadyInStatus`] for the same status, [`EbbError::TransitionNotAllowed`] for a pair
/// without a rule, [`EbbError::RoleNotAllowed`] for a role that the rule does not name, else the
/// refusal of the first guard that does not hold.
// Inlined, so that of the whole table only the rules are left that the caller's instruction can reach.
#[inline(always)]
pub fn evaluate(
    from: Option<ProvisioningStatus>,
    to: Option<ProvisioningStatus>,
    role: Role,
    facts: &Facts,
) -> Result<(), EbbError> {
    if from == to {
        return Err(EbbError::AlreadyInStatus);
    }
    let mut refusal = EbbError::TransitionNotAllowed;
    for rule in &RULES {
        if rule.from == from && rule.to == to {
            if rule.roles.contains(&role) {
                return rule.admit(facts);
            }
            refusal = EbbError::RoleNotAllowed;
        }
    }
    Err(refusal)
}
