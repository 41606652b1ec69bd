//! The lifecycle's table by hand.

use {
    ebb_sdk::{
        lifecycle::Facts,
        state::{Health, ProvisioningStatus},
        EbbError, Role,
    },
    ebb_tests::{Actor, Caller, Credential, Holding, Situation},
    ProvisioningStatus::{Activated, Draining, Pending, Retired, Retiring},
};

/// What a signer tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    Create,
    Activate,
    Drain,
    ForceDrain,
    Undrain,
    Retire,
    Remove,
}

impl Attempt {
    pub const ALL: [Self; 7] = [
        Self::Create,
        Self::Activate,
        Self::Drain,
        Self::ForceDrain,
        Self::Undrain,
        Self::Retire,
        Self::Remove,
    ];
}

/// Whether a signer in a role may move a device from one status to another.
pub fn allowed(
    from: Option<ProvisioningStatus>,
    to: Option<ProvisioningStatus>,
    role: Role,
    facts: &Facts,
) -> Result<(), EbbError> {
    let dead = facts.health == Health::Dead;
    let overridden = dead || facts.force;
    let owners: &[Role] = &[Role::Contributor, Role::Authority];
    let drainers: &[Role] = &[Role::Contributor, Role::Operator, Role::Authority];
    // The custodian who attests that the last disk key was destroyed completes retirement.
    let completers: &[Role] = &[Role::Contributor, Role::Authority, Role::Custodian];

    let suspended = (facts.contributor_suspended, EbbError::ContributorSuspended);
    let unfit = (
        dead || facts.health == Health::Unhealthy,
        EbbError::DeviceUnfit,
    );
    let unproven = (
        facts.require_healthy && !facts.health_proven,
        EbbError::HealthNotProven,
    );
    let held = (facts.live_hold && !overridden, EbbError::LiveHold);
    let no_budget = (!facts.keeps_budget && !overridden, EbbError::BudgetExceeded);
    let alive = (!dead, EbbError::NotDead);
    let just_died = (!facts.death_confirmed, EbbError::DeathUnconfirmed);
    let in_use = (facts.sessions != 0, EbbError::NotDrained);
    let task = (facts.pending_task, EbbError::PendingTask);
    let keys_left = (facts.disk_keys != 0, EbbError::DiskKeysLeft);

    match (from, to) {
        (None, Some(Pending)) => first(role, &[Role::Contributor], &[suspended]),
        (Some(Pending), Some(Activated)) => {
            first(role, &[Role::Authority], &[suspended, unfit, unproven])
        }
        (Some(Pending), Some(Retiring)) => first(role, owners, &[]),
        (Some(Activated), Some(Draining)) => first(role, drainers, &[held, no_budget]),
        (Some(Draining), Some(Activated)) => first(role, drainers, &[suspended, unfit, unproven]),
        (Some(Draining), Some(Retiring)) => first(role, owners, &[in_use, task]),
        (Some(Activated), Some(Retiring)) => {
            first(role, &[Role::Authority], &[alive, just_died, in_use])
        }
        (Some(Retiring), Some(Retired)) => first(role, completers, &[keys_left]),
        (Some(Retired), None) => first(role, owners, &[]),
        _ if from == to => Err(EbbError::AlreadyInStatus),
        _ => Err(EbbError::TransitionNotAllowed),
    }
}

/// The first refusal that applies, that of the role before all.
fn first(role: Role, roles: &[Role], refusals: &[(bool, EbbError)]) -> Result<(), EbbError> {
    if !roles.contains(&role) {
        return Err(EbbError::RoleNotAllowed);
    }
    match refusals.iter().find(|(applies, _)| *applies) {
        Some((_, refusal)) => Err(*refusal),
        None => Ok(()),
    }
}

/// What becomes of an attempt: the status that the device enters, none once it is removed.
pub fn verdict(
    situation: &Situation,
    attempt: Attempt,
    caller: Caller,
) -> Result<Option<ProvisioningStatus>, EbbError> {
    let from = situation.status;
    if from.is_none() && attempt != Attempt::Create {
        // There is no account of the program at the device's address.
        return Err(EbbError::WrongOwner);
    }
    let role = role(attempt, caller)?;
    if from.is_some() && attempt == Attempt::Create {
        return Err(EbbError::AlreadyExists);
    }
    if attempt == Attempt::ForceDrain && role != Role::Authority {
        return Err(EbbError::ForceNotAllowed);
    }
    let facts = facts(situation, attempt);
    let to = destination(from, attempt)?;
    allowed(from, to, role, &facts)?;
    let completes = to == Some(Retiring) && situation.disk_keys == 0;
    Ok(if completes { Some(Retired) } else { to })
}

/// The role in which a signer arrives at an instruction that takes a credential or the agent, or
/// why in none.
pub fn credential_role(caller: Caller) -> Result<Role, EbbError> {
    match (caller.credential, caller.actor) {
        (Credential::None, Actor::Agent) => Ok(Role::Agent),
        (Credential::None, _) => Err(EbbError::NotAgent),
        (Credential::OtherContributor, _) => Err(EbbError::WrongContributor),
        (Credential::Contributor, Actor::Contributor) => Ok(Role::Contributor),
        (Credential::Contributor, Actor::Operator) => Ok(Role::Operator),
        (Credential::Registry, Actor::Authority) => Ok(Role::Authority),
        (Credential::Contributor | Credential::Registry, _) => Err(EbbError::Unauthorized),
    }
}

/// The role in which a signer arrives at a move of status, or why in none.
pub fn role(attempt: Attempt, caller: Caller) -> Result<Role, EbbError> {
    let of_registry = Caller::new(caller.actor, Credential::Registry);
    match attempt {
        Attempt::Activate => {
            if credential_role(caller) == Err(EbbError::WrongContributor) {
                return Err(EbbError::WrongContributor);
            }
            credential_role(of_registry)
        }
        Attempt::Undrain => match credential_role(caller) {
            Err(EbbError::Unauthorized) => credential_role(of_registry),
            role => role,
        },
        _ => credential_role(caller),
    }
}

/// Where an attempt leads from a status, whoever makes it.
pub fn destination(
    from: Option<ProvisioningStatus>,
    attempt: Attempt,
) -> Result<Option<ProvisioningStatus>, EbbError> {
    let leads = match (attempt, from) {
        (Attempt::Create, None) => Some(Some(Pending)),
        (Attempt::Activate, Some(Pending)) => Some(Some(Activated)),
        (Attempt::Drain | Attempt::ForceDrain, Some(Activated)) => Some(Some(Draining)),
        (Attempt::Undrain, Some(Draining)) => Some(Some(Activated)),
        (Attempt::Retire, Some(Pending | Activated | Draining)) => Some(Some(Retiring)),
        (Attempt::Retire, Some(Retiring)) => Some(Some(Retired)),
        (Attempt::Remove, Some(Retired)) => Some(None),
        _ => None,
    };
    let is_there = matches!(
        (attempt, from),
        (Attempt::Create, Some(Pending))
            | (Attempt::Activate | Attempt::Undrain, Some(Activated))
            | (Attempt::Drain | Attempt::ForceDrain, Some(Draining))
            | (Attempt::Retire, Some(Retired))
    );
    match leads {
        Some(to) => Ok(to),
        None if is_there => Err(EbbError::AlreadyInStatus),
        None => Err(EbbError::TransitionNotAllowed),
    }
}

fn facts(situation: &Situation, attempt: Attempt) -> Facts {
    let health = situation
        .report
        .map_or(Health::Unknown, |report| report.health);
    let proof = situation.report.is_some_and(|report| {
        report.health == Health::Healthy && report.by != Caller::AGENT && !report.stale
    });
    Facts {
        contributor_suspended: situation.suspended,
        health,
        // Every report of a situation is old enough.
        death_confirmed: health == Health::Dead,
        health_proven: proof,
        require_healthy: situation.require_healthy,
        live_hold: matches!(situation.holding, Holding::Traffic | Holding::Task),
        pending_task: situation.holding == Holding::Task,
        keeps_budget: !situation.budget_spent,
        sessions: situation.sessions.into(),
        disk_keys: situation.disk_keys.into(),
        force: attempt == Attempt::ForceDrain,
    }
}
