//! What takes long.

use {
    std::{num::NonZero, sync::Arc, thread::available_parallelism},
    tokio::{sync::Semaphore, task::spawn_blocking},
};

/// Does work off the threads that serve, and no more at once than there are processors: what each makes may take a hundred
/// megabytes.
#[derive(Clone)]
pub struct Workers(Arc<Semaphore>);

impl Default for Workers {
    fn default() -> Self {
        let processors = available_parallelism().map_or(1, NonZero::get);
        Self(Arc::new(Semaphore::new(processors)))
    }
}

impl Workers {
    /// Returns what the work returns; `None` if it panicked, which is a fault of the server. Work that was begun is ended,
    /// though nobody waits for it any more.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let turn = Arc::clone(&self.0).acquire_owned().await.ok()?;
        let in_turn = move || {
            let done = work();
            drop(turn);
            done
        };
        spawn_blocking(in_turn).await.ok()
    }

    /// Takes every turn until what is returned is dropped.
    #[cfg(test)]
    pub async fn take_all(&self) -> tokio::sync::OwnedSemaphorePermit {
        let all = available_parallelism().map_or(1, NonZero::get);
        let all = all.try_into().unwrap();
        Arc::clone(&self.0).acquire_many_owned(all).await.unwrap()
    }
}

#[cfg(test)]
mod tests {
    use {super::*, std::sync::mpsc::channel};

    #[tokio::test]
    async fn what_panics_ends_and_leaves_its_turn() {
        let workers = Workers::default();
        let turns = workers.0.available_permits();
        assert_eq!(workers.run(|| panic!("a fault")).await, None::<()>);
        assert_eq!(workers.run(|| 7).await, Some(7));
        assert_eq!(workers.0.available_permits(), turns);
    }

    #[tokio::test]
    async fn work_is_counted_until_it_ends_though_nobody_waits_for_it() {
        let workers = Workers::default();
        let turns = workers.0.available_permits();
        let ((begin, begun), (let_go, held)) = (channel(), channel());
        let (end, ended) = channel();
        let waiting = tokio::spawn({
            let workers = workers.clone();
            async move {
                let work = move || {
                    begin.send(()).unwrap();
                    held.recv().unwrap();
                    end.send(()).unwrap();
                };
                workers.run(work).await
            }
        });
        spawn_blocking(move || begun.recv().unwrap()).await.unwrap();
        waiting.abort();
        assert!(waiting.await.unwrap_err().is_cancelled());
        assert_eq!(workers.0.available_permits(), turns - 1);
        let_go.send(()).unwrap();
        spawn_blocking(move || ended.recv().unwrap()).await.unwrap();
        drop(workers.take_all().await);
    }
}
