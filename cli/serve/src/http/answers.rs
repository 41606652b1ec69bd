//! What was found in the newest view: once for each query, however many ask.

use {
    super::{document::Found, problem::Problem},
    crate::view::View,
    std::{
        collections::HashMap,
        sync::{Arc, Mutex, OnceLock, PoisonError},
    },
};

/// How many queries are remembered of one view.
const KEPT_ANSWERS: usize = 1_000;
/// What was found in the newest view, by route and query.
#[derive(Default)]
pub struct Answers(Mutex<OfView>);

type Answer = Arc<OnceLock<Result<Arc<Found>, Problem>>>;

#[derive(Default)]
struct OfView {
    version: u64,
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
        let slot = self.slot(view.version, key);
        let found = slot.get_or_init(|| find(view).map(Arc::new));
        found.clone()
    }

    fn slot(&self, version: u64, key: &str) -> Answer {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.version < version {
            *kept = OfView {
                version,
                answers: HashMap::new(),
            };
        }
        if let Some(answer) = kept.answers.get(key).filter(|_| kept.version == version) {
            return Arc::clone(answer);
        }
        let answer = Answer::default();
        if kept.version == version && kept.answers.len() < KEPT_ANSWERS {
            kept.answers.insert(key.to_owned(), Arc::clone(&answer));
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_answered_once_for_each_view() {
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
