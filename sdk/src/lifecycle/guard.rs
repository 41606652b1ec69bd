use {
    super::{Budget, Facts},
    crate::{error::EbbError, state::Health},
};

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
    /// The guard as text.
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
    pub(super) fn check(self, facts: &Facts) -> Result<(), EbbError> {
        match self {
            Self::NotSuspended => {
                refuse_if(facts.contributor_suspended, EbbError::ContributorSuspended)
            }
            Self::FitForService => facts.check_fitness(),
            Self::NoLiveHold => {
                refuse_if(facts.live_hold && !facts.is_exempt(), EbbError::LiveHold)
            }
            Self::KeepsBudget => refuse_if(
                !facts.keeps_budget && !facts.is_exempt(),
                EbbError::BudgetExceeded,
            ),
            Self::Dead if facts.health != Health::Dead => Err(EbbError::NotDead),
            Self::Dead => refuse_if(!facts.death_confirmed, EbbError::DeathUnconfirmed),
            Self::NoSessions => refuse_if(facts.sessions != 0, EbbError::NotDrained),
            Self::NoPendingTask => refuse_if(facts.pending_task, EbbError::PendingTask),
            Self::NoDiskKeys => refuse_if(facts.disk_keys != 0, EbbError::DiskKeysLeft),
        }
    }
}

impl Budget {
    /// Reserves the drain of an activated device. A dead or forced one is reserved past the budget.
    ///
    /// # Errors
    /// [`EbbError::BudgetExceeded`], and nothing is reserved.
    pub fn reserve(&mut self, device: &Facts) -> Result<(), EbbError> {
        Guard::KeepsBudget.check(&device.with_budget(*self))?;
        self.activated = self.activated.saturating_sub(1);
        Ok(())
    }
}

#[inline(always)]
fn refuse_if(refused: bool, refusal: EbbError) -> Result<(), EbbError> {
    if refused {
        Err(refusal)
    } else {
        Ok(())
    }
}
