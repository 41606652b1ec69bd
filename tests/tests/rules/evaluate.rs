//! The SDK's pure function agrees with the table by hand wherever it is asked.

use {
    crate::{
        domain::{vary, BOTH},
        oracle::{allowed, destination, Attempt},
    },
    ebb_sdk::{
        lifecycle::{evaluate, target, Action, Facts},
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
    for from in &statuses {
        for to in &statuses {
            for role in &roles {
                for facts in &facts {
                    let expected = allowed(*from, *to, *role, facts);
                    let found = evaluate(*from, *to, *role, facts);
                    assert_eq!(found, expected, "{from:?} to {to:?} by {role:?}, {facts:?}");
                    cells += 1;
                    allowances += usize::from(found.is_ok());
                }
            }
        }
    }
    assert_eq!((cells, allowances), (2_322_432, 80_928));
}

#[test]
fn every_action_leads_where_the_table_says() {
    let mut statuses = vec![None];
    statuses.extend(ProvisioningStatus::ALL.map(Some));
    for from in statuses {
        for action in Action::ALL {
            let expected = match (action, from) {
                (Action::Create, _) => destination(from, Attempt::Create),
                (Action::Activate, _) => destination(from, Attempt::Activate),
                (Action::Drain, _) => destination(from, Attempt::Drain),
                (Action::Undrain, _) => destination(from, Attempt::Undrain),
                (Action::Retire, _) => destination(from, Attempt::Retire),
                (Action::Remove, _) => destination(from, Attempt::Remove),
                (Action::DestroyDiskKey, Some(ProvisioningStatus::Retiring)) => {
                    Ok(Some(ProvisioningStatus::Retired))
                }
                (Action::DestroyDiskKey, Some(ProvisioningStatus::Retired)) => {
                    Err(EbbError::AlreadyInStatus)
                }
                (Action::DestroyDiskKey, _) => Err(EbbError::TransitionNotAllowed),
            };
            assert_eq!(target(action, from), expected, "{action:?} from {from:?}");
        }
    }
}
