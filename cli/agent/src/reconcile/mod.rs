//! What an agent does next: a pure function of what the ledger says, what the device shows, and what is remembered.
//!
//! It is asked again and again, and plans from how things are, never from what has just happened: an action that failed is
//! planned again until it is seen to be done. Whatever is unknown stays as it is.

mod memory;
#[cfg(test)]
mod model;
mod sessions;
mod steps;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;
mod traffic;

pub use {memory::Memory, steps::Phase};

use {
    crate::{
        actuator::{Managed, Preference},
        chain::{Act, Chain},
        provider::Seen,
        user,
    },
    ebb_sdk::state::{Health, ProvisioningStatus},
    solana_sdk::pubkey::Pubkey,
    std::{
        collections::{BTreeMap, BTreeSet},
        fmt,
        time::Duration,
    },
};

/// How cautious the agent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How long traffic has to move at least.
    pub converge: Duration,
    /// Up to how many forwarded packets a second count as none.
    pub idle_rate: u32,
    /// How often the device is looked at; looks that are closer count as one.
    pub interval: Duration,
    /// In how many looks in a row a user must be absent until its session is closed.
    pub absences: u32,
}

/// What the device shows now, and the ledger of its changes; `None` of what could not be found out, or was not asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shown<'a> {
    /// The users that it knows.
    pub seen: Option<&'a [Seen]>,
    /// What the agent has set; `None` also if it does not manage the device.
    pub managed: Option<&'a Managed>,
    /// How many packets it has forwarded.
    pub forwarded: Option<u64>,
    /// Whether those that were opened again are connected and can be forwarded to.
    pub can_forward: Option<bool>,
    /// Who changed the device on the ledger since the change that is [remembered](Memory::sequence), up to the reading.
    pub acts: Option<&'a [Act]>,
}

/// One change of the device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Ask the peers to prefer other ways.
    DePrefer,
    /// Lift that.
    Prefer,
    /// End the connections of a label.
    Shut(String),
    /// Lift that.
    Open(String),
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DePrefer => f.write_str("de-prefer"),
            Self::Prefer => f.write_str("prefer"),
            Self::Shut(label) => write!(f, "shut {label}"),
            Self::Open(label) => write!(f, "open {label}"),
        }
    }
}

/// What an agent does next.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What it changes on the device. What fails stops none of the others.
    pub actions: Vec<Action>,
    /// The users whose sessions it opens.
    pub open: Vec<Pubkey>,
    /// The users whose sessions it closes.
    pub close: Vec<Pubkey>,
    /// How far it is.
    pub phase: Phase,
}

/// Plans what to do at `now`, which is the time since the agent has started; `manages` is whether the agent changes the
/// device. What is to be remembered is to last before anything of the plan is done.
pub fn plan(
    chain: &Chain,
    manages: bool,
    shown: Shown<'_>,
    rules: &Rules,
    memory: &Memory,
    now: Duration,
) -> (Plan, Memory) {
    let mut memory = memory.clone();
    let users = shown.seen.map(Users::new);
    let mode = Mode::of(chain);
    memory.observe(chain, mode, shown.acts);
    memory
        .traffic
        .observe(shown.forwarded, rules.idle_rate, now);
    memory.observe_preference(shown.managed.map(|managed| managed.preference), now);
    let shut = shut_users(shown.managed);
    memory.count_absences(chain, users.as_ref(), &shut, (rules.interval, now));
    let situation = steps::Situation {
        chain,
        users: users.as_ref(),
        shown: &shown,
        rules,
        memory: &memory,
        now,
    };
    let (actions, phase) = if manages {
        situation.managed(mode)
    } else {
        (vec![], situation.unmanaged(mode))
    };
    let (open, close) = match &users {
        Some(users) => sessions::plan(chain, mode, users, &shut, rules, &memory),
        None => (vec![], vec![]),
    };
    let plan = Plan {
        actions,
        open,
        close,
        phase,
    };
    (plan, memory)
}

/// What the ledger wants of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// It is not in service yet: nothing is changed.
    Idle,
    /// It takes users.
    Serve,
    /// It is reported dead: nothing that was set is lifted.
    Dead,
    /// Its users are to go elsewhere, and stay there.
    SeeOff,
}

impl Mode {
    fn of(chain: &Chain) -> Self {
        let head = chain.head();
        match head.provisioning_status {
            ProvisioningStatus::Pending => Self::Idle,
            ProvisioningStatus::Activated if head.health == Health::Dead => Self::Dead,
            ProvisioningStatus::Activated => Self::Serve,
            ProvisioningStatus::Draining
            | ProvisioningStatus::Retiring
            | ProvisioningStatus::Retired => Self::SeeOff,
        }
    }
}

/// The users that a device shows.
struct Users<'a>(BTreeMap<Pubkey, Vec<&'a Seen>>);

impl<'a> Users<'a> {
    fn new(seen: &'a [Seen]) -> Self {
        let mut users = BTreeMap::<_, Vec<_>>::new();
        for seen in seen {
            users
                .entry(user::of_label(&seen.label))
                .or_default()
                .push(seen);
        }
        Self(users)
    }

    /// Whether a user has a connection.
    fn is_connected(&self, user: &Pubkey) -> bool {
        let seen = self.0.get(user).into_iter().flatten();
        seen.into_iter().any(|seen| seen.connected)
    }

    /// Those that have a connection.
    fn connected(&self) -> impl Iterator<Item = &Pubkey> {
        self.0.keys().filter(|user| self.is_connected(user))
    }

    /// The labels of all, or of one.
    fn labels(&self, of: Option<&Pubkey>) -> Vec<&'a str> {
        let users = self.0.iter();
        let users = users.filter(|(user, _)| of.is_none_or(|of| of == *user));
        let mut labels: Vec<&str> = users
            .flat_map(|(_, seen)| seen.iter().map(|seen| seen.label.as_str()))
            .collect();
        labels.sort_unstable();
        labels.dedup();
        labels
    }
}

/// The users whom the agent has shut.
fn shut_users(managed: Option<&Managed>) -> BTreeSet<Pubkey> {
    let labels = managed.into_iter().flat_map(|managed| &managed.shut);
    labels.map(|label| user::of_label(label)).collect()
}

/// Whether the device asks its peers to prefer other ways.
fn is_lowered(preference: Preference) -> bool {
    preference != Preference::Normal
}
