//! Who is not back yet after a return.

use {
    std::time::{Duration, Instant},
    tracing::info,
};

/// How long a user who does not come back keeps the others waiting.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Since when only users have been absent.
#[derive(Debug, Default)]
pub struct Absence {
    only_users_since: Option<Instant>,
}

impl Absence {
    /// Whether those who are absent need not be waited for any longer; each is a name and whether it is a user. An uplink
    /// is always waited for, as others' packets go there.
    pub fn is_over<'a>(&mut self, absent: impl IntoIterator<Item = (&'a str, bool)>) -> bool {
        let absent: Vec<_> = absent.into_iter().collect();
        let Some((first, _)) = absent.first() else {
            return true;
        };
        info!(others = absent.len() - 1, "waiting for {first}");
        if absent.iter().any(|(_, is_user)| !is_user) {
            self.only_users_since = None;
            return false;
        }
        let since = self.only_users_since.get_or_insert_with(Instant::now);
        since.elapsed() >= LONGEST_WAIT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_uplink_is_always_waited_for_and_a_user_for_a_while() {
        let long_ago = Instant::now().checked_sub(LONGEST_WAIT).unwrap();
        let mut absence = Absence {
            only_users_since: Some(long_ago),
        };
        assert!(absence.is_over([("172.31.1.1", true)]));
        assert!(!absence.is_over([("172.31.1.1", true), ("172.31.3.1", false)]));
        assert!(!absence.is_over([("172.31.1.1", true)]));
        assert!(absence.is_over([]));
    }
}
