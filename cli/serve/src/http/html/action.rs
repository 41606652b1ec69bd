//! What may be done with a device, each as the command to copy.

use {
    super::obstacle::reason,
    crate::view::View,
    ebb_sdk::{
        json::{self, DeviceCommand, LedgerOptions},
        state::{
            Device, Health,
            ProvisioningStatus::{Activated, Draining, Retired},
        },
        value::check_code,
        EbbError,
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
    let allowed = allowed(view, device);
    let others = if check_code(&device.code).is_ok() {
        of_any(ledger, device, health_to_report(device, &allowed))
    } else {
        vec![]
    };
    let mut all = shown(ledger, view, device, allowed);
    all.extend(others);
    all
}

/// The commands that the status of a device allows.
pub fn of_status(ledger: &LedgerOptions, view: &View, device: &Device) -> Vec<Command> {
    shown(ledger, view, device, allowed(view, device))
}

fn allowed(view: &View, device: &Device) -> Vec<DeviceCommand> {
    let head = &device.head;
    json::commands(&device.code, head, &view.facts(head), view.time)
}

/// The health that a report is to be of: the other one, unless a command waits for the same to be reported again.
fn health_to_report(device: &Device, allowed: &[DeviceCommand]) -> Health {
    let refusals = allowed.iter().flat_map(|command| &command.refusals);
    let is_proof_missing = refusals
        .into_iter()
        .any(|it| *it == EbbError::HealthNotProven);
    if device.head.health == Health::Healthy && !is_proof_missing {
        Health::Unhealthy
    } else {
        Health::Healthy
    }
}

fn shown(
    ledger: &LedgerOptions,
    view: &View,
    device: &Device,
    allowed: Vec<DeviceCommand>,
) -> Vec<Command> {
    let head = &device.head;
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

fn of_any(ledger: &LedgerOptions, device: &Device, health: Health) -> Vec<Command> {
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
        let health = health.as_str();
        all.push(command("Report its health", "device report-health", health));
    }
    all.push(command("List its sessions", "session list", ""));
    all.push(command("Follow its history", "device history", "--follow"));
    all
}
