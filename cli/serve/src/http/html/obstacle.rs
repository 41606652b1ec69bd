//! What keeps a device from its next step, by the rules of the lifecycle.

use {
    crate::view::View,
    ebb_sdk::{
        lifecycle::{Action, Rule, RULES},
        state::{DeviceHead, HoldKind, ProvisioningStatus},
        text::count,
        EbbError,
    },
};

/// An action that is refused now, and every reason for that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The action.
    pub action: &'static str,
    /// Why it is refused, in words.
    pub reasons: Vec<String>,
}

/// What keeps a device from the steps that its status leads to. Sessions of a draining device are its progress, and no
/// obstacle.
pub fn obstacles(view: &View, device: &DeviceHead) -> Vec<Obstacle> {
    let actions: &[Action] = match device.provisioning_status {
        ProvisioningStatus::Pending => &[Action::Activate],
        ProvisioningStatus::Activated => &[Action::Drain],
        ProvisioningStatus::Draining => &[Action::Retire, Action::Undrain],
        ProvisioningStatus::Retiring => &[Action::Retire],
        ProvisioningStatus::Retired => &[],
    };
    let facts = view.facts(device);
    let from = Some(device.provisioning_status);
    let rules = actions.iter().filter_map(|action| {
        let mut rules = RULES.iter();
        rules.find(|rule| rule.action == *action && rule.from == from)
    });
    let of_rule = |rule: &Rule| Obstacle {
        action: rule.action.as_str(),
        reasons: rule
            .refusals(&facts)
            .filter(|error| *error != EbbError::NotDrained)
            .map(|error| reason(view, device, error))
            .collect(),
    };
    let all = rules.map(of_rule);
    all.filter(|obstacle| !obstacle.reasons.is_empty())
        .collect()
}

/// A refusal in words.
pub fn reason(view: &View, device: &DeviceHead, refusal: EbbError) -> String {
    match refusal {
        EbbError::ContributorSuspended => {
            let code = view.contributors.code_or_address(&device.contributor);
            format!("the contributor {code} is suspended")
        }
        EbbError::DeviceUnfit => format!("its health is {}", device.health),
        EbbError::LiveHold => holds(view, device, None),
        EbbError::PendingTask => holds(view, device, Some(HoldKind::PendingTask)),
        EbbError::BudgetExceeded => budget(view, device),
        EbbError::NotDrained => format!("{} open", count(device.sessions, "session")),
        EbbError::DiskKeysLeft => {
            format!("{} not destroyed", count(device.disk_keys, "disk key"))
        }
        other => other.to_string(),
    }
}

fn holds(view: &View, device: &DeviceHead, kind: Option<HoldKind>) -> String {
    let live = device.live_holds(view.time);
    let ids: Vec<String> = live
        .filter(|hold| kind.is_none_or(|kind| hold.kind == kind))
        .map(|hold| format!("#{} ({})", hold.id, hold.kind.as_str()))
        .collect();
    match ids.as_slice() {
        [only] => format!("hold {only}"),
        _ => format!("holds {}", ids.join(", ")),
    }
}

fn budget(view: &View, device: &DeviceHead) -> String {
    let Some(location) = view.locations.at(&device.location) else {
        return "the budget of its location".to_owned();
    };
    let (code, head) = (&location.account.code, &location.account.head);
    format!(
        "the budget of {code}: {} activated, and at least {} must stay",
        head.activated, head.min_activated
    )
}
