//! What may be done next with a device: one definition for every view that shows the command to copy.

#[cfg(test)]
mod tests;

use {
    super::{
        unix_seconds, ContributorJson, DeviceJson, HoldJson, LocationJson, RefusedDevice,
        RegistryJson,
    },
    crate::{
        error::EbbError,
        lifecycle::{
            is_evictable, Action, Facts, RelatedAccounts, Rule, AUTHORITY, DRAINERS, RULES,
        },
        role::Role,
        state::{DeviceHead, DrainRecord, Health, Hold, HoldKind, ProvisioningStatus},
        value::check_code,
    },
    solana_program::pubkey::Pubkey,
};

/// A command for a device, as its status allows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCommand {
    /// What `ebb` takes, as it is typed into a shell behind [`LedgerOptions`](super::LedgerOptions).
    pub arguments: String,
    /// What it does to the device, as a verb and its object.
    pub effect: &'static str,
    /// Who may sign it; nobody has to where it is empty.
    pub roles: &'static [Role],
    /// Why the program would refuse it now, as far as the device, its contributor, its location and the registry show
    /// that.
    pub refusals: Vec<EbbError>,
}

impl DeviceCommand {
    /// A command that only reads, or that nothing refuses.
    fn new(arguments: String, effect: &'static str, roles: &'static [Role]) -> Self {
        Self {
            arguments,
            effect,
            roles,
            refusals: vec![],
        }
    }
}

/// The commands that the status of a device allows at `now` (Unix seconds): those that lead out of the status first, then those
/// that change its drain or holds. What refuses one is as the facts have it. None if the code is no code, as no shell is to read
/// it.
pub fn commands(code: &str, device: &DeviceHead, facts: &Facts, now: i64) -> Vec<DeviceCommand> {
    if check_code(code).is_err() {
        return vec![];
    }
    let from = Some(device.provisioning_status);
    let rules = RULES.iter().filter(|rule| rule.from == from);
    rules
        .filter_map(|rule| transition(code, rule, facts))
        .chain(of_drain(code, device, now))
        .chain(device.live_holds(now).map(|hold| release(code, hold)))
        .collect()
}

/// The command of a rule. A device that lives is drained and not retired from Activated; a rule that attests the destruction of
/// disk keys is about the last of them, if there are any.
fn transition(code: &str, rule: &Rule, facts: &Facts) -> Option<DeviceCommand> {
    let is_of_the_dead =
        rule.from == Some(ProvisioningStatus::Activated) && rule.action == Action::Retire;
    let (verb, effect) = match rule.action {
        Action::Create => return None,
        Action::Retire if is_of_the_dead && facts.health != Health::Dead => return None,
        Action::DestroyDiskKey if facts.disk_keys == 0 => return None,
        Action::Activate => ("device activate", "put it into service"),
        Action::Drain => ("device drain", "take it out of service"),
        Action::Undrain => ("device undrain", "bring it back into service"),
        Action::Retire => ("device retire", "take it out of service for good"),
        Action::DestroyDiskKey => {
            let arguments = format!("disk-key destroy {code} --all");
            let effect = "destroy its disk keys";
            return Some(DeviceCommand::new(arguments, effect, rule.roles));
        }
        Action::Remove => ("device remove", "remove it"),
    };
    Some(DeviceCommand {
        arguments: format!("{verb} {code}"),
        effect,
        roles: rule.roles,
        refusals: rule.refusals(facts).collect(),
    })
}

/// The commands for a drain that runs.
fn of_drain(code: &str, device: &DeviceHead, now: i64) -> Vec<DeviceCommand> {
    if device.provisioning_status != ProvisioningStatus::Draining {
        return vec![];
    }
    let drain_command = |options: &str| format!("device drain {code} {options}");
    let update = drain_command("--update --deadline 1h");
    let update = DeviceCommand::new(update, "move its deadline", DRAINERS);
    if device.is_drained() {
        return vec![update];
    }
    let last = if is_evictable(device, now) {
        let evict = drain_command("--evict");
        DeviceCommand::new(evict, "end the sessions that are left", DRAINERS)
    } else {
        DeviceCommand::new(drain_command("--wait"), "wait until it is drained", &[])
    };
    vec![last, update]
}

fn release(code: &str, hold: &Hold) -> DeviceCommand {
    let arguments = format!("device release {code} {}", hold.id);
    let roles = match hold.role {
        Role::Authority => AUTHORITY,
        _ => DRAINERS,
    };
    DeviceCommand::new(arguments, "release a hold", roles)
}

impl DeviceJson<'_> {
    /// The commands that the device's status allows at `now` (Unix seconds), as [`commands`] has them. Without its contributor a
    /// suspension is left out of account, without the registry the policy, and without its location the disruption budget.
    pub fn commands(
        &self,
        contributor: Option<&ContributorJson>,
        registry: Option<&RegistryJson>,
        location: Option<&LocationJson>,
        now: i64,
    ) -> Vec<DeviceCommand> {
        let head = self.head();
        let related = RelatedAccounts {
            contributor_suspended: contributor.map(|contributor| contributor.suspended),
            require_healthy: registry.map(|registry| registry.require_healthy),
            budget: location.map(LocationJson::budget),
        };
        let facts = Facts {
            health_proven: self.health_proven,
            ..Facts::of(&head, now)
        };
        commands(&self.code, &head, &facts.with_related(related), now)
    }

    /// Why something is refused of it at `now` (Unix seconds), in a short sentence.
    pub fn reason(&self, refusal: EbbError, location: Option<&LocationJson>, now: i64) -> String {
        let refused = RefusedDevice {
            contributor: &self.contributor,
            location: &self.location,
            budget: location.map(LocationJson::budget),
            head: &self.head(),
            now,
        };
        refused.reason(refusal)
    }

    /// Draining, and either the deadline passed with sessions left or the planned return passed, at `now` (Unix seconds).
    pub fn is_overdue(&self, now: i64) -> bool {
        self.drain.is_some() && self.head().is_overdue(now)
    }

    /// The holds that still block at `now` (Unix seconds).
    pub fn live_holds(&self, now: i64) -> impl Iterator<Item = &HoldJson> {
        let holds = self.holds.iter();
        holds.filter(move |hold| unix_seconds(hold.expires_at.as_deref()) > now)
    }

    /// As much of the account as the rules ask about, but for whether its health is proven.
    fn head(&self) -> DeviceHead {
        let nobody = Pubkey::default();
        let drain = self.drain.as_ref();
        let mut head = DeviceHead {
            provisioning_status: self.provisioning_status,
            sessions: self.sessions,
            disk_keys: self.disk_keys,
            health: self.health,
            health_reported_at: unix_seconds(self.health_reported_at.as_deref()),
            drain: DrainRecord {
                deadline: unix_seconds(drain.and_then(|drain| drain.deadline.as_deref())),
                planned_return: unix_seconds(drain.and_then(|drain| drain.until.as_deref())),
                ..DrainRecord::default()
            },
            ..DeviceHead::new(nobody, nobody, nobody, 0, 0)
        };
        for (slot, hold) in head.holds.iter_mut().zip(&self.holds) {
            let kind = HoldKind::ALL.iter().find(|kind| kind.as_str() == hold.kind);
            slot.kind = kind.copied().unwrap_or_default();
            slot.id = hold.id;
            let role = Role::ALL.iter().find(|role| role.as_str() == hold.role);
            slot.role = role.copied().unwrap_or(Role::Contributor);
            slot.expires_at = unix_seconds(hold.expires_at.as_deref());
        }
        head
    }
}
