//! What may be done next with a device: one definition for every view that shows the command to copy.

use {
    super::{unix_seconds, DeviceJson, HoldJson, LocationJson},
    crate::{
        error::EbbError,
        lifecycle::{is_evictable, Action, Budget, Facts, Rule, AUTHORITY, DRAINERS, RULES},
        role::Role,
        state::{DeviceHead, DrainRecord, Health, Hold, HoldKind, ProvisioningStatus},
        value::check_code,
    },
    solana_program::pubkey::Pubkey,
};

/// A command for a device, as its status allows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCommand {
    /// As it is typed into a shell.
    pub command: String,
    /// What it does to the device, as a verb and its object.
    pub effect: &'static str,
    /// Who may sign it; nobody has to where it is empty.
    pub roles: &'static [Role],
    /// Why the program would refuse it now, as far as the device and its location show that.
    pub refusals: Vec<EbbError>,
}

impl DeviceCommand {
    /// A command that only reads, or that nothing refuses.
    fn new(command: String, effect: &'static str, roles: &'static [Role]) -> Self {
        Self {
            command,
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
    let (command, effect) = match rule.action {
        Action::Create => return None,
        Action::Retire if is_of_the_dead && facts.health != Health::Dead => return None,
        Action::DestroyDiskKey if facts.disk_keys == 0 => return None,
        Action::Activate => ("device activate", "put it into service"),
        Action::Drain => ("device drain", "take it out of service"),
        Action::Undrain => ("device undrain", "bring it back into service"),
        Action::Retire => ("device retire", "take it out of service for good"),
        Action::DestroyDiskKey => {
            let command = format!("ebb disk-key destroy {code} --all");
            let effect = "destroy its disk keys";
            return Some(DeviceCommand::new(command, effect, rule.roles));
        }
        Action::Remove => ("device remove", "remove it"),
    };
    Some(DeviceCommand {
        command: format!("ebb {command} {code}"),
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
    let drain_command = |options: &str| format!("ebb device drain {code} {options}");
    let update = drain_command("--update --deadline 1h");
    let update = DeviceCommand::new(update, "move its deadline", DRAINERS);
    if device.is_drained() {
        return vec![update];
    }
    let last = match is_evictable(device, now) {
        true => {
            let evict = drain_command("--evict");
            DeviceCommand::new(evict, "end the sessions that are left", DRAINERS)
        }
        false => DeviceCommand::new(drain_command("--wait"), "wait until it is drained", &[]),
    };
    vec![last, update]
}

fn release(code: &str, hold: &Hold) -> DeviceCommand {
    let command = format!("ebb device release {code} {}", hold.id);
    let roles = match hold.role {
        Role::Authority => AUTHORITY,
        _ => DRAINERS,
    };
    DeviceCommand::new(command, "release a hold", roles)
}

impl DeviceJson<'_> {
    /// The commands that the device's status allows at `now` (Unix seconds), as [`commands`] has them. Without its location the
    /// disruption budget is left out of account.
    pub fn commands(&self, location: Option<&LocationJson>, now: i64) -> Vec<DeviceCommand> {
        let head = self.head();
        let facts = match location {
            Some(location) => Facts::of(&head, now).with_budget(Budget {
                activated: location.activated,
                min_activated: location.min_activated,
            }),
            None => Facts::of(&head, now),
        };
        commands(&self.code, &head, &facts, now)
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

    /// As much of the account as the rules ask about.
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

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::{client::Keyed, lifecycle::OWNERS, state::Device, value::MIN_DEAD_SECONDS},
        ProvisioningStatus::{Activated, Draining, Pending, Retired, Retiring},
    };

    const NOW: i64 = 1_000;

    /// The commands of a device: each with what refuses it.
    fn commands(head: DeviceHead, location: Option<&LocationJson>) -> Vec<(String, Vec<EbbError>)> {
        let found = Keyed {
            address: Pubkey::new_from_array([1; 32]),
            account: Device {
                head,
                code: "ams-dz001".to_owned(),
            },
        };
        let device = DeviceJson::new(&found, "co01", "ams", NOW);
        let commands = device.commands(location, NOW).into_iter();
        commands.map(|it| (it.command, it.refusals)).collect()
    }

    fn device(status: ProvisioningStatus) -> DeviceHead {
        let key = Pubkey::new_from_array([1; 32]);
        DeviceHead {
            provisioning_status: status,
            ..DeviceHead::new(key, key, key, 1, 255)
        }
    }

    fn line(command: &str, refusals: &[EbbError]) -> (String, Vec<EbbError>) {
        (command.to_owned(), refusals.to_vec())
    }

    fn location(activated: u32) -> LocationJson {
        LocationJson {
            code: "ams".to_owned(),
            address: String::new(),
            name: String::new(),
            country: String::new(),
            lat: 0.0,
            lng: 0.0,
            min_activated: 1,
            devices: activated,
            activated,
            draining: 0,
            sequence: 0,
        }
    }

    #[test]
    fn what_each_status_allows() {
        let expected = [
            (
                Pending,
                vec![
                    line("ebb device activate ams-dz001", &[]),
                    line("ebb device retire ams-dz001", &[]),
                ],
            ),
            (Activated, vec![line("ebb device drain ams-dz001", &[])]),
            (
                Draining,
                vec![
                    line("ebb device undrain ams-dz001", &[]),
                    line("ebb device retire ams-dz001", &[]),
                    line("ebb device drain ams-dz001 --update --deadline 1h", &[]),
                ],
            ),
            (
                Retiring,
                vec![
                    line("ebb device retire ams-dz001", &[EbbError::DiskKeysLeft]),
                    line("ebb disk-key destroy ams-dz001 --all", &[]),
                ],
            ),
            (Retired, vec![line("ebb device remove ams-dz001", &[])]),
        ];
        for (status, expected) in expected {
            let mut head = device(status);
            head.disk_keys = u32::from(status == Retiring);
            assert_eq!(commands(head, None), expected, "{status}");
        }
    }

    #[test]
    fn what_holds_and_budget_refuse() {
        let mut head = device(Activated);
        head.holds[0] = Hold {
            expires_at: NOW + 1,
            id: 4,
            kind: HoldKind::PendingTask,
            role: Role::Agent,
            ..Hold::default()
        };
        let drain = "ebb device drain ams-dz001";
        let release = line("ebb device release ams-dz001 4", &[]);
        assert_eq!(
            commands(head, Some(&location(1))),
            [
                line(drain, &[EbbError::LiveHold, EbbError::BudgetExceeded]),
                release.clone(),
            ]
        );
        assert_eq!(
            commands(head, Some(&location(2))),
            [line(drain, &[EbbError::LiveHold]), release.clone()]
        );
        head.provisioning_status = Draining;
        head.sessions = 2;
        assert_eq!(
            commands(head, Some(&location(1))),
            [
                line("ebb device undrain ams-dz001", &[]),
                line(
                    "ebb device retire ams-dz001",
                    &[EbbError::NotDrained, EbbError::PendingTask]
                ),
                line("ebb device drain ams-dz001 --wait", &[]),
                line("ebb device drain ams-dz001 --update --deadline 1h", &[]),
                release,
            ]
        );
        head.holds[0].expires_at = NOW;
        head.drain.deadline = NOW;
        assert_eq!(
            commands(head, None)[1..3],
            [
                line("ebb device retire ams-dz001", &[EbbError::NotDrained]),
                line("ebb device drain ams-dz001 --evict", &[]),
            ]
        );
    }

    #[test]
    fn a_dead_device_is_retired_from_service_once_its_death_is_confirmed() {
        let mut head = device(Activated);
        head.health = Health::Dead;
        head.health_reported_at = NOW - MIN_DEAD_SECONDS + 1;
        let drain = line("ebb device drain ams-dz001", &[]);
        let retire = "ebb device retire ams-dz001";
        assert_eq!(
            commands(head, Some(&location(1))),
            [drain.clone(), line(retire, &[EbbError::DeathUnconfirmed])]
        );
        head.health_reported_at -= 1;
        assert_eq!(
            commands(head, Some(&location(1))),
            [drain, line(retire, &[])]
        );
    }

    #[test]
    fn who_signs_is_who_the_rules_name() {
        let found = Keyed {
            address: Pubkey::new_from_array([1; 32]),
            account: Device {
                head: device(Draining),
                code: "ams-dz001".to_owned(),
            },
        };
        let device = DeviceJson::new(&found, "co01", "ams", NOW);
        let commands = device.commands(None, NOW).into_iter();
        let roles: Vec<_> = commands.map(|it| (it.effect, it.roles)).collect();
        assert_eq!(
            roles,
            [
                ("bring it back into service", DRAINERS),
                ("take it out of service for good", OWNERS),
                ("move its deadline", DRAINERS),
            ]
        );
        let hostile = DeviceJson {
            code: "x; reboot".into(),
            ..device
        };
        assert_eq!(hostile.commands(None, NOW), []);
    }

    #[test]
    fn an_account_and_its_json_are_overdue_alike() {
        for (sessions, deadline, planned_return) in [
            (0, 0, 0),
            (1, NOW, 0),
            (0, NOW, 0),
            (1, NOW + 1, 0),
            (0, 0, NOW),
            (1, 0, NOW + 1),
        ] {
            let mut head = device(Draining);
            head.sessions = sessions;
            (head.drain.deadline, head.drain.planned_return) = (deadline, planned_return);
            let found = Keyed {
                address: Pubkey::new_from_array([1; 32]),
                account: Device {
                    head,
                    code: "ams-dz001".to_owned(),
                },
            };
            let json = DeviceJson::new(&found, "co01", "ams", NOW);
            let case = (sessions, deadline, planned_return);
            assert_eq!(json.is_overdue(NOW), head.is_overdue(NOW), "{case:?}");
        }
    }
}
