//! What may be done with a device, each as the command to copy.

use {
    super::obstacle::reasons,
    crate::view::View,
    ebb_sdk::{
        lifecycle::{is_evictable, Action, RULES},
        state::{
            Device, DeviceHead,
            Health::{Dead, Healthy},
            ProvisioningStatus::{self, Activated, Draining, Pending, Retired, Retiring},
        },
    },
};

/// A command to copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What it does, in words.
    pub what: &'static str,
    /// The command.
    pub line: String,
    /// Why the program would refuse it now; nothing where it would not.
    pub refused: Vec<String>,
}

/// Every command for a device as it is.
pub fn commands(view: &View, device: &Device) -> Vec<Command> {
    let head = &device.head;
    let builder = Builder {
        view,
        head,
        code: quoted(&device.code),
    };
    let mut all = builder.of_status();
    all.extend(builder.of_drain());
    all.extend(builder.of_holds());
    all.extend(builder.of_any());
    all
}

/// The code as a shell takes it. A code of the program's needs no quotes.
fn quoted(code: &str) -> String {
    match shlex::try_quote(code) {
        Ok(quoted) => quoted.into_owned(),
        Err(_) => "CODE".to_owned(),
    }
}

struct Builder<'a> {
    view: &'a View,
    head: &'a DeviceHead,
    code: String,
}

impl Builder<'_> {
    fn command(&self, what: &'static str, verb: &str, rest: &str) -> Command {
        let code = &self.code;
        Command {
            what,
            line: format!("ebb {verb} {code} {rest}").trim_end().to_owned(),
            refused: vec![],
        }
    }

    /// The steps that lead on from the device's status.
    fn of_status(&self) -> Vec<Command> {
        let status = self.head.provisioning_status;
        let rules = RULES.iter().filter(|rule| rule.from == Some(status));
        rules
            .filter_map(|rule| {
                let (what, verb, rest) = step(rule.action, status, self.head)?;
                let mut command = self.command(what, verb, rest);
                command.refused = reasons(self.view, self.head, rule.action);
                Some(command)
            })
            .collect()
    }

    fn of_drain(&self) -> Vec<Command> {
        if self.head.provisioning_status != Draining {
            return vec![];
        }
        let verb = "device drain";
        let mut all = vec![
            self.command("Watch the drain", verb, "--wait"),
            self.command("Change the deadline", verb, "--update --deadline 2h"),
        ];
        if is_evictable(self.head, self.view.time) {
            all.push(self.command("Close the sessions that are left", verb, "--evict"));
        }
        all
    }

    fn of_holds(&self) -> Vec<Command> {
        let live = self.head.live_holds(self.view.time);
        let release = |id: u32| self.command("Release a hold", "device release", &id.to_string());
        let mut all: Vec<Command> = live.map(|hold| release(hold.id)).collect();
        if matches!(self.head.provisioning_status, Activated | Draining) {
            let rest = "--kind pending-task --for 2h --reason 'why'";
            all.push(self.command("Place a hold", "device hold", rest));
        }
        all
    }

    fn of_any(&self) -> Vec<Command> {
        let mut all = vec![];
        if self.head.provisioning_status != Retired {
            let health = match self.head.health {
                Healthy => "unhealthy",
                _ => "healthy",
            };
            all.push(self.command("Report its health", "device report-health", health));
        }
        all.push(self.command("List its sessions", "session list", ""));
        all.push(self.command("Follow its history", "device history", "--follow"));
        all
    }
}

/// What an action is in words, its verb, and what stands behind the code.
fn step(
    action: Action,
    from: ProvisioningStatus,
    device: &DeviceHead,
) -> Option<(&'static str, &'static str, &'static str)> {
    Some(match (action, from) {
        (Action::Activate, _) => ("Put it into service", "device activate", ""),
        (Action::Drain, _) => (
            "Take it out of service",
            "device drain",
            "--reason 'why' --deadline 1h",
        ),
        (Action::Undrain, _) => ("Bring it back into service", "device undrain", ""),
        (Action::Retire, Activated) if device.health != Dead => return None,
        (Action::Retire, Pending) => ("Retire it before it was in service", "device retire", ""),
        (Action::Retire, Retiring) => ("Complete its retirement", "device retire", "--wait"),
        (Action::Retire, _) => ("Take it out for good", "device retire", ""),
        (Action::DestroyDiskKey, _) if device.disk_keys == 0 => return None,
        (Action::DestroyDiskKey, _) => ("Destroy its disk keys", "disk-key destroy", "--all"),
        (Action::Remove, _) => ("Close its account", "device remove", ""),
        (Action::Create, _) => return None,
    })
}
