//! What an agent remembers from one plan to the next.

use {
    super::{is_lowered, traffic::Traffic, Mode, Users},
    crate::{
        actuator::Preference,
        chain::{Act, Chain},
    },
    ebb_sdk::{event::EventKind, Role},
    serde::{Deserialize, Serialize},
    solana_sdk::pubkey::Pubkey,
    std::{
        collections::{BTreeMap, BTreeSet},
        time::Duration,
    },
};

/// What an agent remembers. What is written to its state folder serves to recognise evictions; without it, none of those
/// before is, and nobody is cut.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// Which registration of the device it is about: the contributor and the generation.
    pub registration: Option<(String, u64)>,
    /// Up to which change of the device it is known who made it.
    sequence: u64,
    /// Those whose sessions others have closed, until the device takes users again.
    #[serde(with = "keys")]
    pub(super) evicted: BTreeSet<Pubkey>,
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
            sequence: self.sequence,
            evicted: self.evicted.clone(),
            ..Self::default()
        }
    }

    /// Packets a second that the device forwards.
    pub fn rate(&self) -> Option<f64> {
        self.traffic.rate
    }

    /// After which change of the device it is to be found out who made those that followed.
    pub fn sequence(&self, chain: &Chain) -> u64 {
        let is_same = self.registration.as_ref() == Some(&registration(chain));
        if is_same && self.sequence > 0 {
            self.sequence
        } else {
            chain.head().sequence
        }
    }

    /// Takes notice of who closed sessions. Whose session another role than the agent's has closed is evicted; `acts` are the
    /// changes that are new, and `None` where it is not known who made them.
    pub(super) fn observe(&mut self, chain: &Chain, mode: Mode, acts: Option<&[Act]>) {
        let sequence = self.sequence(chain);
        let registration = registration(chain);
        if self.registration.as_ref() != Some(&registration) {
            *self = Self {
                registration: Some(registration),
                sequence,
                ..Self::default()
            };
        }
        if let Some(acts) = acts {
            for Act { event, .. } in acts.iter().filter(|act| act.event.sequence > sequence) {
                match event.kind {
                    EventKind::SessionClosed if event.role != Role::Agent => {
                        self.evicted.insert(event.related);
                    }
                    EventKind::SessionClosed | EventKind::SessionOpened => {
                        self.evicted.remove(&event.related);
                    }
                    EventKind::DeviceUndrained => self.evicted.clear(),
                    _ => {}
                }
            }
            self.sequence = sequence.max(chain.head().sequence);
        }
        self.evicted
            .retain(|user| !chain.sessions.contains_key(user));
        if mode == Mode::Serve {
            self.evicted.clear();
        }
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
}

/// What names the registration of a device.
fn registration(chain: &Chain) -> (String, u64) {
    let head = chain.head();
    (head.contributor.to_string(), head.generation)
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
