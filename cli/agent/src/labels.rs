//! What a device calls its users, kept beside the agent: the ledger knows only their keys.

use {
    crate::{
        provider::Seen,
        state::{self, Identity, StateError},
        user,
    },
    ebb_folder::{Access, Folder},
    solana_sdk::pubkey::Pubkey,
    std::{collections::BTreeMap, path::Path},
};

/// The file of an agent's state folder that has them.
const FILE: &str = "labels.json";

/// Labels by the user's key. A label that is the key itself is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels(BTreeMap<Pubkey, String>);

impl Labels {
    /// What the agent whose state folder this is has last written down.
    ///
    /// # Errors
    /// The file cannot be read, or is none of an agent's.
    pub(crate) fn read(folder: &Folder) -> Result<Self, StateError> {
        let labels: BTreeMap<String, String> = state::read(folder, FILE)?.unwrap_or_default();
        let labels = labels.into_iter();
        let labels = labels.filter_map(|(key, label)| Some((key.parse().ok()?, label)));
        Ok(Self(labels.collect()))
    }

    /// Those of the users seen now, and of the others who have a session still.
    pub(crate) fn of<'a>(
        seen: impl IntoIterator<Item = &'a Seen>,
        has_session: impl Fn(&Pubkey) -> bool,
        before: &Self,
    ) -> Self {
        let mut labels = before.0.clone();
        labels.retain(|user, _| has_session(user));
        for Seen { label, .. } in seen {
            let user = user::of_label(label);
            if label.parse() != Ok(user) {
                labels.insert(user, label.clone());
            }
        }
        Self(labels)
    }

    /// Writes them down.
    ///
    /// # Errors
    /// They cannot be written; then the file is as it was.
    pub(crate) fn write(&self, folder: &Folder) -> Result<(), StateError> {
        let labels = self.0.iter();
        let labels = labels.map(|(user, label)| (user.to_string(), label));
        state::write(folder, FILE, &labels.collect::<BTreeMap<_, _>>())
    }
}

/// What the agent that keeps its state in a folder calls the users of its device, by their keys: none if the folder is of
/// another ledger or program, or cannot be read.
pub fn known(folder: &Path, genesis: &str, program: &str) -> BTreeMap<Pubkey, String> {
    let folder = Folder::new(folder, Access::Private);
    let identity = state::identity(&folder).ok().flatten();
    let is_here = |it: &Identity| it.genesis == genesis && it.program == program;
    if identity.as_ref().is_some_and(is_here) {
        Labels::read(&folder).unwrap_or_default().0
    } else {
        BTreeMap::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q";

    fn seen(labels: &[&str]) -> Vec<Seen> {
        let seen = labels.iter().map(|label| Seen {
            label: (*label).to_owned(),
            connected: true,
        });
        seen.collect()
    }

    fn key(label: &str) -> Pubkey {
        user::of_label(label)
    }

    fn none(_: &Pubkey) -> bool {
        false
    }

    #[test]
    fn a_label_is_known_as_long_as_its_user_is_seen_or_has_a_session() {
        let both = Labels::of(&seen(&["alice", "bob", KEY]), none, &Labels::default());
        let expected = [("alice", key("alice")), ("bob", key("bob"))];
        let expected = expected.map(|(label, key)| (key, label.to_owned()));
        assert_eq!(both, Labels(BTreeMap::from(expected)));
        let left = Labels::of(&seen(&[]), |user| *user == key("bob"), &both);
        assert_eq!(left.0, BTreeMap::from([(key("bob"), "bob".to_owned())]));
        assert_eq!(Labels::of(&seen(&[]), none, &left), Labels::default());
    }

    #[test]
    fn labels_are_those_of_one_ledger_and_program() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        assert_eq!(known(&path, "G", "P"), BTreeMap::new());
        let state = state::State::open(path.clone()).unwrap();
        let [genesis, program, device] = ["G", "P", "D"].map(str::to_owned);
        let identity = Identity {
            genesis,
            program,
            device,
        };
        state.bind(&identity).unwrap();
        let labels = Labels::of(&seen(&["alice"]), none, &Labels::default());
        labels.write(state.folder()).unwrap();
        let alice = BTreeMap::from([(key("alice"), "alice".to_owned())]);
        assert_eq!(known(&path, "G", "P"), alice);
        assert_eq!(known(&path, "H", "P"), BTreeMap::new());
        assert_eq!(known(&path, "G", "Q"), BTreeMap::new());
    }
}
