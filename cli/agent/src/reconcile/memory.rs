//! What an agent remembers from one plan to the next.

use {
    super::{is_lowered, traffic::Traffic, Mode, Users},
    crate::{actuator::Preference, chain::Chain},
    serde::{Deserialize, Serialize},
    solana_sdk::pubkey::Pubkey,
    std::{
        collections::{BTreeMap, BTreeSet},
        time::Duration,
    },
};

/// How long after it was sent at the latest a transaction lands, with room to spare: the cluster lets its blockhash expire.
const LANDS_WITHIN: Duration = Duration::from_secs(300);

/// What an agent remembers. What is written to its state folder serves to recognise evictions; without it, none of those
/// before is, and nobody is cut.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Memory {
    /// Which registration of the device it is about: the contributor and the generation.
    pub registration: Option<(String, u64)>,
    /// The users that had a session when the ledger was read last.
    #[serde(with = "keys")]
    known: BTreeSet<Pubkey>,
    /// Those whose sessions the agent closes, until no transaction of it may land any more.
    #[serde(with = "keys")]
    closing: BTreeSet<Pubkey>,
    /// Those whose sessions others have closed, until the device takes users again.
    #[serde(with = "keys")]
    pub(super) evicted: BTreeSet<Pubkey>,
    /// When a session was to be closed last.
    #[serde(skip)]
    closed_at: BTreeMap<Pubkey, Duration>,
    /// In how many looks in a row those with a session were absent.
    #[serde(skip)]
    pub(super) absences: BTreeMap<Pubkey, u32>,
    /// When a look was counted last.
    #[serde(skip)]
    looked_at: Option<Duration>,
    /// Since when the device has been seen to ask its peers to prefer other ways.
    #[serde(skip)]
    pub(super) lowered_since: Option<Duration>,
    /// What the device forwards.
    #[serde(skip)]
    pub(super) traffic: Traffic,
}

impl Memory {
    /// What of it lasts.
    #[must_use]
    pub fn lasting(&self) -> Self {
        Self {
            registration: self.registration.clone(),
            known: self.known.clone(),
            closing: self.closing.clone(),
            evicted: self.evicted.clone(),
            ..Self::default()
        }
    }

    /// Packets a second that the device forwards.
    pub fn rate(&self) -> Option<f64> {
        self.traffic.rate
    }

    /// Takes notice of sessions that are gone: whose the agent did not close was evicted.
    pub(super) fn observe(&mut self, chain: &Chain, mode: Mode, now: Duration) {
        let head = chain.head();
        let registration = (head.contributor.to_string(), head.generation);
        if self.registration.as_ref() != Some(&registration) {
            *self = Self {
                registration: Some(registration),
                ..Self::default()
            };
        }
        let is_open = |user: &Pubkey| chain.sessions.contains_key(user);
        let gone = self.known.iter().filter(|user| !is_open(user));
        let evicted: Vec<Pubkey> = gone
            .filter(|user| !self.closing.contains(user))
            .copied()
            .collect();
        self.evicted.extend(evicted);
        self.evicted.retain(|user| !is_open(user));
        if mode == Mode::Serve {
            self.evicted.clear();
        }
        self.known = chain.sessions.keys().copied().collect();
        for user in &self.closing {
            self.closed_at.entry(*user).or_insert(now);
        }
        let may_land = |at: &Duration| now.saturating_sub(*at) <= LANDS_WITHIN;
        self.closed_at.retain(|_, at| may_land(at));
        let closed_at = &self.closed_at;
        self.closing.retain(|user| closed_at.contains_key(user));
    }

    /// Takes notice of how the device presents its routes; what is unknown changes nothing.
    pub(super) fn observe_preference(&mut self, preference: Option<Preference>, now: Duration) {
        match preference {
            Some(preference) if is_lowered(preference) => {
                self.lowered_since.get_or_insert(now);
            }
            Some(_) => self.lowered_since = None,
            None => {}
        }
    }

    /// Counts in how many looks in a row users with a session were absent. A look that failed begins the row anew, and so
    /// does a user whom the agent has shut.
    pub(super) fn count_absences(
        &mut self,
        chain: &Chain,
        users: Option<&Users<'_>>,
        shut: &BTreeSet<Pubkey>,
        (interval, now): (Duration, Duration),
    ) {
        let Some(users) = users else {
            self.absences.clear();
            return;
        };
        let is_new = self
            .looked_at
            .is_none_or(|at| now.saturating_sub(at) >= interval);
        if is_new {
            self.looked_at = Some(now);
        }
        let mut absences = BTreeMap::new();
        for user in chain.sessions.keys() {
            if !users.is_connected(user) && !shut.contains(user) {
                let before = self.absences.get(user).copied().unwrap_or(0);
                absences.insert(*user, before.saturating_add(u32::from(is_new)));
            }
        }
        self.absences = absences;
    }

    /// Takes notice that the sessions of these users are about to be closed.
    pub fn close(&mut self, users: &[Pubkey], now: Duration) {
        for user in users {
            self.closing.insert(*user);
            self.closed_at.insert(*user, now);
        }
    }
}

/// Keys as text.
mod keys {
    use {
        serde::{de::Error, Deserialize, Deserializer, Serialize, Serializer},
        solana_sdk::pubkey::Pubkey,
        std::collections::BTreeSet,
    };

    pub fn serialize<S: Serializer>(
        keys: &BTreeSet<Pubkey>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let text: Vec<String> = keys.iter().map(ToString::to_string).collect();
        text.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeSet<Pubkey>, D::Error> {
        let text = Vec::<String>::deserialize(deserializer)?;
        let keys = text.iter().map(|key| key.parse().map_err(D::Error::custom));
        keys.collect()
    }
}
