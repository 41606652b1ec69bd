//! A gate that a test opens.

use tokio::sync::{watch, Semaphore};

/// Lets through what arrives one by one.
pub struct Gate {
    arrivals: watch::Sender<usize>,
    openings: Semaphore,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            arrivals: watch::Sender::default(),
            openings: Semaphore::new(0),
        }
    }
}

impl Gate {
    /// Waits until so many have arrived.
    pub async fn arrived(&self, count: usize) {
        let mut arrivals = self.arrivals.subscribe();
        arrivals.wait_for(|it| *it >= count).await.unwrap();
    }

    /// How many have arrived.
    pub fn arrivals(&self) -> usize {
        *self.arrivals.borrow()
    }

    /// Lets one through.
    pub fn open(&self) {
        self.openings.add_permits(1);
    }

    /// Arrives, and waits until it is let through.
    pub async fn pass(&self) {
        self.arrivals.send_modify(|arrivals| *arrivals += 1);
        self.openings.acquire().await.unwrap().forget();
    }
}
