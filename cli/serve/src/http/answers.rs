//! What was found in the newest state: once for each query until that changes, however many ask.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

/// How many queries are remembered of one state.
const KEPT_ANSWERS: usize = 1_000;

/// What was found in the newest state, by query. States are numbered.
pub struct Answers<K, V>(Mutex<OfState<K, V>>);

struct OfState<K, V> {
    number: u64,
    answers: HashMap<K, Answer<V>>,
}

type Answer<V> = Arc<OnceLock<V>>;

impl<K, V> Default for Answers<K, V> {
    fn default() -> Self {
        Self(Mutex::new(OfState {
            number: 0,
            answers: HashMap::new(),
        }))
    }
}

impl<K: Eq + Hash, V: Clone> Answers<K, V> {
    /// What a query finds in a state. The first who asks makes it.
    pub fn get(&self, number: u64, query: K, find: impl FnOnce() -> V) -> V {
        let answer = self.answer(number, query);
        answer.get_or_init(find).clone()
    }

    fn answer(&self, number: u64, query: K) -> Answer<V> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.number < number {
            *kept = OfState {
                number,
                answers: HashMap::new(),
            };
        }
        if let Some(answer) = kept.answers.get(&query).filter(|_| kept.number == number) {
            return Arc::clone(answer);
        }
        let answer = Answer::default();
        if kept.number == number && kept.answers.len() < KEPT_ANSWERS {
            kept.answers.insert(query, Arc::clone(&answer));
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::view::{
            tests::{device, view},
            Views,
        },
        ebb_sdk::state::ProvisioningStatus::{Activated, Draining},
        std::cell::Cell,
    };

    #[test]
    fn a_query_is_answered_again_only_where_something_changed() {
        let (views, answers, made) = (Views::keeping(100), Answers::default(), Cell::new(0));
        let asked = || {
            let view = views.newest().unwrap();
            let find = || {
                made.set(made.get() + 1);
                view.version
            };
            (answers.get(view.revision, "devices?", find), made.get())
        };
        for (version, status) in [(1, Activated), (2, Activated), (3, Activated)] {
            let before = views.newest();
            views.publish(view(version, before.as_deref(), vec![device("a", status)]));
            assert_eq!(asked(), (1, 1));
        }
        let before = views.newest();
        views.publish(view(4, before.as_deref(), vec![device("a", Draining)]));
        assert_eq!(asked(), (4, 2));
        // The time passes what the query named.
        let newest = views.newest().unwrap();
        views.renew_at(&newest, newest.time + 1);
        let mut later = view(5, Some(&newest), vec![device("a", Draining)]);
        later.time = newest.time + 1;
        views.publish(later);
        assert_eq!(asked(), (5, 3));
    }

    #[test]
    fn queries_and_states_are_kept_apart() {
        let answers = Answers::<&str, ()>::default();
        let first = answers.answer(1, "devices?");
        assert!(Arc::ptr_eq(&first, &answers.answer(1, "devices?")));
        assert!(!Arc::ptr_eq(&first, &answers.answer(1, "devices?limit=1")));
        assert!(!Arc::ptr_eq(&first, &answers.answer(2, "devices?")));
        // Who still has an older state leaves the newer one's answers alone.
        let newer = answers.answer(2, "devices?");
        assert!(!Arc::ptr_eq(&newer, &answers.answer(1, "devices?")));
        assert!(Arc::ptr_eq(&newer, &answers.answer(2, "devices?")));
    }
}
