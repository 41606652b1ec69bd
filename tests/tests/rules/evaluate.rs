//! The SDK's pure function agrees with the table by hand wherever it is asked.

use {
    crate::{
        domain::{vary, BOTH},
        oracle::{allowed, destination, Attempt},
    },
    ebb_sdk::{
        lifecycle::{permit, Action, Facts},
        state::{Health, ProvisioningStatus},
        EbbError, Role,
    },
};

/// Every combination of facts; counts at none, one and the most there can be.
fn facts() -> Vec<Facts> {
    let mut all = vec![Facts {
        contributor_suspended: false,
        health: Health::Unknown,
        death_confirmed: false,
        health_proven: false,
        require_healthy: false,
        live_hold: false,
        pending_task: false,
        keeps_budget: false,
        sessions: 0,
        disk_keys: 0,
        force: false,
    }];
    vary(&mut all, &BOTH, |facts, value| {
        facts.contributor_suspended = value
    });
    vary(&mut all, &Health::ALL, |facts, value| facts.health = value);
    vary(&mut all, &BOTH, |facts, value| {
        facts.death_confirmed = value
    });
    vary(&mut all, &BOTH, |facts, value| facts.health_proven = value);
    vary(&mut all, &BOTH, |facts, value| {
        facts.require_healthy = value
    });
    vary(&mut all, &BOTH, |facts, value| facts.live_hold = value);
    vary(&mut all, &BOTH, |facts, value| facts.pending_task = value);
    vary(&mut all, &BOTH, |facts, value| facts.keeps_budget = value);
    vary(&mut all, &[0, 1, u32::MAX], |facts, value| {
        facts.sessions = value
    });
    vary(&mut all, &[0, 1, 32], |facts, value| {
        facts.disk_keys = value
    });
    vary(&mut all, &BOTH, |facts, value| facts.force = value);
    all
}

#[test]
fn agrees_over_its_whole_domain() {
    let mut statuses = vec![None];
    statuses.extend(ProvisioningStatus::ALL.map(Some));
    let mut roles = vec![Role::None];
    roles.extend(Role::ALL);
    let facts = facts();

    let (mut cells, mut allowances) = (0, 0);
    for action in Action::ALL {
        for from in &statuses {
            for role in &roles {
                for facts in &facts {
                    let expected = expected(action, *from, *role, facts);
                    let found = permit(action, *from, *role, facts);
                    assert_eq!(
                        found, expected,
                        "{action:?} from {from:?} by {role:?}, {facts:?}"
                    );
                    cells += 1;
                    allowances += usize::from(found.is_ok());
                }
            }
        }
    }
    assert_eq!((cells, allowances), (2_709_504, 54_624));
}

fn expected(
    action: Action,
    from: Option<ProvisioningStatus>,
    role: Role,
    facts: &Facts,
) -> Result<Option<ProvisioningStatus>, EbbError> {
    if facts.force && role != Role::Authority {
        return Err(EbbError::ForceNotAllowed);
    }
    let attempt = match action {
        Action::Create => Attempt::Create,
        Action::Activate => Attempt::Activate,
        Action::Drain => Attempt::Drain,
        Action::Undrain => Attempt::Undrain,
        Action::Retire => Attempt::Retire,
        Action::Remove => Attempt::Remove,
        Action::DestroyDiskKey => {
            return match from {
                Some(ProvisioningStatus::Retiring) if role != Role::Custodian => {
                    Err(EbbError::RoleNotAllowed)
                }
                Some(ProvisioningStatus::Retiring) if facts.disk_keys > 0 => {
                    Err(EbbError::DiskKeysLeft)
                }
                Some(ProvisioningStatus::Retiring) => Ok(Some(ProvisioningStatus::Retired)),
                Some(ProvisioningStatus::Retired) => Err(EbbError::AlreadyInStatus),
                _ => Err(EbbError::TransitionNotAllowed),
            }
        }
    };
    let to = destination(from, attempt)?;
    if role == Role::Custodian {
        return Err(EbbError::RoleNotAllowed);
    }
    allowed(from, to, role, facts)?;
    match to {
        Some(ProvisioningStatus::Retiring) if facts.disk_keys == 0 => {
            Ok(Some(ProvisioningStatus::Retired))
        }
        to => Ok(to),
    }
}
