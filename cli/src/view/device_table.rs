//! A device as people read it: a row among others, and all of it.

use {
    super::{
        device::DeviceView,
        time::{distance, moment, span},
    },
    crate::output::{Cell, View},
    comfy_table::Color,
    ebb_sdk::state::{present, DeviceHead, Health, Hold, ProvisioningStatus},
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
            health_cell(head.health),
            Cell::new(sessions(head)),
            deadline_cell(head, self.now),
            Cell::new(span(self.now.abs_diff(head.status_changed_at))),
        ]
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        let head = self.head();
        let device = &self.device.account;
        let agent = present(&head.agent).map(ToString::to_string);
        let mut fields = vec![
            ("code", device.code.clone()),
            ("address", self.device.address.to_string()),
            (
                "contributor",
                format!("{} ({})", self.contributor, head.contributor),
            ),
            ("generation", head.generation.to_string()),
            ("location", self.location.clone()),
            ("device type", head.device_type.to_string()),
            ("public ip", device.public_ip().to_string()),
            ("agent", agent.unwrap_or_else(|| "none".to_owned())),
            ("status", self.status()),
            ("health", self.reported_health()),
            (
                "sessions",
                format!("{} of {} open", head.sessions, head.max_sessions),
            ),
            ("disk keys", head.disk_keys.to_string()),
            ("registered", moment(head.created_at, self.now)),
            ("rent payer", head.payer.to_string()),
        ];
        if head.provisioning_status == ProvisioningStatus::Draining {
            fields.extend(self.drain_fields());
        }
        let holds: Vec<String> = head
            .live_holds(self.now)
            .map(|hold| describe_hold(hold, self.now))
            .collect();
        fields.push((
            "holds",
            if holds.is_empty() {
                "none".to_owned()
            } else {
                holds.join("\n")
            },
        ));
        fields
    }
}

impl DeviceView {
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

    fn drain_fields(&self) -> [(&'static str, String); 5] {
        let drain = &self.head().drain;
        let or_none = |at: i64, none: &str| {
            if at == 0 {
                none.to_owned()
            } else {
                moment(at, self.now)
            }
        };
        let reason = drain.reason.as_str().unwrap_or_default();
        [
            (
                "drain started",
                format!(
                    "{} by {} ({})",
                    moment(drain.started_at, self.now),
                    drain.started_by,
                    drain.role
                ),
            ),
            (
                "drain reason",
                if reason.is_empty() {
                    "none given".to_owned()
                } else {
                    reason.to_owned()
                },
            ),
            (
                "drain deadline",
                or_none(drain.deadline, "none: no session will be evicted"),
            ),
            ("planned return", or_none(drain.planned_return, "unknown")),
            ("drain progress", sessions(self.head())),
        ]
    }
}

/// A hold in a few words: what, until when, by whom, why.
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

fn status_cell(head: &DeviceHead) -> Cell {
    let cell = if head.is_drained() {
        Cell::new("drained")
    } else {
        Cell::new(head.provisioning_status)
    };
    match head.provisioning_status {
        ProvisioningStatus::Draining if head.is_drained() => cell.fg(Color::Green).bold(),
        ProvisioningStatus::Draining => cell.fg(Color::Yellow).bold(),
        ProvisioningStatus::Retiring | ProvisioningStatus::Retired => cell.fg(Color::DarkGrey),
        ProvisioningStatus::Pending | ProvisioningStatus::Activated => cell,
    }
}

fn health_cell(health: Health) -> Cell {
    let cell = Cell::new(health);
    match health {
        Health::Unhealthy | Health::Dead => cell.fg(Color::Red),
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
        at => Cell::new(format!("passed {}", distance(at, now))).fg(Color::Red),
    }
}
