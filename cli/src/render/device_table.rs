//! A device as people read it: a row among others, and all of it.

use {
    super::{device::DeviceView, Record, Show, View, NONE},
    crate::terminal::{
        time::{distance, moment, span},
        Cell,
    },
    anstyle::AnsiColor,
    ebb_sdk::{
        fleet::Subject,
        json::is_agent_silent,
        state::{present, DeviceHead, DrainRecord, Health, Hold, ProvisioningStatus},
        Role,
    },
    solana_sdk::pubkey::Pubkey,
};

impl View for DeviceView {
    const PLURAL: &'static str = "devices";
    const COLUMNS: &'static [&'static str] = &[
        "CODE",
        "CONTRIBUTOR",
        "LOCATION",
        "STATUS",
        "HEALTH",
        "SESSIONS",
        "DEADLINE",
        "SINCE",
    ];

    fn row(&self) -> Vec<Cell> {
        let head = self.head();
        vec![
            Cell::new(&self.device.account.code),
            Cell::new(&self.contributor),
            Cell::new(&self.location),
            status_cell(head),
            health_cell(head, self.now),
            Cell::new(sessions(head)),
            deadline_cell(head, self.now),
            Cell::new(span(self.now.abs_diff(head.status_changed_at))),
        ]
    }
}

impl Show for DeviceView {
    fn record(&self) -> Record {
        let head = self.head();
        let device = &self.device.account;
        let contributor = format!("{} ({})", self.contributor, head.contributor);
        let sessions = format!("{} of {} open", head.sessions, head.max_sessions);
        let mut record = Record::new()
            .text("Code", &device.code)
            .text("Address", self.device.address)
            .text("Contributor", contributor)
            .text("Generation", head.generation)
            .text("Location", &self.location)
            .text("Device type", head.device_type)
            .text("Public IP", device.public_ip())
            .optional("Agent", self.agent())
            .text("Status", self.status())
            .text("Health", self.reported_health())
            .text("Sessions", sessions)
            .text("Disk keys", head.disk_keys)
            .time("Registered", head.created_at, self.now)
            .text("Rent payer", head.payer);
        if head.provisioning_status == ProvisioningStatus::Draining {
            record = self.with_drain(record);
        }
        let holds = head.live_holds(self.now);
        record.lines("Holds", holds.map(|hold| describe_hold(hold, self.now)))
    }
}

impl DeviceView {
    fn agent(&self) -> Option<String> {
        let head = self.head();
        let agent = present(&head.agent)?;
        Some(match is_agent_silent(head, self.now) {
            true => {
                let last = moment(head.health_reported_at, self.now);
                format!("{agent}, silent: it reported last at {last}")
            }
            false => agent.to_string(),
        })
    }

    fn status(&self) -> String {
        let head = self.head();
        let drained = if head.is_drained() { ", drained" } else { "" };
        let since = moment(head.status_changed_at, self.now);
        format!(
            "{}{drained}, since {since}, slot {}",
            head.provisioning_status, head.status_changed_slot
        )
    }

    fn reported_health(&self) -> String {
        let head = self.head();
        match self.health_reporter() {
            None => format!("{}, never reported", head.health),
            Some(role) => format!(
                "{}, reported by {role} at {}",
                head.health,
                moment(head.health_reported_at, self.now)
            ),
        }
    }

    fn with_drain(&self, record: Record) -> Record {
        let drain = &self.head().drain;
        let started = moment(drain.started_at, self.now);
        let reason = drain
            .reason
            .as_str()
            .ok()
            .filter(|reason| !reason.is_empty());
        let deadline = match drain.deadline {
            0 => format!("{NONE}: no session will be evicted"),
            at => moment(at, self.now),
        };
        let with_setter = |value: &str, by: &Pubkey, role: Role| {
            let setter = set_by(drain, by, role);
            [Some(value.to_owned()), setter].into_iter().flatten()
        };
        let reason = with_setter(reason.unwrap_or(NONE), &drain.reason_by, drain.reason_role);
        let deadline = with_setter(&deadline, &drain.deadline_by, drain.deadline_role);
        let started = format!("{started} by {} ({})", drain.started_by, drain.role);
        record
            .text("Drain started", started)
            .lines("Drain reason", reason)
            .lines("Drain deadline", deadline)
            .time("Planned return", drain.planned_return, self.now)
            .text("Drain progress", sessions(self.head()))
    }
}

/// Who set a value of a running drain last, unless that is who started the drain.
pub fn set_by(drain: &DrainRecord, by: &Pubkey, role: Role) -> Option<String> {
    let is_starter = (by, role) == (&drain.started_by, drain.role);
    (!is_starter).then(|| format!("set by {by} ({role})"))
}

/// A hold on one line: what, until when, by whom, why.
pub fn describe_hold(hold: &Hold, now: i64) -> String {
    let reason = match hold.reason.as_str() {
        Ok("") | Err(_) => String::new(),
        Ok(reason) => format!(": {reason}"),
    };
    format!(
        "#{} {} until {}, placed by {} ({}){reason}",
        hold.id,
        hold.kind,
        moment(hold.expires_at, now),
        hold.placed_by,
        hold.role
    )
}

/// What is said of a change that voids the device's proof of health: nothing, unless it has one and the policy asks for it.
pub fn lost_proof(subject: &Subject) -> &'static str {
    match subject.registry.require_healthy && subject.head().is_health_proven() {
        true => {
            "; its proof of health is void, so the oracle or the authority must report it healthy again"
        }
        false => "",
    }
}

fn status_cell(head: &DeviceHead) -> Cell {
    let cell = if head.is_drained() {
        Cell::new("drained")
    } else {
        Cell::new(head.provisioning_status)
    };
    match head.provisioning_status {
        ProvisioningStatus::Draining if head.is_drained() => cell.fg(AnsiColor::Green).bold(),
        ProvisioningStatus::Draining => cell.fg(AnsiColor::Yellow).bold(),
        ProvisioningStatus::Retiring | ProvisioningStatus::Retired => {
            cell.fg(AnsiColor::BrightBlack)
        }
        ProvisioningStatus::Pending | ProvisioningStatus::Activated => cell,
    }
}

fn health_cell(head: &DeviceHead, now: i64) -> Cell {
    let cell = Cell::new(head.health);
    match head.health {
        Health::Unhealthy | Health::Dead => cell.fg(AnsiColor::Red),
        health if is_agent_silent(head, now) => {
            Cell::new(format!("{health}, agent silent")).fg(AnsiColor::Yellow)
        }
        Health::Unknown | Health::Healthy => cell,
    }
}

/// Of a draining device how many are left of those at its start, else how many of its capacity.
fn sessions(head: &DeviceHead) -> String {
    if head.provisioning_status == ProvisioningStatus::Draining {
        format!("{} of {} left", head.sessions, head.drain.sessions_at_start)
    } else {
        format!("{}/{}", head.sessions, head.max_sessions)
    }
}

fn deadline_cell(head: &DeviceHead, now: i64) -> Cell {
    match head.drain.deadline {
        _ if head.provisioning_status != ProvisioningStatus::Draining => Cell::new("-"),
        0 => Cell::new("none"),
        at if at > now => Cell::new(distance(at, now)),
        at if head.sessions == 0 => Cell::new(format!("passed {}", distance(at, now))),
        at => Cell::new(format!("passed {}", distance(at, now))).fg(AnsiColor::Red),
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        ebb_sdk::{client::Keyed, state::Device},
    };

    #[test]
    fn an_agent_that_is_silent_is_flagged() {
        let key = Pubkey::new_from_array([1; 32]);
        let mut head = DeviceHead::new(key, key, key, 1, 255);
        head.agent = key;
        head.sessions = 1;
        head.health = Health::Healthy;
        head.health_reported_by = Role::Agent;
        head.health_reported_at = 1_000;
        let device = Device {
            head,
            code: "ams-dz001".to_owned(),
        };
        let found = Keyed {
            address: key,
            account: device,
        };
        let view = |now| DeviceView::new(&found, "co01", "ams", now);
        assert_eq!(view(2_799).agent(), Some(key.to_string()));
        assert_eq!(view(2_799).row()[4], health_cell(&head, 2_799));
        let silent = view(2_800);
        let expected = format!("{key}, silent: it reported last at 1970-01-01T00:16:40Z (30m ago)");
        assert_eq!(silent.agent(), Some(expected));
        let flagged = Cell::new("healthy, agent silent").fg(AnsiColor::Yellow);
        assert_eq!(silent.row()[4], flagged);
    }
}
