//! The rules of the provisioning lifecycle: one table and pure functions over it.
//!
//! The program enforces with [`evaluate`], the CLI explains and dry-runs with it, and the table and
//! diagram in the documentation are printed from [`RULES`].

mod check;
mod facts;

pub use {
    check::{
        check_close_session, check_destroy_disk_key, check_force, check_nominate,
        check_open_session, check_place_hold, check_register_disk_key, check_release_hold,
        check_report_health, check_set_agent, check_update_device, check_update_drain,
    },
    facts::Facts,
};

use {
    crate::{
        error::EbbError,
        role::Role,
        state::{Health, ProvisioningStatus},
    },
    ProvisioningStatus::{Activated, Draining, Pending, Retired, Retiring},
};

/// An instruction that moves a device from status to status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Registers a device.
    Create,
    /// Puts a pending device into service.
    Activate,
    /// Starts taking a device out of service.
    Drain,
    /// Brings a draining device back into service.
    Undrain,
    /// Takes a device out of service for good.
    Retire,
    /// Attests that a disk key was destroyed; the last one retires the device.
    DestroyDiskKey,
    /// Closes a retired device's account.
    Remove,
}

impl Action {
    /// Every action, in the order of a device's life.
    pub const ALL: [Self; 7] = [
        Self::Create,
        Self::Activate,
        Self::Drain,
        Self::Undrain,
        Self::Retire,
        Self::DestroyDiskKey,
        Self::Remove,
    ];

    /// The action as the command line and JSON write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Activate => "activate",
            Self::Drain => "drain",
            Self::Undrain => "undrain",
            Self::Retire => "retire",
            Self::DestroyDiskKey => "destroy-disk-key",
            Self::Remove => "remove",
        }
    }
}

/// What must hold for a transition besides the signer's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Guard {
    /// The contributor is not suspended.
    NotSuspended,
    /// Health is neither unhealthy nor dead; with policy `require_healthy`, proven healthy.
    FitForService,
    /// No live hold. A dead device passes, and the authority passes with `force`.
    NoLiveHold,
    /// The location keeps its disruption budget. A dead device passes, and the authority passes with `force`.
    KeepsBudget,
    /// Health is dead, and has been reported so for 60 seconds.
    Dead,
    /// No session is open.
    NoSessions,
    /// No live pending-task hold.
    NoPendingTask,
    /// No disk key is left.
    NoDiskKeys,
}

impl Guard {
    /// The guard in words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotSuspended => "contributor not suspended",
            Self::FitForService => {
                "health not unhealthy or dead; with policy require_healthy, proven healthy"
            }
            Self::NoLiveHold => "no live hold (unless dead or forced by the authority)",
            Self::KeepsBudget => {
                "location keeps its disruption budget (unless dead or forced by the authority)"
            }
            Self::Dead => "health has been dead for 60 seconds",
            Self::NoSessions => "no session left",
            Self::NoPendingTask => "no live pending-task hold",
            Self::NoDiskKeys => "no disk key left",
        }
    }

    #[inline(always)]
    fn check(self, facts: &Facts) -> Result<(), EbbError> {
        let (holds, refusal) = match self {
            Self::NotSuspended => (!facts.contributor_suspended, EbbError::ContributorSuspended),
            Self::FitForService => return facts.check_fitness(),
            Self::NoLiveHold => (
                !facts.live_hold || facts.health == Health::Dead || facts.force,
                EbbError::LiveHold,
            ),
            Self::KeepsBudget => (
                facts.keeps_budget || facts.health == Health::Dead || facts.force,
                EbbError::BudgetExceeded,
            ),
            Self::Dead if facts.health != Health::Dead => (false, EbbError::NotDead),
            Self::Dead => (facts.death_confirmed, EbbError::DeathUnconfirmed),
            Self::NoSessions => (facts.sessions == 0, EbbError::NotDrained),
            Self::NoPendingTask => (!facts.pending_task, EbbError::PendingTask),
            Self::NoDiskKeys => (facts.disk_keys == 0, EbbError::DiskKeysLeft),
        };
        if holds {
            Ok(())
        } else {
            Err(refusal)
        }
    }
}

/// One allowed transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The status it leaves; `None` before the device exists.
    pub from: Option<ProvisioningStatus>,
    /// The status it enters; `None` once the account is closed.
    pub to: Option<ProvisioningStatus>,
    /// The instruction.
    pub action: Action,
    /// Who may sign.
    pub roles: &'static [Role],
    /// What must hold, in the order in which refusals are given.
    pub guards: &'static [Guard],
}

impl Rule {
    #[inline(always)]
    fn admit(&self, facts: &Facts) -> Result<(), EbbError> {
        for guard in self.guards {
            guard.check(facts)?;
        }
        Ok(())
    }
}

const OWNERS: &[Role] = &[Role::Contributor, Role::Authority];
const DRAINERS: &[Role] = &[Role::Contributor, Role::Operator, Role::Authority];

/// Every allowed transition. Every other pair is refused. Two rules of one pair differ in who signs.
pub static RULES: [Rule; 10] = [
    Rule {
        from: None,
        to: Some(Pending),
        action: Action::Create,
        roles: &[Role::Contributor],
        guards: &[Guard::NotSuspended],
    },
    Rule {
        from: Some(Pending),
        to: Some(Activated),
        action: Action::Activate,
        roles: &[Role::Authority],
        guards: &[Guard::NotSuspended, Guard::FitForService],
    },
    Rule {
        from: Some(Pending),
        to: Some(Retiring),
        action: Action::Retire,
        roles: OWNERS,
        guards: &[],
    },
    Rule {
        from: Some(Activated),
        to: Some(Draining),
        action: Action::Drain,
        roles: DRAINERS,
        guards: &[Guard::NoLiveHold, Guard::KeepsBudget],
    },
    Rule {
        from: Some(Draining),
        to: Some(Activated),
        action: Action::Undrain,
        roles: DRAINERS,
        guards: &[Guard::NotSuspended, Guard::FitForService],
    },
    Rule {
        from: Some(Draining),
        to: Some(Retiring),
        action: Action::Retire,
        roles: OWNERS,
        guards: &[Guard::NoSessions, Guard::NoPendingTask],
    },
    Rule {
        from: Some(Activated),
        to: Some(Retiring),
        action: Action::Retire,
        roles: &[Role::Authority],
        guards: &[Guard::Dead, Guard::NoSessions],
    },
    Rule {
        from: Some(Retiring),
        to: Some(Retired),
        action: Action::Retire,
        roles: OWNERS,
        guards: &[Guard::NoDiskKeys],
    },
    Rule {
        from: Some(Retiring),
        to: Some(Retired),
        action: Action::DestroyDiskKey,
        roles: &[Role::Custodian],
        guards: &[Guard::NoDiskKeys],
    },
    Rule {
        from: Some(Retired),
        to: None,
        action: Action::Remove,
        roles: OWNERS,
        guards: &[],
    },
];

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
