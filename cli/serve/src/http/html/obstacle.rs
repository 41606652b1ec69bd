//! What keeps a device from its next step, by the rules of the lifecycle.

use {
    crate::view::View,
    ebb_sdk::{
        json::RefusedDevice,
        lifecycle::{Action, Budget, Rule, RULES},
        state::{DeviceHead, ProvisioningStatus},
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
    let location = view.locations.at(&device.location);
    let refused = RefusedDevice {
        contributor: &view.contributors.code_or_address(&device.contributor),
        location: &view.locations.code_or_address(&device.location),
        budget: location.map(|found| Budget::of(&found.account.head)),
        head: device,
        now: view.time,
    };
    refused.reason(refusal)
}
