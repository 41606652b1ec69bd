//! Which devices a list shows.

use {
    crate::value,
    clap::Args,
    ebb_sdk::{
        client::DeviceFilter,
        lifecycle::{permit, Action, Facts},
        state::{DeviceHead, Health, LocationHead, ProvisioningStatus},
        Role,
    },
    solana_sdk::pubkey::Pubkey,
    std::time::Duration,
};

/// Options that choose devices. A device is listed if it passes all that are given.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterArgs {
    /// Only devices in one of these statuses: pending, activated, draining, retiring, retired
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    pub status: Vec<ProvisioningStatus>,

    /// No device in one of these statuses
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    pub without_status: Vec<ProvisioningStatus>,

    /// Only devices of one of these healths: unknown, healthy, unhealthy, dead
    #[arg(long, value_name = "HEALTH", value_delimiter = ',')]
    pub health: Vec<Health>,

    /// Only devices of one of these contributors
    #[arg(long, value_name = "CODE", value_delimiter = ',', value_parser = value::identifier)]
    pub contributor: Vec<value::Identifier>,

    /// Only devices at one of these locations
    #[arg(long, value_name = "CODE", value_delimiter = ',', value_parser = value::identifier)]
    pub location: Vec<value::Identifier>,

    /// Only devices that have been draining for longer than this
    #[arg(long, value_name = "DUR", allow_hyphen_values = true, value_parser = value::duration)]
    pub draining_longer_than: Option<Duration>,

    /// Only draining devices whose deadline passed with sessions left, or whose planned return passed
    #[arg(long)]
    pub overdue: bool,

    /// Only activated devices that no drain may start on now (a live hold, or the location's disruption
    /// budget), and draining ones that a live pending-task hold keeps from retiring
    #[arg(long)]
    pub blocked: bool,
}

/// The same with contributors and locations looked up.
#[derive(Clone, Debug)]
pub struct Choice<'a> {
    args: &'a FilterArgs,
    contributors: Vec<Pubkey>,
    locations: Vec<Pubkey>,
}

impl<'a> Choice<'a> {
    /// `contributors` and `locations` are the addresses of those that `args` names.
    pub fn new(args: &'a FilterArgs, contributors: Vec<Pubkey>, locations: Vec<Pubkey>) -> Self {
        Self {
            args,
            contributors,
            locations,
        }
    }

    /// What the ledger itself can filter on: whatever has one value only.
    pub fn for_ledger(&self) -> DeviceFilter {
        let only_draining = self.args.overdue || self.args.draining_longer_than.is_some();
        DeviceFilter {
            status: if only_draining {
                Some(ProvisioningStatus::Draining)
            } else {
                single(&self.args.status)
            },
            health: single(&self.args.health),
            contributor: single(&self.contributors),
            location: single(&self.locations),
        }
    }

    /// Whether a device passes as far as that does not depend on the time or on its location.
    pub fn takes(&self, device: &DeviceHead) -> bool {
        let status = device.provisioning_status;
        among(&self.args.status, &status)
            && !self.args.without_status.contains(&status)
            && among(&self.args.health, &device.health)
            && among(&self.contributors, &device.contributor)
            && among(&self.locations, &device.location)
    }

    /// Whether it may depend on those too.
    pub fn is_timed(&self) -> bool {
        self.args.draining_longer_than.is_some() || self.args.overdue || self.args.blocked
    }

    /// Whether a device that is [taken](Choice::takes) passes at `now` (Unix seconds) too.
    pub fn takes_at(&self, device: &DeviceHead, location: Option<&LocationHead>, now: i64) -> bool {
        self.args
            .draining_longer_than
            .is_none_or(|span| drains_longer(device, span, now))
            && (!self.args.overdue || device.is_overdue(now))
            && (!self.args.blocked || is_blocked(device, location, now))
    }
}

fn single<T: Copy>(values: &[T]) -> Option<T> {
    match values {
        [value] => Some(*value),
        _ => None,
    }
}

fn among<T: PartialEq>(values: &[T], value: &T) -> bool {
    values.is_empty() || values.contains(value)
}

fn drains_longer(device: &DeviceHead, span: Duration, now: i64) -> bool {
    let drained_for = now.saturating_sub(device.drain.started_at);
    device.provisioning_status == ProvisioningStatus::Draining
        && u64::try_from(drained_for).is_ok_and(|seconds| seconds > span.as_secs())
}

/// Whether the device's next step towards removal would be refused for a hold or the budget.
fn is_blocked(device: &DeviceHead, location: Option<&LocationHead>, now: i64) -> bool {
    let facts = Facts {
        sessions: 0,
        ..Facts::of(device, now)
    };
    let facts = location.map_or(facts, |location| facts.with_location(location));
    let next = match device.provisioning_status {
        ProvisioningStatus::Activated => Action::Drain,
        ProvisioningStatus::Draining => Action::Retire,
        _ => return false,
    };
    let from = Some(device.provisioning_status);
    permit(next, from, Role::Contributor, &facts).is_err()
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        ebb_sdk::state::{Hold, HoldKind},
        ProvisioningStatus::{Activated, Draining},
    };

    fn device(status: ProvisioningStatus) -> DeviceHead {
        let key = Pubkey::new_from_array([1; 32]);
        let mut device = DeviceHead::new(key, key, key, 1, 255);
        device.provisioning_status = status;
        device.drain.started_at = 1_000;
        device
    }

    fn takes(args: &FilterArgs, device: &DeviceHead, now: i64) -> bool {
        let choice = Choice::new(args, vec![], vec![]);
        choice.takes(device) && choice.takes_at(device, None, now)
    }

    #[test]
    fn no_option_takes_all() {
        for status in ProvisioningStatus::ALL {
            assert!(takes(&FilterArgs::default(), &device(status), 0));
        }
    }

    #[test]
    fn statuses_in_and_out() {
        let args = FilterArgs {
            status: vec![Activated, Draining],
            ..FilterArgs::default()
        };
        assert!(takes(&args, &device(Draining), 0));
        assert!(!takes(&args, &device(ProvisioningStatus::Pending), 0));
        let args = FilterArgs {
            without_status: vec![Draining],
            ..FilterArgs::default()
        };
        assert!(!takes(&args, &device(Draining), 0));
        assert!(takes(&args, &device(Activated), 0));
    }

    #[test]
    fn what_drains_for_long() {
        let hour = Some(Duration::from_secs(3_600));
        let args = FilterArgs {
            draining_longer_than: hour,
            ..FilterArgs::default()
        };
        assert!(!takes(&args, &device(Draining), 4_600));
        assert!(takes(&args, &device(Draining), 4_601));
        assert!(!takes(&args, &device(Activated), 9_999));
    }

    #[test]
    fn what_is_overdue() {
        let args = FilterArgs {
            overdue: true,
            ..FilterArgs::default()
        };
        let mut late = device(Draining);
        late.drain.deadline = 2_000;
        late.sessions = 1;
        assert!(takes(&args, &late, 2_000));
        assert!(!takes(&args, &late, 1_999));
        late.sessions = 0;
        assert!(!takes(&args, &late, 2_000));
        // Without a deadline only a planned return can pass, drained or not.
        late.drain.deadline = 0;
        assert!(!takes(&args, &late, i64::MAX));
        late.drain.planned_return = 3_000;
        assert!(!takes(&args, &late, 2_999));
        assert!(takes(&args, &late, 3_000));
    }

    #[test]
    fn what_is_blocked() {
        let args = FilterArgs {
            blocked: true,
            ..FilterArgs::default()
        };
        let mut location = LocationHead::new(*b"NL", 0, 0, 1, 255);
        let choice = Choice::new(&args, vec![], vec![]);
        location.activated = 2;
        assert!(!choice.takes_at(&device(Activated), Some(&location), 0));
        location.activated = 1;
        assert!(choice.takes_at(&device(Activated), Some(&location), 0));

        let mut held = device(Draining);
        held.sessions = 5;
        assert!(!choice.takes_at(&held, Some(&location), 0));
        held.holds[0] = Hold {
            kind: HoldKind::PendingTask,
            expires_at: 10,
            ..Hold::default()
        };
        assert!(choice.takes_at(&held, Some(&location), 0));
        assert!(!choice.takes_at(&held, Some(&location), 10));
    }

    #[test]
    fn the_ledger_filters_on_single_values() {
        let args = FilterArgs {
            status: vec![Activated],
            ..FilterArgs::default()
        };
        let key = Pubkey::new_from_array([7; 32]);
        let filter = Choice::new(&args, vec![key], vec![key, key]).for_ledger();
        assert_eq!(filter.status, Some(Activated));
        assert_eq!((filter.contributor, filter.location), (Some(key), None));
        let args = FilterArgs {
            overdue: true,
            ..FilterArgs::default()
        };
        assert_eq!(
            Choice::new(&args, vec![], vec![]).for_ledger().status,
            Some(Draining)
        );
    }
}
