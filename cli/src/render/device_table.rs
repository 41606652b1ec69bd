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
        json::{unix_seconds, DeviceJson, DrainJson, HoldJson},
        state::{Health, ProvisioningStatus},
    },
    std::{borrow::Cow, fmt::Display},
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
        let device = &self.device;
        let since = unix_seconds(device.status_changed_at.as_deref());
        vec![
            Cell::new(&device.code),
            Cell::new(&device.contributor),
            Cell::new(&device.location),
            status_cell(device),
            health_cell(device),
            Cell::new(sessions(device)),
            deadline_cell(device, self.now),
            Cell::new(span(self.now.abs_diff(since))),
        ]
    }
}

impl Show for DeviceView {
    fn record(&self) -> Record {
        let device = &self.device;
        let contributor = format!("{} ({})", device.contributor, device.contributor_address);
        let sessions = format!("{} of {} open", device.sessions, device.max_sessions);
        let created_at = unix_seconds(device.created_at.as_deref());
        let mut record = Record::new()
            .text("Code", &device.code)
            .text("Address", &device.address)
            .text("Contributor", contributor)
            .text("Generation", device.generation)
            .text("Location", &device.location)
            .text("Device type", &device.device_type)
            .text("Public IP", &device.public_ip)
            .optional("Agent", self.agent())
            .text("Status", self.status())
            .text("Health", self.reported_health())
            .text("Sessions", sessions)
            .text("Disk keys", device.disk_keys)
            .time("Registered", created_at, self.now)
            .text("Rent payer", &device.payer);
        if let Some(drain) = &device.drain {
            record = self.with_drain(record, drain);
        }
        let holds = device.holds.iter();
        record.lines("Holds", holds.map(|hold| describe_hold(hold, self.now)))
    }
}

impl DeviceView {
    fn agent(&self) -> Option<String> {
        let device = &self.device;
        let agent = device.agent.as_ref()?;
        Some(if device.agent_silent {
            let last = unix_seconds(device.health_reported_at.as_deref());
            let last = moment(last, self.now);
            format!("{agent}, silent: it reported last at {last}")
        } else {
            agent.clone()
        })
    }

    fn status(&self) -> String {
        let device = &self.device;
        let drained = if device.drained { ", drained" } else { "" };
        let since = unix_seconds(device.status_changed_at.as_deref());
        format!(
            "{}{drained}, since {}, slot {}",
            device.provisioning_status,
            moment(since, self.now),
            device.status_changed_slot
        )
    }

    fn reported_health(&self) -> String {
        let device = &self.device;
        match &device.health_reported_by {
            None => format!("{}, never reported", device.health),
            Some(role) => format!(
                "{}, reported by {role} at {}",
                device.health,
                moment(unix_seconds(device.health_reported_at.as_deref()), self.now)
            ),
        }
    }

    fn with_drain(&self, record: Record, drain: &DrainJson) -> Record {
        let started = moment(unix_seconds(drain.started_at.as_deref()), self.now);
        let reason = Some(drain.reason.as_str()).filter(|reason| !reason.is_empty());
        let deadline = match unix_seconds(drain.deadline.as_deref()) {
            0 => format!("{NONE}: no session will be evicted"),
            at => moment(at, self.now),
        };
        let starter = (&drain.started_by, &drain.role);
        let with_setter = |value: &str, setter: (&String, &Cow<'static, str>)| {
            [Some(value.to_owned()), set_by(starter, setter)]
                .into_iter()
                .flatten()
        };
        let reason_setter = (&drain.reason_by, &drain.reason_role);
        let reason = with_setter(reason.unwrap_or(NONE), reason_setter);
        let deadline = with_setter(&deadline, (&drain.deadline_by, &drain.deadline_role));
        let started = format!("{started} by {} ({})", drain.started_by, drain.role);
        let until = unix_seconds(drain.until.as_deref());
        record
            .text("Drain started", started)
            .lines("Drain reason", reason)
            .lines("Drain deadline", deadline)
            .time("Planned return", until, self.now)
            .text("Drain progress", sessions(&self.device))
    }
}

/// Who set a value of a running drain last, unless that is who started the drain: a key and its role each.
pub fn set_by<K, R>(starter: (&K, &R), setter: (&K, &R)) -> Option<String>
where
    K: PartialEq + Display,
    R: PartialEq + Display,
{
    let (by, role) = setter;
    (setter != starter).then(|| format!("set by {by} ({role})"))
}

/// A hold on one line: what, until when, by whom, why.
pub fn describe_hold(hold: &HoldJson, now: i64) -> String {
    let reason = match hold.reason.as_str() {
        "" => String::new(),
        reason => format!(": {reason}"),
    };
    format!(
        "#{} {} until {}, placed by {} ({}){reason}",
        hold.id,
        hold.kind,
        moment(unix_seconds(hold.expires_at.as_deref()), now),
        hold.placed_by,
        hold.role
    )
}

/// What is said of a change that voids the device's proof of health: nothing, unless it has one and the policy asks for it.
pub fn lost_proof(subject: &Subject) -> &'static str {
    if subject.registry.require_healthy && subject.head().is_health_proven() {
        "; its proof of health is void, so the oracle or the authority must report it healthy again"
    } else {
        ""
    }
}

fn status_cell(device: &DeviceJson<'_>) -> Cell {
    let cell = if device.drained {
        Cell::new("drained")
    } else {
        Cell::new(device.provisioning_status)
    };
    match device.provisioning_status {
        ProvisioningStatus::Draining if device.drained => cell.fg(AnsiColor::Green).bold(),
        ProvisioningStatus::Draining => cell.fg(AnsiColor::Yellow).bold(),
        ProvisioningStatus::Retiring | ProvisioningStatus::Retired => {
            cell.fg(AnsiColor::BrightBlack)
        }
        ProvisioningStatus::Pending | ProvisioningStatus::Activated => cell,
    }
}

fn health_cell(device: &DeviceJson<'_>) -> Cell {
    let cell = Cell::new(device.health);
    match device.health {
        Health::Unhealthy | Health::Dead => cell.fg(AnsiColor::Red),
        health if device.agent_silent => {
            Cell::new(format!("{health}, agent silent")).fg(AnsiColor::Yellow)
        }
        Health::Unknown | Health::Healthy => cell,
    }
}

/// Of a draining device how many are left of those at its start, else how many of its capacity.
pub fn sessions(device: &DeviceJson<'_>) -> String {
    match &device.drain {
        Some(drain) => format!("{} of {} left", device.sessions, drain.sessions_at_start),
        None => format!("{}/{}", device.sessions, device.max_sessions),
    }
}

fn deadline_cell(device: &DeviceJson<'_>, now: i64) -> Cell {
    let Some(drain) = &device.drain else {
        return Cell::new("-");
    };
    match unix_seconds(drain.deadline.as_deref()) {
        0 => Cell::new("none"),
        at if at > now => Cell::new(distance(at, now)),
        at if device.sessions == 0 => Cell::new(format!("passed {}", distance(at, now))),
        at => Cell::new(format!("passed {}", distance(at, now))).fg(AnsiColor::Red),
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        ebb_sdk::{
            client::Keyed,
            state::{Device, DeviceHead},
            Role,
        },
        solana_sdk::pubkey::Pubkey,
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
        let view = |now| DeviceView {
            device: DeviceJson::new(&found, "co01", "ams", now).into_owned(),
            now,
        };
        assert_eq!(view(2_799).agent(), Some(key.to_string()));
        assert_eq!(view(2_799).row()[4], Cell::new("healthy"));
        let silent = view(2_800);
        let expected = format!("{key}, silent: it reported last at 1970-01-01T00:16:40Z (30m ago)");
        assert_eq!(silent.agent(), Some(expected));
        let flagged = Cell::new("healthy, agent silent").fg(AnsiColor::Yellow);
        assert_eq!(silent.row()[4], flagged);
    }
}
