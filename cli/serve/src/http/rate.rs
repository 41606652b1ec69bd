//! How often an address may do something.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How many may come at once.
const BURST: u32 = 20;
/// How long until one more may come.
const PAUSE: Duration = Duration::from_millis(200);
/// How many addresses are remembered.
const KEPT_ADDRESSES: usize = 10_000;

/// Lets so many pass at once from each address, and then one in a while.
#[derive(Default)]
pub struct RateLimit(Mutex<HashMap<IpAddr, Instant>>);

impl RateLimit {
    /// Lets one pass at this moment.
    ///
    /// # Errors
    /// How long until the next may.
    pub fn pass(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let mut free_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if free_at.len() >= KEPT_ADDRESSES {
            // Whose time is over starts anew in any case.
            free_at.retain(|_, at| *at > now);
        }
        let at = free_at.entry(address).or_insert(now);
        let next = (*at).max(now) + PAUSE;
        let ahead = next.saturating_duration_since(now);
        if ahead > PAUSE * BURST {
            return Err(ahead.saturating_sub(PAUSE * BURST));
        }
        *at = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use {super::*, std::net::Ipv4Addr};

    #[test]
    fn so_many_at_once_and_then_one_in_a_while() {
        let limit = RateLimit::default();
        let (one, other) = (
            IpAddr::from(Ipv4Addr::LOCALHOST),
            IpAddr::from([192, 0, 2, 1]),
        );
        let now = Instant::now();
        for _ in 0..BURST {
            assert_eq!(limit.pass(one, now), Ok(()));
        }
        assert_eq!(limit.pass(one, now), Err(PAUSE));
        assert_eq!(limit.pass(other, now), Ok(()));
        assert_eq!(limit.pass(one, now + PAUSE), Ok(()));
        assert_eq!(limit.pass(one, now + PAUSE), Err(PAUSE));
    }
}
