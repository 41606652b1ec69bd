use {
    super::Budget,
    crate::{
        error::EbbError,
        state::{ContributorHead, DeviceHead, Health, HoldKind, LocationHead, Registry},
    },
};

/// What the accounts beside a device's own contain that the guards ask about. Where an account is not known, its field is
/// `None`, and what the guards ask of it passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelatedAccounts {
    /// The contributor's suspension.
    pub contributor_suspended: Option<bool>,
    /// The registry's policy.
    pub require_healthy: Option<bool>,
    /// The location's disruption budget.
    pub budget: Option<Budget>,
}

impl RelatedAccounts {
    /// What is in the accounts that are known.
    pub fn of(
        contributor: Option<&ContributorHead>,
        registry: Option<&Registry>,
        location: Option<&LocationHead>,
    ) -> Self {
        Self {
            contributor_suspended: contributor.map(|contributor| contributor.suspended),
            require_healthy: registry.map(|registry| registry.require_healthy),
            budget: location.map(Budget::of),
        }
    }
}

/// What the guards ask about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The contributor is suspended.
    pub contributor_suspended: bool,
    /// The device's health.
    pub health: Health,
    /// It has been reported dead for 60 seconds.
    pub death_confirmed: bool,
    /// Its health is healthy, reported by oracle or authority since the last change of status,
    /// address, location or agent.
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
    /// The facts that a device's own account contains, at `now` (Unix seconds). Those of other accounts are such that
    /// every guard passes, for transitions whose rules do not ask; see [`Facts::with_contributor`],
    /// [`Facts::with_policy`] and [`Facts::with_location`]. Whoever shows what any rule says takes
    /// [`Facts::with_related`], which has them all.
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
            death_confirmed: device.is_death_confirmed(now),
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

    /// Adds the contributor's suspension.
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
        self.with_budget(Budget::of(location))
    }

    /// The same with what earlier drains of a plan left of the budget.
    pub fn with_budget(self, budget: Budget) -> Self {
        Self {
            keeps_budget: budget.can_spare(),
            ..self
        }
    }

    /// Adds all that the accounts beside the device's own contain.
    pub fn with_related(self, related: RelatedAccounts) -> Self {
        Self {
            contributor_suspended: related.contributor_suspended.unwrap_or_default(),
            require_healthy: related.require_healthy.unwrap_or_default(),
            keeps_budget: related.budget.is_none_or(Budget::can_spare),
            ..self
        }
    }

    /// Adds that holds and budget are to be passed, which only the authority may ask for.
    pub fn with_force(self, force: bool) -> Self {
        Self { force, ..self }
    }

    /// Whether holds and budget do not count: the device is dead, or the authority asked to pass them.
    #[inline(always)]
    pub(super) fn is_exempt(&self) -> bool {
        self.health == Health::Dead || self.force
    }

    pub(super) fn check_fitness(&self) -> Result<(), EbbError> {
        match self.health {
            Health::Unhealthy | Health::Dead => Err(EbbError::DeviceUnfit),
            _ if self.require_healthy && !self.health_proven => Err(EbbError::HealthNotProven),
            _ => Ok(()),
        }
    }
}
