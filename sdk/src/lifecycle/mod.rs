//! The rules of the provisioning lifecycle: tables and pure functions over them.
//!
//! The program enforces with [`permit`] and the checks, the CLI explains and dry-runs with the same, and the table and
//! diagram in the documentation are printed from [`RULES`].

mod action;
mod budget;
mod check;
mod facts;
mod guard;
mod roles;
mod rules;
#[cfg(test)]
mod tests;

pub use {
    action::Action,
    budget::Budget,
    check::{
        check_close_session, check_destroy_disk_key, check_nominate, check_open_session,
        check_place_hold, check_register_disk_key, check_release_hold, check_report_health,
        check_set_agent, check_update_device, check_update_drain, evictable_from, is_evictable,
        permit_destruction,
    },
    facts::{Facts, RelatedAccounts},
    guard::Guard,
    roles::{
        AGENT, AUTHORITY, CLOSERS, CONTRIBUTOR, CUSTODIAN, DISK_KEY_OWNERS, DRAINERS, HOLDERS,
        OWNERS, REPORTERS,
    },
    rules::{Rule, RULES},
};

use {
    crate::{error::EbbError, role::Role, state::ProvisioningStatus},
    ProvisioningStatus::Retiring,
};

/// Permits an action from a status, `None` before the device exists, to a signer in `role`, given the facts. Returns
/// the status that it leads to, `None` once the account is closed. A retirement that finds no disk key passes through
/// Retiring in one step.
///
/// # Errors
/// [`EbbError::ForceNotAllowed`] for force by another than the authority, [`EbbError::AlreadyInStatus`] where nothing
/// is left to do, [`EbbError::TransitionNotAllowed`] where the action leads nowhere, [`EbbError::RoleNotAllowed`] for a
/// role that the rule does not name, else the refusal of the first guard that does not hold.
// Inlined, so that of the whole table only the rules are left that the caller's instruction can reach.
#[inline(always)]
pub fn permit(
    action: Action,
    from: Option<ProvisioningStatus>,
    role: Role,
    facts: &Facts,
) -> Result<Option<ProvisioningStatus>, EbbError> {
    if facts.force && role != Role::Authority {
        return Err(EbbError::ForceNotAllowed);
    }
    let rule = rule(action, from)?;
    rule.admit(role, facts)?;
    if action == Action::Retire && rule.to == Some(Retiring) {
        let next = self::rule(action, rule.to)?;
        return Ok(next.admit(role, facts).map_or(rule.to, |()| next.to));
    }
    Ok(rule.to)
}

/// The roles that may sign an action from a status, and where it leads nowhere, those that may from some other.
pub fn roles(action: Action, from: Option<ProvisioningStatus>) -> &'static [Role] {
    rule(action, from).map_or(action.roles(), |rule| rule.roles)
}

#[inline(always)]
fn rule(action: Action, from: Option<ProvisioningStatus>) -> Result<&'static Rule, EbbError> {
    for rule in &RULES {
        if rule.action == action && rule.from == from {
            return Ok(rule);
        }
    }
    if from.is_some() && action.goal() == from {
        Err(EbbError::AlreadyInStatus)
    } else {
        Err(EbbError::TransitionNotAllowed)
    }
}
