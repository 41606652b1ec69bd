//! The health of the device, as a program of the operator's finds it.

use {
    crate::{chain::Chain, program},
    ebb_sdk::{
        state::AGENT_SILENT_AFTER,
        state::{Health, ProvisioningStatus},
        Role,
    },
    std::{path::Path, process::Stdio, time::Duration},
    tokio::{
        sync::watch,
        time::{interval, MissedTickBehavior},
    },
};

/// How long the program may take.
const WITHIN: Duration = Duration::from_secs(30);
/// How old the agent's own report becomes before it is renewed, in seconds.
const RENEW_AFTER: i64 = AGENT_SILENT_AFTER / 2;

/// Runs the program again and again, for ever.
pub async fn follow(program: &Path, every: Duration, found: &watch::Sender<Option<Health>>) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let health = match program::run(program, &[], Stdio::null(), WITHIN).await {
            Ok(ended) => of_exit_code(ended.code),
            Err(reason) => {
                tracing::warn!(%reason, "the health check has found nothing");
                Health::Unknown
            }
        };
        found.send_replace(Some(health));
    }
}

/// 0 is healthy, any other code unhealthy; who was ended by a signal has found nothing.
fn of_exit_code(code: Option<i32>) -> Health {
    match code {
        Some(0) => Health::Healthy,
        Some(_) => Health::Unhealthy,
        None => Health::Unknown,
    }
}

/// What to report, if anything: a change, or the same again before the agent's own report is too old. What the oracle or the
/// authority has reported is only ever made worse: the same from an agent would void it as a proof.
pub fn to_report(chain: &Chain, found: Health) -> Option<Health> {
    let head = chain.head();
    if head.provisioning_status == ProvisioningStatus::Retired || head.health == Health::Dead {
        return None;
    }
    let age = chain.time.saturating_sub(head.health_reported_at);
    let is_due = match head.health_reported_by {
        Role::Agent | Role::None => head.health != found || age >= RENEW_AFTER,
        _ => found == Health::Unhealthy && head.health != found,
    };
    is_due.then_some(found)
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::reconcile::testing::chain,
        Health::{Dead, Healthy, Unhealthy, Unknown},
    };

    /// What is reported of a device whose `health` was reported by `role` at second 1,000, at `time`.
    fn reported(health: Health, role: Role, time: i64, found: Health) -> Option<Health> {
        let mut chain = chain(ProvisioningStatus::Activated, &[]);
        chain.device.account.head.health = health;
        chain.device.account.head.health_reported_by = role;
        chain.device.account.head.health_reported_at = 1_000;
        chain.time = time;
        to_report(&chain, found)
    }

    #[test]
    fn a_change_is_reported_and_renewed() {
        assert_eq!(reported(Unknown, Role::None, 1_000, Healthy), Some(Healthy));
        assert_eq!(reported(Healthy, Role::Agent, 1_899, Healthy), None);
        assert_eq!(
            reported(Healthy, Role::Agent, 1_900, Healthy),
            Some(Healthy)
        );
        assert_eq!(
            reported(Healthy, Role::Agent, 1_001, Unhealthy),
            Some(Unhealthy)
        );
        assert_eq!(
            reported(Unhealthy, Role::Agent, 1_001, Healthy),
            Some(Healthy)
        );
        assert_eq!(
            reported(Healthy, Role::Agent, 1_001, Unknown),
            Some(Unknown)
        );
    }

    #[test]
    fn what_others_reported_is_only_made_worse() {
        for role in [Role::HealthOracle, Role::Authority] {
            assert_eq!(reported(Healthy, role, 9_000, Healthy), None);
            assert_eq!(reported(Healthy, role, 9_000, Unknown), None);
            assert_eq!(reported(Unhealthy, role, 9_000, Healthy), None);
            assert_eq!(reported(Healthy, role, 9_000, Unhealthy), Some(Unhealthy));
            assert_eq!(reported(Dead, role, 9_000, Unhealthy), None);
        }
    }

    #[test]
    fn exit_codes() {
        assert_eq!(of_exit_code(Some(0)), Healthy);
        assert_eq!(of_exit_code(Some(2)), Unhealthy);
        assert_eq!(of_exit_code(None), Unknown);
    }
}
