//! What was found in the newest state: once for each query until that changes, however many ask.

use {
    super::work::Workers,
    std::{
        collections::HashMap,
        hash::Hash,
        sync::{Arc, Mutex, MutexGuard, PoisonError},
    },
    tokio::sync::watch,
};

/// How many bytes the answers of one state take that are kept. The largest is kept in any case.
const KEPT_BYTES: usize = 64 << 20;
/// What an answer takes beside its own bytes: the query has no more than a request's address.
const ENTRY_BYTES: usize = 8 << 10;

/// Something that is found.
pub trait Answer: Clone + Send + Sync + 'static {
    /// How many bytes it takes; `None` if it is not kept.
    fn kept_bytes(&self) -> Option<usize>;
}

/// What was found in the newest state, by query. States are numbered.
pub struct Answers<K, V> {
    newest: Arc<Mutex<OfState<K, V>>>,
    workers: Workers,
}

struct OfState<K, V> {
    number: u64,
    entries: HashMap<K, AnswerState<V>>,
    /// What the answers take that are kept, and the largest of them.
    bytes: usize,
    largest: usize,
}

enum AnswerState<V> {
    Kept(V),
    /// It is being made. Whoever waits for it is subscribed.
    Asked(watch::Sender<Option<V>>),
}

/// A query whose answer is being made.
struct Question<K, V> {
    number: u64,
    query: K,
    newest: Arc<Mutex<OfState<K, V>>>,
    asked: watch::Sender<Option<V>>,
}

impl<K, V> Default for Answers<K, V> {
    fn default() -> Self {
        Self {
            newest: Arc::new(Mutex::new(OfState::none(0))),
            workers: Workers::default(),
        }
    }
}

impl<K, V> Answers<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Answer,
{
    /// Returns what a query finds in a state; `None` if that could not be made, which is a fault of the server.
    ///
    /// It is made off the threads that serve, once for all who ask until it is there, whoever of them goes away meanwhile. What
    /// nobody waits for any more is not begun.
    pub async fn get(
        &self,
        number: u64,
        query: K,
        find: impl FnOnce() -> V + Send + 'static,
    ) -> Option<V> {
        let mut answer = match self.ask(number, query, find) {
            Ok(kept) => return Some(kept),
            Err(asked) => asked,
        };
        let answer = answer.wait_for(Option::is_some).await.ok()?;
        answer.clone()
    }

    /// Returns an answer that is kept, or who reports the one that is being made.
    fn ask(
        &self,
        number: u64,
        query: K,
        find: impl FnOnce() -> V + Send + 'static,
    ) -> Result<V, watch::Receiver<Option<V>>> {
        let mut newest = lock(&self.newest);
        if newest.number < number {
            *newest = OfState::none(number);
        }
        // Who still has an older state gets an answer for himself.
        let is_newest = newest.number == number;
        match newest.entries.get(&query).filter(|_| is_newest) {
            Some(AnswerState::Kept(answer)) => return Ok(answer.clone()),
            Some(AnswerState::Asked(asked)) => return Err(asked.subscribe()),
            None => {}
        }
        let (asked, answer) = watch::channel(None);
        if is_newest {
            let entry = AnswerState::Asked(asked.clone());
            newest.entries.insert(query.clone(), entry);
        }
        let question = Question {
            number,
            query,
            newest: Arc::clone(&self.newest),
            asked,
        };
        tokio::spawn(question.answered(self.workers.clone(), find));
        Err(answer)
    }
}

impl<K, V> Question<K, V>
where
    K: Eq + Hash + Send + Sync + 'static,
    V: Answer,
{
    async fn answered(self, workers: Workers, find: impl FnOnce() -> V + Send + 'static) {
        let question = Arc::new(self);
        let asked = Arc::clone(&question);
        let answered = workers.run(move || asked.answer(find));
        if answered.await.is_none() {
            lock(&question.newest).end(question.number, &question.query, None);
        }
    }

    /// Makes the answer for all who wait for it, if there is anybody.
    fn answer(&self, find: impl FnOnce() -> V) {
        if self.is_abandoned() {
            return;
        }
        let answer = find();
        lock(&self.newest).end(self.number, &self.query, Some(&answer));
        self.asked.send_replace(Some(answer));
    }

    /// Whether nobody waits for the answer. Then nobody will, as the next who asks begins anew.
    fn is_abandoned(&self) -> bool {
        let mut newest = lock(&self.newest);
        let is_abandoned = self.asked.receiver_count() == 0;
        if is_abandoned {
            newest.end(self.number, &self.query, None);
        }
        is_abandoned
    }
}

impl<K, V> OfState<K, V> {
    fn none(number: u64) -> Self {
        Self {
            number,
            entries: HashMap::new(),
            bytes: 0,
            largest: 0,
        }
    }
}

impl<K: Eq + Hash, V: Answer> OfState<K, V> {
    /// Ends the wait for an answer, and keeps it if there is room.
    fn end(&mut self, number: u64, query: &K, answer: Option<&V>) {
        if self.number != number {
            return;
        }
        let asked = self.entries.remove_entry(query);
        let bytes = answer.and_then(Answer::kept_bytes);
        let (Some((query, _)), Some(answer), Some(bytes)) = (asked, answer, bytes) else {
            return;
        };
        let bytes = bytes + ENTRY_BYTES;
        let largest = self.largest.max(bytes);
        if self.bytes + bytes - largest <= KEPT_BYTES {
            self.entries
                .insert(query, AnswerState::Kept(answer.clone()));
            self.bytes += bytes;
            self.largest = largest;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
        std::sync::{
            atomic::{AtomicUsize, Ordering},
            mpsc::{channel, Receiver, Sender},
        },
        tokio::task::{spawn_blocking, yield_now, JoinHandle},
    };

    /// An answer that takes so many bytes, if it is kept.
    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Takes(u64, Option<usize>);

    impl Answer for Takes {
        fn kept_bytes(&self) -> Option<usize> {
            self.1
        }
    }

    /// Queries, and how many answers were made.
    #[derive(Clone, Default)]
    struct Desk {
        answers: Arc<Answers<&'static str, Takes>>,
        made: Arc<AtomicUsize>,
    }

    impl Desk {
        async fn get(&self, number: u64, query: &'static str, bytes: Option<usize>) -> Takes {
            let made = Arc::clone(&self.made);
            let find = move || {
                made.fetch_add(1, Ordering::Relaxed);
                Takes(number, bytes)
            };
            self.answers.get(number, query, find).await.unwrap()
        }

        /// Waits until somebody has asked.
        async fn until_asked(&self, query: &'static str) {
            while !lock(&self.answers.newest).entries.contains_key(query) {
                yield_now().await;
            }
        }

        fn made(&self) -> usize {
            self.made.load(Ordering::Relaxed)
        }

        /// Asks for what is not made before it is let.
        fn ask_held(&self, query: &'static str) -> (JoinHandle<Takes>, Receiver<()>, Sender<()>) {
            let ((begin, begun), (let_go, held)) = (channel(), channel());
            let desk = self.clone();
            let find = move || {
                desk.made.fetch_add(1, Ordering::Relaxed);
                begin.send(()).unwrap();
                held.recv().unwrap();
                Takes(1, Some(1))
            };
            let answers = Arc::clone(&self.answers);
            let asked = tokio::spawn(async move { answers.get(1, query, find).await.unwrap() });
            (asked, begun, let_go)
        }
    }

    #[tokio::test]
    async fn a_query_is_answered_again_only_where_something_changed() {
        let (views, desk) = (Views::keeping(100), Desk::default());
        let asked = async || {
            let revision = views.newest().unwrap().revision;
            let Takes(found, _) = desk.get(revision, "devices?", Some(1)).await;
            (found, desk.made())
        };
        for (version, status) in [(1, Activated), (2, Activated), (3, Activated)] {
            let before = views.newest();
            views.publish(view(version, before.as_deref(), vec![device("a", status)]));
            assert_eq!(asked().await, (1, 1));
        }
        let before = views.newest();
        views.publish(view(4, before.as_deref(), vec![device("a", Draining)]));
        assert_eq!(asked().await, (4, 2));
        // The time passes what the query named.
        let newest = views.newest().unwrap();
        views.renew_at(&newest, newest.time + 1);
        let mut later = view(5, Some(&newest), vec![device("a", Draining)]);
        later.time = newest.time + 1;
        views.publish(later);
        assert_eq!(asked().await, (5, 3));
    }

    #[tokio::test]
    async fn queries_and_states_are_kept_apart() {
        let desk = Desk::default();
        for (number, query, made) in [
            (1, "devices?", 1),
            (1, "devices?", 1),
            (1, "devices?limit=1", 2),
            (2, "devices?", 3),
            // Who still has an older state leaves the newer one's answers alone.
            (1, "devices?", 4),
            (2, "devices?", 4),
        ] {
            let found = desk.get(number, query, Some(1)).await;
            assert_eq!((found.0, desk.made()), (number, made));
        }
    }

    #[tokio::test]
    async fn what_is_kept_is_bounded_by_its_bytes_and_the_largest_is_kept() {
        let desk = Desk::default();
        let half = KEPT_BYTES / 2 - ENTRY_BYTES;
        for (query, bytes, is_kept) in [
            ("a half", half, true),
            ("the other half", half, true),
            ("far more", 10 * KEPT_BYTES, true),
            ("nothing", 0, false),
            ("as much", 10 * KEPT_BYTES, false),
        ] {
            let before = desk.made();
            for _ in 0..3 {
                desk.get(1, query, Some(bytes)).await;
            }
            let made = if is_kept { 1 } else { 3 };
            assert_eq!(desk.made() - before, made, "{query}");
        }
        // A new state has room again.
        for _ in 0..3 {
            desk.get(2, "nothing", Some(0)).await;
        }
        assert_eq!(desk.made(), 1 + 1 + 1 + 3 + 3 + 1);
    }

    #[tokio::test]
    async fn what_is_wrong_with_a_request_is_not_kept() {
        let desk = Desk::default();
        for made in 1..=3 {
            assert_eq!(desk.get(1, "devices?", None).await, Takes(1, None));
            assert_eq!(desk.made(), made);
        }
        assert!(lock(&desk.answers.newest).entries.is_empty());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn an_answer_is_there_for_the_others_when_who_asked_first_goes_away() {
        let desk = Desk::default();
        let (first, begun, let_go) = desk.ask_held("devices?");
        spawn_blocking(move || begun.recv().unwrap()).await.unwrap();
        let second = tokio::spawn({
            let desk = desk.clone();
            async move { desk.get(1, "devices?", None).await }
        });
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        let_go.send(()).unwrap();
        assert_eq!(second.await.unwrap(), Takes(1, Some(1)));
        assert_eq!(desk.made(), 1);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_nobody_waits_for_is_not_begun() {
        let desk = Desk::default();
        // All turns are taken.
        let turns = desk.answers.workers.take_all().await;
        let (asked, begun, _let_go) = desk.ask_held("devices?");
        desk.until_asked("devices?").await;
        asked.abort();
        assert!(asked.await.unwrap_err().is_cancelled());
        drop(turns);
        // What would have been made is dropped.
        spawn_blocking(move || begun.recv().unwrap_err())
            .await
            .unwrap();
        assert_eq!(desk.made(), 0);
        assert_eq!(desk.get(1, "devices?", Some(1)).await, Takes(1, Some(1)));
    }

    #[tokio::test]
    async fn an_answer_that_cannot_be_made_is_none_and_is_tried_again() {
        let desk = Desk::default();
        let broken = desk.answers.get(1, "devices?", || panic!("a fault"));
        assert_eq!(broken.await, None);
        assert_eq!(desk.get(1, "devices?", Some(1)).await, Takes(1, Some(1)));
    }
}
