//! What may be done with a device, each as the command to copy.

use {
    super::obstacle::{facts, reason},
    crate::view::View,
    ebb_sdk::{
        json::{self, DeviceCommand, LedgerOptions},
        state::{
            Device,
            Health::Healthy,
            ProvisioningStatus::{Activated, Draining, Retired},
        },
        value::check_code,
    },
};

/// A command to copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What it does, in words.
    pub what: String,
    /// The command.
    pub line: String,
    /// Why the program would refuse it now; nothing where it would not.
    pub refused: Vec<String>,
}

/// Every command for a device as it is: those that its status allows, then those that it takes in any.
pub fn commands(ledger: &LedgerOptions, view: &View, device: &Device) -> Vec<Command> {
    let mut all = of_status(ledger, view, device);
    if check_code(&device.code).is_ok() {
        all.extend(of_any(ledger, device));
    }
    all
}

/// The commands that the status of a device allows.
pub fn of_status(ledger: &LedgerOptions, view: &View, device: &Device) -> Vec<Command> {
    let (code, head) = (&device.code, &device.head);
    let allowed = json::commands(code, head, &facts(view, head), view.time);
    let shown = |command: DeviceCommand| Command {
        what: sentence(command.effect),
        line: ledger.line(&command.arguments),
        refused: command
            .refusals
            .into_iter()
            .map(|refusal| reason(view, head, refusal))
            .collect(),
    };
    allowed.into_iter().map(shown).collect()
}

/// The words with a capital at their start.
fn sentence(words: &str) -> String {
    let (first, rest) = words.split_at(words.len().min(1));
    format!("{}{rest}", first.to_ascii_uppercase())
}

fn of_any(ledger: &LedgerOptions, device: &Device) -> Vec<Command> {
    let command = |what: &str, verb: &str, rest: &str| Command {
        what: what.to_owned(),
        line: ledger.line(format!("{verb} {} {rest}", device.code).trim_end()),
        refused: vec![],
    };
    let mut all = vec![];
    if matches!(device.head.provisioning_status, Activated | Draining) {
        let rest = "--kind pending-task --for 2h --reason 'why'";
        all.push(command("Place a hold", "device hold", rest));
    }
    if device.head.provisioning_status != Retired {
        let health = match device.head.health {
            Healthy => "unhealthy",
            _ => "healthy",
        };
        all.push(command("Report its health", "device report-health", health));
    }
    all.push(command("List its sessions", "session list", ""));
    all.push(command("Follow its history", "device history", "--follow"));
    all
}
