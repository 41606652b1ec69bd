//! A device among others: a row of the fleet, and a card while it drains.

use {
    super::{
        action::{of_status, Command},
        obstacle::{obstacles, Obstacle},
        part::{Moment, Signer, UserText},
        progress::{DrainBar, Overdue},
    },
    crate::{
        http::state::Shared,
        view::{TrailPoint, View},
    },
    ebb_sdk::{
        client::Keyed,
        state::{Device, Hold, ProvisioningStatus},
    },
};

/// A device in the table of the fleet.
pub struct Row {
    /// Its code.
    pub code: String,
    /// The owner's code.
    pub contributor: String,
    /// The location's code.
    pub location: String,
    /// Its status, or `drained`.
    pub status: &'static str,
    /// Its health.
    pub health: &'static str,
    /// Whether its agent is silent.
    pub is_agent_silent: bool,
    /// Sessions that are open.
    pub sessions: u32,
    /// Sessions it can have.
    pub max_sessions: u32,
    /// Since when it has its status.
    pub since: Option<Moment>,
}

impl Row {
    /// The row of a device.
    pub fn of(view: &View, device: &Device) -> Self {
        let head = &device.head;
        Self {
            code: device.code.clone(),
            contributor: view.contributors.code_or_address(&head.contributor).into(),
            location: view.locations.code_or_address(&head.location).into(),
            status: status(device),
            health: head.health.as_str(),
            is_agent_silent: head.is_agent_silent(view.time),
            sessions: head.sessions,
            max_sessions: head.max_sessions,
            since: Moment::new(head.status_changed_at, view.time),
        }
    }
}

/// A device's status in a word; one that drains and has no session left is drained.
pub fn status(device: &Device) -> &'static str {
    if device.head.is_drained() {
        "drained"
    } else {
        device.head.provisioning_status.as_str()
    }
}

/// A hold that blocks now.
pub struct HoldLine {
    /// Its number.
    pub id: u32,
    /// What it blocks.
    pub kind: &'static str,
    /// When it ends by itself.
    pub expires: Option<Moment>,
    /// Who placed it.
    pub by: Signer,
    /// Why.
    pub reason: Option<UserText>,
}

impl HoldLine {
    /// The holds of a device that block now.
    pub fn all(view: &View, device: &Device) -> Vec<Self> {
        let line = |hold: &Hold| Self {
            id: hold.id,
            kind: hold.kind.as_str(),
            expires: Moment::new(hold.expires_at, view.time),
            by: Signer::new(hold.role, &hold.placed_by),
            reason: UserText::given(hold.reason.as_str().unwrap_or_default()),
        };
        device.head.live_holds(view.time).map(line).collect()
    }
}

/// A running drain.
pub struct Drain {
    /// How far it is.
    pub progress: DrainBar,
    /// Why it is overdue, if it is.
    pub overdue: Option<Overdue>,
    /// Whether no session is left.
    pub is_drained: bool,
    /// When it started.
    pub started: Option<Moment>,
    /// Who started it.
    pub by: Signer,
    /// From when sessions may be evicted.
    pub deadline: Option<Moment>,
    /// Who set that, where it is another.
    pub deadline_by: Option<Signer>,
    /// The planned return.
    pub planned_return: Option<Moment>,
    /// Why.
    pub reason: Option<UserText>,
    /// Who said so, where it is another.
    pub reason_by: Option<Signer>,
}

impl Drain {
    /// The drain of a device, if one is running.
    pub fn of(view: &View, device: &Device, trail: &[TrailPoint]) -> Option<Self> {
        let (head, now) = (&device.head, view.time);
        if head.provisioning_status != ProvisioningStatus::Draining {
            return None;
        }
        let drain = &head.drain;
        let starter = (drain.role, drain.started_by);
        let other = |role, key| ((role, key) != starter).then(|| Signer::new(role, &key));
        Some(Self {
            progress: DrainBar::of(head, trail, now),
            overdue: Overdue::of(head, now),
            is_drained: head.is_drained(),
            started: Moment::new(drain.started_at, now),
            by: Signer::new(drain.role, &drain.started_by),
            deadline: match head.sessions {
                0 => Moment::new(drain.deadline, now),
                _ => Moment::new(drain.deadline, now).map(Moment::due),
            },
            deadline_by: other(drain.deadline_role, drain.deadline_by),
            planned_return: Moment::new(drain.planned_return, now).map(Moment::due),
            reason: UserText::given(drain.reason.as_str().unwrap_or_default()),
            reason_by: other(drain.reason_role, drain.reason_by),
        })
    }
}

/// A draining device.
pub struct Card {
    /// What its row says.
    pub row: Row,
    /// Its drain.
    pub drain: Drain,
    /// The holds that block now.
    pub holds: Vec<HoldLine>,
    /// What keeps it from going on.
    pub obstacles: Vec<Obstacle>,
    /// What may be done with it.
    pub commands: Vec<Command>,
}

impl Card {
    /// The card of a device, if it drains.
    pub fn of(shared: &Shared, view: &View, found: &Keyed<Device>) -> Option<Self> {
        let device = &found.account;
        let trail = shared.views.trail(&found.address);
        Some(Self {
            row: Row::of(view, device),
            drain: Drain::of(view, device, &trail)?,
            holds: HoldLine::all(view, device),
            obstacles: obstacles(view, &device.head),
            commands: of_status(shared.ledger.options(), view, device),
        })
    }
}
