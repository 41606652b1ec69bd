//! The rules of the provisioning lifecycle: one table and pure functions over it.
//!
//! The program enforces with [`evaluate`], the CLI explains and dry-runs with it, and the table and
//! diagram in the documentation are printed from [`RULES`].

use {
    crate::{
        error::EbbError,
        role::Role,
        state::{
            ContributorHead, DeviceHead, Health, Hold, HoldKind, LocationHead, ProvisioningStatus,
            Registry, MAX_AGENT_HOLDS, MAX_AUTHORITY_HOLDS, MAX_DISK_KEYS, MAX_HOLDS,
        },
    },
    solana_program::pubkey::Pubkey,
};

use ProvisioningStatus::{Activated, Draining, Pending, Retired, Retiring};

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
    /// Closes a retired device's account.
    Remove,
}

impl Action {
    /// Every action, in the order of a device's life.
    pub const ALL: [Self; 6] = [
        Self::Create,
        Self::Activate,
        Self::Drain,
        Self::Undrain,
        Self::Retire,
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
    /// Health is dead.
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
            Self::Dead => "health is dead",
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
            Self::Dead => (facts.health == Health::Dead, EbbError::NotDead),
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
    fn admit(&self, role: Role, facts: &Facts) -> Result<(), EbbError> {
        if !self.roles.contains(&role) {
            return Err(EbbError::RoleNotAllowed);
        }
        for guard in self.guards {
            guard.check(facts)?;
        }
        Ok(())
    }
}

const OWNERS: &[Role] = &[Role::Contributor, Role::Authority];
const DRAINERS: &[Role] = &[Role::Contributor, Role::Operator, Role::Authority];

/// Every allowed transition. Every other pair is refused.
pub static RULES: [Rule; 9] = [
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
        from: Some(Retired),
        to: None,
        action: Action::Remove,
        roles: OWNERS,
        guards: &[],
    },
];

/// What the guards look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The contributor is suspended.
    pub contributor_suspended: bool,
    /// The device's health.
    pub health: Health,
    /// Its health is healthy, reported by oracle or authority since the last change of status.
    pub health_proven: bool,
    /// Policy asks for proven health.
    pub require_healthy: bool,
    /// It carries a live hold of any kind.
    pub live_hold: bool,
    /// It carries a live pending-task hold.
    pub pending_task: bool,
    /// With one activated device fewer, its location keeps its disruption budget.
    pub keeps_budget: bool,
    /// Sessions open.
    pub sessions: u32,
    /// Disk keys not destroyed.
    pub disk_keys: u32,
    /// The authority asked to pass holds and budget.
    pub force: bool,
}

impl Facts {
    /// What a device's own account tells at `now` (Unix seconds). What other accounts tell is set
    /// to what lets every guard pass, for transitions whose rules do not ask; see
    /// [`Facts::with_contributor`], [`Facts::with_policy`] and [`Facts::with_location`].
    #[inline(always)]
    pub fn of(device: &DeviceHead, now: i64) -> Self {
        let (mut live_hold, mut pending_task) = (false, false);
        for hold in device.holds.iter() {
            if hold.is_live(now) {
                live_hold = true;
                pending_task |= hold.kind == HoldKind::PendingTask;
            }
        }
        Self {
            contributor_suspended: false,
            health: device.health,
            health_proven: device.is_health_proven(),
            require_healthy: false,
            live_hold,
            pending_task,
            keeps_budget: true,
            sessions: device.sessions,
            disk_keys: device.disk_keys,
            force: false,
        }
    }

    /// Adds what the contributor's account tells.
    pub fn with_contributor(self, contributor: &ContributorHead) -> Self {
        Self {
            contributor_suspended: contributor.suspended,
            ..self
        }
    }

    /// Adds the registry's policy.
    pub fn with_policy(self, registry: &Registry) -> Self {
        Self {
            require_healthy: registry.require_healthy,
            ..self
        }
    }

    /// Adds whether the location can spare an activated device.
    pub fn with_location(self, location: &LocationHead) -> Self {
        Self {
            keeps_budget: location.activated > location.min_activated,
            ..self
        }
    }

    /// Adds the wish to pass holds and budget. Only the authority has it: see [`check_force`].
    pub fn with_force(self, force: bool) -> Self {
        Self { force, ..self }
    }

    fn check_fitness(&self) -> Result<(), EbbError> {
        match self.health {
            Health::Unhealthy | Health::Dead => Err(EbbError::DeviceUnfit),
            _ if self.require_healthy && !self.health_proven => Err(EbbError::HealthNotProven),
            _ => Ok(()),
        }
    }
}

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
        Action::Retire => Some(Retired),
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
    for rule in &RULES {
        if rule.from == from && rule.to == to {
            return rule.admit(role, facts);
        }
    }
    Err(EbbError::TransitionNotAllowed)
}

/// Only the authority may force.
///
/// # Errors
/// [`EbbError::ForceNotAllowed`]
pub fn check_force(role: Role, force: bool) -> Result<(), EbbError> {
    if force && role != Role::Authority {
        return Err(EbbError::ForceNotAllowed);
    }
    Ok(())
}

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

/// Whether a signer in `role` may close a session at `now` (Unix seconds): the agent at any time,
/// drainers once the drain's deadline has passed or the device is dead.
///
/// # Errors
/// [`EbbError::RoleNotAllowed`], [`EbbError::NotEvictable`]
pub fn check_close_session(device: &DeviceHead, role: Role, now: i64) -> Result<(), EbbError> {
    match role {
        Role::Agent => Ok(()),
        role if !DRAINERS.contains(&role) => Err(EbbError::RoleNotAllowed),
        _ if device.health == Health::Dead => Ok(()),
        _ if device.provisioning_status == Draining && device.is_deadline_passed(now) => Ok(()),
        _ => Err(EbbError::NotEvictable),
    }
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
    match role {
        Role::HealthOracle | Role::Authority | Role::Agent => {}
        _ => return Err(EbbError::RoleNotAllowed),
    }
    if device.provisioning_status == Retired {
        return Err(EbbError::HealthFrozen);
    }
    if role == Role::Agent && (health == Health::Dead || device.health == Health::Dead) {
        return Err(EbbError::AgentHealth);
    }
    Ok(())
}

/// Whether a signer in `role` may set a device's agent. `old_agent_signed` tells whether the agent
/// that is replaced signed too.
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

/// Whether a signer in `role` may change a running drain's record.
///
/// # Errors
/// [`EbbError::RoleNotAllowed`], [`EbbError::NotDraining`]
pub fn check_update_drain(device: &DeviceHead, role: Role) -> Result<(), EbbError> {
    if !DRAINERS.contains(&role) {
        return Err(EbbError::RoleNotAllowed);
    }
    if device.provisioning_status != Draining {
        return Err(EbbError::NotDraining);
    }
    Ok(())
}

/// Whether a signer in `role` may change what a device is: its address, capacity and location.
///
/// # Errors
/// [`EbbError::RoleNotAllowed`], [`EbbError::ContributorSuspended`], [`EbbError::NotUpdatable`]
pub fn check_update_device(
    device: &DeviceHead,
    role: Role,
    contributor: &ContributorHead,
) -> Result<(), EbbError> {
    if role != Role::Contributor {
        Err(EbbError::RoleNotAllowed)
    } else if contributor.suspended {
        Err(EbbError::ContributorSuspended)
    } else if device.provisioning_status == Pending || device.is_drained() {
        Ok(())
    } else {
        Err(EbbError::NotUpdatable)
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
    let of_role = device
        .live_holds(now)
        .filter(|hold| hold.role == role)
        .count();
    if device.live_holds(now).count() >= MAX_HOLDS || of_role >= most_of_role {
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

/// Whether one more disk key may be registered for a device by its agent or contributor.
///
/// # Errors
/// [`EbbError::RoleNotAllowed`], [`EbbError::DiskKeyNotRegistrable`], [`EbbError::TooManyDiskKeys`]
pub fn check_register_disk_key(device: &DeviceHead, role: Role) -> Result<(), EbbError> {
    if !matches!(role, Role::Contributor | Role::Agent) {
        Err(EbbError::RoleNotAllowed)
    } else if !matches!(device.provisioning_status, Pending | Activated | Draining) {
        Err(EbbError::DiskKeyNotRegistrable)
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
