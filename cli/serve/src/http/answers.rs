//! What was found: once for each query until accounts or the time change it, however many ask.

use {
    super::{document::Found, problem::Problem},
    crate::view::View,
    std::{
        collections::HashMap,
        sync::{Arc, Mutex, OnceLock, PoisonError},
    },
};

/// How many queries are remembered of one revision.
const KEPT_ANSWERS: usize = 1_000;

/// What was found in the newest revision of the view, by route and query.
#[derive(Default)]
pub struct Answers(Mutex<OfRevision>);

type Answer = Arc<OnceLock<Result<Arc<Found>, Problem>>>;

#[derive(Default)]
struct OfRevision {
    revision: u64,
    answers: HashMap<String, Answer>,
}

impl Answers {
    /// What a query finds in a view. The first who asks makes it.
    pub fn get(
        &self,
        view: &View,
        key: &str,
        find: impl FnOnce(&View) -> Result<Found, Problem>,
    ) -> Result<Arc<Found>, Problem> {
        let slot = self.slot(view.revision, key);
        let found = slot.get_or_init(|| find(view).map(Arc::new));
        found.clone()
    }

    fn slot(&self, revision: u64, key: &str) -> Answer {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.revision < revision {
            *kept = OfRevision {
                revision,
                answers: HashMap::new(),
            };
        }
        if let Some(answer) = kept.answers.get(key).filter(|_| kept.revision == revision) {
            return Arc::clone(answer);
        }
        let answer = Answer::default();
        if kept.revision == revision && kept.answers.len() < KEPT_ANSWERS {
            kept.answers.insert(key.to_owned(), Arc::clone(&answer));
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
        serde_json::json,
        std::cell::Cell,
    };

    #[test]
    fn a_query_is_answered_again_only_where_something_changed() {
        let (views, answers, made) = (Views::default(), Answers::default(), Cell::new(0));
        let asked = || {
            let view = views.newest().unwrap();
            let find = |view: &View| {
                made.set(made.get() + 1);
                Found::new(&json!({"version": view.version}), None)
            };
            let found = answers.get(&view, "devices?", find).unwrap();
            (found.result.to_vec(), made.get())
        };
        for (version, status) in [(1, Activated), (2, Activated), (3, Activated)] {
            let before = views.newest();
            views.publish(view(version, before.as_deref(), vec![device("a", status)]));
            assert_eq!(asked(), (b"{\"version\":1}".to_vec(), 1));
        }
        let before = views.newest();
        views.publish(view(4, before.as_deref(), vec![device("a", Draining)]));
        assert_eq!(asked(), (b"{\"version\":4}".to_vec(), 2));
        // The time passes what the query named.
        let newest = views.newest().unwrap();
        views.renew_at(&newest, newest.time + 1);
        let mut later = view(5, Some(&newest), vec![device("a", Draining)]);
        later.time = newest.time + 1;
        views.publish(later);
        assert_eq!(asked(), (b"{\"version\":5}".to_vec(), 3));
    }

    #[test]
    fn queries_and_revisions_are_kept_apart() {
        let answers = Answers::default();
        let first = answers.slot(1, "devices?");
        assert!(Arc::ptr_eq(&first, &answers.slot(1, "devices?")));
        assert!(!Arc::ptr_eq(&first, &answers.slot(1, "devices?limit=1")));
        assert!(!Arc::ptr_eq(&first, &answers.slot(2, "devices?")));
        // Who still has an older view leaves the newer one's answers alone.
        let newer = answers.slot(2, "devices?");
        assert!(!Arc::ptr_eq(&newer, &answers.slot(1, "devices?")));
        assert!(Arc::ptr_eq(&newer, &answers.slot(2, "devices?")));
    }
}
