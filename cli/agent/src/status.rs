//! How the agent stands: what probes, metrics and the service manager are answered from.

use {
    crate::{chain::Away, reconcile::Phase},
    ebb_sdk::state::Health,
    std::{
        fmt::Write,
        time::{SystemTime, UNIX_EPOCH},
    },
};

/// How the agent stands.
#[derive(Clone, Debug)]
pub struct Status {
    /// When the ledger was read last.
    pub read_at: Option<SystemTime>,
    /// Since when it cannot be read.
    pub away: Option<Away>,
    /// Why the agent changes nothing although the ledger can be read.
    pub idle_because: Option<String>,
    /// Why it is unknown who is connected.
    pub unseen: Option<String>,
    /// Why it is unknown what is set on the device, or what could not be changed there.
    pub unmanaged: Option<String>,
    /// Why it is unknown who closed sessions.
    pub unattributed: Option<String>,
    /// That somebody else acts with the agent's key, so that nothing is changed.
    pub duplicate: Option<String>,
    /// Why changes of the ledger failed last.
    pub unsent: Option<String>,
    /// Why the hook failed last.
    pub hook_failed: Option<String>,
    /// How far the agent is.
    pub phase: Phase,
    /// Users who are connected.
    pub connected: Option<usize>,
    /// Sessions that are open on the ledger.
    pub sessions: usize,
    /// Packets a second that the device forwards.
    pub rate: Option<f64>,
    /// What the health check has found.
    pub health: Option<Health>,
}

impl Default for Status {
    fn default() -> Self {
        Self {
            read_at: None,
            away: None,
            idle_because: Some("the ledger has not been read yet".to_owned()),
            unseen: None,
            unmanaged: None,
            unattributed: None,
            duplicate: None,
            unsent: None,
            hook_failed: None,
            phase: Phase::Idle,
            connected: None,
            sessions: 0,
            rate: None,
            health: None,
        }
    }
}

impl Status {
    /// What keeps the agent from its work, each under its kind; nothing if it does all of it.
    pub fn kinds_of_problems(&self) -> Vec<(&'static str, String)> {
        let away = self.away.as_ref().map(|away| {
            let since = duration_since(away.since);
            format!(
                "the ledger is out of reach since {since} s: {}",
                away.reason
            )
        });
        let of =
            |what: &str, why: &Option<String>| why.as_ref().map(|why| format!("{what}: {why}"));
        let all = [
            ("ledger", away),
            ("idle", self.idle_because.clone()),
            ("sessions", of("who is connected is unknown", &self.unseen)),
            (
                "device",
                of("the device is not as it should be", &self.unmanaged),
            ),
            ("duplicate", self.duplicate.clone()),
            (
                "changes",
                of("who closed sessions is unknown", &self.unattributed),
            ),
            ("sending", of("sending failed", &self.unsent)),
            ("hook", of("the hook failed", &self.hook_failed)),
        ];
        all.into_iter()
            .filter_map(|(kind, problem)| Some((kind, problem?)))
            .collect()
    }

    /// The same, without their kinds.
    pub fn problems(&self) -> Vec<String> {
        let problems = self.kinds_of_problems().into_iter();
        problems.map(|(_, problem)| problem).collect()
    }

    /// Whether the agent can do its work. A hook that fails is no obstacle, and neither is that it is not known yet who closed sessions.
    pub fn is_ready(&self) -> bool {
        self.away.is_none()
            && self.idle_because.is_none()
            && self.unseen.is_none()
            && self.unmanaged.is_none()
            && self.duplicate.is_none()
    }

    /// All of it on one line.
    pub fn line(&self) -> String {
        let mut line = format!("{}; {} sessions", self.phase, self.sessions);
        if let Some(connected) = self.connected {
            // Writing to a string cannot fail.
            let _ = write!(line, ", {connected} connected");
        }
        for problem in self.problems() {
            let _ = write!(line, "; {problem}");
        }
        line
    }
}

/// How many seconds ago a time was.
fn duration_since(time: SystemTime) -> u64 {
    time.elapsed().map_or(0, |since| since.as_secs())
}

/// A time in Unix seconds.
pub fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
