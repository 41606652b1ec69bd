use {
    super::{
        roles::{AUTHORITY, CONTRIBUTOR, CUSTODIAN, DRAINERS, OWNERS},
        Action, Facts, Guard,
    },
    crate::{error::EbbError, role::Role, state::ProvisioningStatus},
    ProvisioningStatus::{Activated, Draining, Pending, Retired, Retiring},
};

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
    /// Whether it lets a signer in `role` pass, given the facts.
    #[inline(always)]
    pub(super) fn admit(&self, role: Role, facts: &Facts) -> Result<(), EbbError> {
        if !self.roles.contains(&role) {
            return Err(EbbError::RoleNotAllowed);
        }
        for guard in self.guards {
            guard.check(facts)?;
        }
        Ok(())
    }
}

/// Every allowed transition; any other is refused. No two leave one status by one action.
pub static RULES: [Rule; 10] = [
    Rule {
        from: None,
        to: Some(Pending),
        action: Action::Create,
        roles: CONTRIBUTOR,
        guards: &[Guard::NotSuspended],
    },
    Rule {
        from: Some(Pending),
        to: Some(Activated),
        action: Action::Activate,
        roles: AUTHORITY,
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
        roles: AUTHORITY,
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
        roles: CUSTODIAN,
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

impl Rule {
    /// Why it would let nobody pass, given the facts, in the order in which refusals are given.
    pub fn refusals<'a>(&self, facts: &'a Facts) -> impl Iterator<Item = EbbError> + 'a {
        let guards = self.guards.iter();
        guards.filter_map(|guard| guard.check(facts).err())
    }
}
