//! The steps of a drain and of the return from it.

use {
    super::{is_lowered, traffic::QUIET, Action, Memory, Mode, Rules, Shown, Users},
    crate::{
        actuator::{Managed, Preference},
        chain::Chain,
    },
    std::{fmt, time::Duration},
};

/// How long before its routes were lowered a device may have forwarded packets last for these to be seen to move.
const RECENT: Duration = Duration::from_secs(60);

/// How far an agent is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Phase {
    /// The device is not in service yet.
    Idle,
    /// The device takes users.
    Serving,
    /// The device is reported dead, and nothing is lifted.
    Dead,
    /// Users are to leave by themselves, as the agent does not manage the device.
    Leaving,
    /// The device did not show what the agent has set on it, so nothing is changed.
    Unknown,
    /// The peers are being asked to prefer other ways.
    Lowering,
    /// Packets are to move, and the least time has not passed or they have only just stopped.
    Converging,
    /// The least time has passed, and so many packets a second are forwarded all the same: a peer does not honour what it
    /// was asked. Nothing is closed. `None` where the counter is unknown.
    Staying(Option<f64>),
    /// Packets have moved, and the connections of so many labels are being ended.
    Shutting(usize),
    /// Everybody is shut, and so many sessions are still to be closed on the ledger.
    Closing(usize),
    /// Nobody is left.
    Drained,
    /// So many labels are to be let in again.
    Opening(usize),
    /// All are let in again, and the device does not forward to all of them yet.
    Settling,
    /// The peers may prefer the device again.
    Preferring,
}

impl Phase {
    /// All names, for metrics.
    pub const NAMES: [&'static str; 14] = [
        "idle",
        "serving",
        "dead",
        "leaving",
        "unknown",
        "lowering",
        "converging",
        "staying",
        "shutting",
        "closing",
        "drained",
        "opening",
        "settling",
        "preferring",
    ];

    /// Its name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Serving => "serving",
            Self::Dead => "dead",
            Self::Leaving => "leaving",
            Self::Unknown => "unknown",
            Self::Lowering => "lowering",
            Self::Converging => "converging",
            Self::Staying(_) => "staying",
            Self::Shutting(_) => "shutting",
            Self::Closing(_) => "closing",
            Self::Drained => "drained",
            Self::Opening(_) => "opening",
            Self::Settling => "settling",
            Self::Preferring => "preferring",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Idle => f.write_str("not in service yet"),
            Self::Serving => f.write_str("in service"),
            Self::Dead => f.write_str("reported dead; nothing is changed until it is alive"),
            Self::Leaving => f.write_str("draining: users leave by themselves"),
            Self::Unknown => f.write_str("the device did not say what is set on it; nothing is changed"),
            Self::Lowering => f.write_str("draining: asking the peers to prefer other ways"),
            Self::Converging => f.write_str("draining: waiting until traffic has moved"),
            Self::Staying(None) => {
                f.write_str("draining: whether traffic has moved is unknown; nothing is closed")
            }
            Self::Staying(Some(rate)) => write!(
                f,
                "draining: traffic stays, {rate:.0} packets a second: a peer does not honour graceful shutdown, or clients \
                 stick; nothing is closed"
            ),
            Self::Shutting(count) => write!(f, "draining: traffic has moved; {count} to shut"),
            Self::Closing(count) => write!(f, "draining: all are shut; {count} sessions to close"),
            Self::Drained => f.write_str("drained"),
            Self::Opening(count) => write!(f, "returning: {count} to let in again"),
            Self::Settling => f.write_str("returning: waiting until all are connected again"),
            Self::Preferring => f.write_str("returning: preferred again"),
        }
    }
}

/// What is planned from.
pub(super) struct Situation<'a> {
    pub chain: &'a Chain,
    pub users: Option<&'a Users<'a>>,
    pub shown: &'a Shown<'a>,
    pub rules: &'a Rules,
    pub memory: &'a Memory,
    pub now: Duration,
}

impl Situation<'_> {
    /// How far an agent is that does not change the device.
    pub fn unmanaged(&self, mode: Mode) -> Phase {
        match mode {
            Mode::Idle => Phase::Idle,
            Mode::Serve => Phase::Serving,
            Mode::Dead => Phase::Dead,
            Mode::SeeOff if self.chain.sessions.is_empty() => Phase::Drained,
            Mode::SeeOff => Phase::Leaving,
        }
    }

    /// What to change on the device, and how far the agent is.
    pub fn managed(&self, mode: Mode) -> (Vec<Action>, Phase) {
        let Some(managed) = self.shown.managed else {
            return (vec![], Phase::Unknown);
        };
        match mode {
            Mode::Idle => (vec![], Phase::Idle),
            Mode::Dead => (self.cuts(managed), Phase::Dead),
            Mode::Serve => come_back(managed, self.shown.can_forward),
            Mode::SeeOff => {
                let mut actions = self.cuts(managed);
                let (steps, phase) = self.see_off(managed);
                actions.extend(steps);
                actions.sort();
                actions.dedup();
                (actions, phase)
            }
        }
    }

    /// Users whose sessions others have closed, and who are connected all the same.
    fn cuts(&self, managed: &Managed) -> Vec<Action> {
        let Some(users) = self.users else {
            return vec![];
        };
        let evicted = self.memory.evicted.iter();
        let connected = evicted.filter(|user| users.is_connected(user));
        let labels = connected.flat_map(|user| users.labels(Some(user)));
        shut(labels, managed)
    }

    /// First the routes are lowered, so that the peers move while everything can still be reached here. Once that has been
    /// seen, connections are ended.
    fn see_off(&self, managed: &Managed) -> (Vec<Action>, Phase) {
        if !is_lowered(managed.preference) {
            return (vec![Action::DePrefer], Phase::Lowering);
        }
        match self.has_moved() {
            Moved::Yes => {}
            Moved::NotYet => return (vec![], Phase::Converging),
            Moved::No => return (vec![], Phase::Staying(self.memory.traffic.rate)),
        }
        let Some(users) = self.users else {
            return (vec![], Phase::Unknown);
        };
        let open = shut(users.labels(None), managed);
        let phase = match (open.len(), self.chain.sessions.len()) {
            (0, 0) => Phase::Drained,
            (0, left) => Phase::Closing(left),
            (open, _) => Phase::Shutting(open),
        };
        (open, phase)
    }

    /// Whether traffic has moved: the least time has passed, and nothing is forwarded. Where nothing was forwarded before
    /// either, nothing can be seen to move, and the silence must last for all of that time.
    fn has_moved(&self) -> Moved {
        let (rules, traffic, now) = (self.rules, &self.memory.traffic, self.now);
        let since = self.memory.lowered_since.unwrap_or(now);
        if now.saturating_sub(since) < rules.converge {
            return Moved::NotYet;
        }
        let needed = if traffic.has_flowed_since(since.saturating_sub(RECENT)) {
            QUIET.min(rules.converge)
        } else {
            rules.converge
        };
        match traffic.quiet_for(now) {
            Some(quiet) if quiet >= needed => Moved::Yes,
            Some(_) => Moved::NotYet,
            None => Moved::No,
        }
    }
}

/// The labels of these that are not shut yet.
fn shut<'a>(labels: impl IntoIterator<Item = &'a str>, managed: &Managed) -> Vec<Action> {
    labels
        .into_iter()
        .filter(|label| !managed.shut.contains(*label))
        .map(|label| Action::Shut(label.to_owned()))
        .collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moved {
    Yes,
    NotYet,
    No,
}

/// First all are let in again while the routes are still lowered, and once all is forwarded to, that is lifted too. Only
/// what the agent has set is lifted.
fn come_back(managed: &Managed, can_forward: Option<bool>) -> (Vec<Action>, Phase) {
    if !managed.shut.is_empty() {
        let phase = Phase::Opening(managed.shut.len());
        if !is_lowered(managed.preference) {
            return (vec![Action::DePrefer], phase);
        }
        let open = managed.shut.iter().cloned().map(Action::Open);
        return (open.collect(), phase);
    }
    match (managed.preference, can_forward) {
        (Preference::Normal | Preference::LoweredByOther, _) => (vec![], Phase::Serving),
        (Preference::LoweredByAgent, Some(true)) => (vec![Action::Prefer], Phase::Preferring),
        (Preference::LoweredByAgent, _) => (vec![], Phase::Settling),
    }
}
