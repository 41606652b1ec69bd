//! Which requests are made again, how often, and after how long.

use {
    super::super::failure::Failure,
    crate::ledger::node_behind,
    solana_client::{
        rpc_custom_error::JSON_RPC_SERVER_ERROR_NODE_UNHEALTHY, rpc_request::RpcRequest,
    },
    std::{fmt, time::Duration},
    tokio::time::Instant,
};

/// How often a request is made again that came too soon or broke, as Solana's own client does.
const RETRIES: u32 = 5;
/// How long to wait before that if the node does not say.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest that a node may make it wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(120);
/// How long a node that is behind is asked again.
pub const CATCH_UP: Duration = Duration::from_secs(30);
/// How often it is.
const CATCH_UP_PAUSE: Duration = Duration::from_millis(300);
/// A delay is reported before a request has waited for so long.
const SILENT: Duration = Duration::from_secs(2);
/// How long nothing more is reported of the same request.
const REPORT_EVERY: Duration = Duration::from_secs(10);

/// What a request waits for before it is made again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delay {
    /// The node asks to come back later (HTTP 429).
    TooSoon {
        /// When the request is made again.
        pause: Duration,
    },
    /// The node knows less than this client has seen.
    Behind {
        /// The node's slot, where it says.
        slot: Option<u64>,
        /// The newest slot that this client has seen.
        seen: u64,
    },
    /// A connection or a gateway broke.
    Broken {
        /// How.
        reason: String,
    },
}

impl fmt::Display for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooSoon { pause } => {
                let seconds = pause.as_secs_f32();
                write!(
                    f,
                    "the node limits requests (429); asking again in {seconds:.1} s"
                )
            }
            Self::Behind { slot, seen } => write!(f, "{}; asking again", node_behind(*slot, *seen)),
            Self::Broken { reason } => write!(f, "{reason}; asking again"),
        }
    }
}

/// A request that may be made again.
pub struct Retry {
    /// Whether making it twice is the same as making it once.
    is_repeatable: bool,
    started: Instant,
    retries: u32,
    behind_since: Option<Instant>,
    reported: Option<Instant>,
}

impl Retry {
    /// A request that was not made yet.
    pub fn new(request: RpcRequest) -> Self {
        Self {
            // What was sent is seen through, and sent again, by who knows whether it landed.
            is_repeatable: request != RpcRequest::SendTransaction,
            started: Instant::now(),
            retries: 0,
            behind_since: None,
            reported: None,
        }
    }

    /// How long to wait after a failure, and the delay to report, if there is one.
    ///
    /// # Errors
    /// It failed for good.
    pub fn after(&mut self, failure: Failure) -> Result<(Duration, Option<Delay>), Failure> {
        let (pause, delay) = match &failure {
            Failure::TooSoon { pause } if self.may_repeat() => {
                let pause = pause
                    .filter(|pause| *pause < LONGEST_PAUSE)
                    .unwrap_or(PAUSE);
                (pause, Delay::TooSoon { pause })
            }
            Failure::Broken(reason) if self.is_repeatable && self.may_repeat() => {
                let reason = reason.clone();
                (PAUSE, Delay::Broken { reason })
            }
            Failure::Behind { slot, seen } if self.is_repeatable && self.may_catch_up() => {
                let (slot, seen) = (*slot, *seen);
                (CATCH_UP_PAUSE, Delay::Behind { slot, seen })
            }
            Failure::Answered {
                code: JSON_RPC_SERVER_ERROR_NODE_UNHEALTHY,
                message,
            } if self.is_repeatable && self.may_catch_up() => {
                let reason = message.clone();
                (CATCH_UP_PAUSE, Delay::Broken { reason })
            }
            _ => return Err(failure),
        };
        Ok((pause, self.is_to_report(pause).then_some(delay)))
    }

    fn may_repeat(&mut self) -> bool {
        self.retries = self.retries.saturating_add(1);
        self.retries <= RETRIES
    }

    fn may_catch_up(&mut self) -> bool {
        let since = self.behind_since.get_or_insert_with(Instant::now);
        since.elapsed() < CATCH_UP
    }

    fn is_to_report(&mut self, pause: Duration) -> bool {
        let is_long = self.started.elapsed().saturating_add(pause) >= SILENT;
        let was_reported = self.reported.is_some_and(|at| at.elapsed() < REPORT_EVERY);
        if is_long && !was_reported {
            self.reported = Some(Instant::now());
        }
        is_long && !was_reported
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn too_soon(seconds: Option<u64>) -> Failure {
        let pause = seconds.map(Duration::from_secs);
        Failure::TooSoon { pause }
    }

    fn pauses(request: RpcRequest, failure: &Failure) -> usize {
        let mut retry = Retry::new(request);
        (0..100)
            .take_while(|_| retry.after(failure.clone()).is_ok())
            .count()
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_is_made_again_a_few_times() {
        let broken = Failure::Broken("502 Bad Gateway".into());
        assert_eq!(pauses(RpcRequest::GetMultipleAccounts, &broken), 5);
        assert_eq!(pauses(RpcRequest::GetMultipleAccounts, &too_soon(None)), 5);
        // What may have landed is sent again by who can know whether it did.
        assert_eq!(pauses(RpcRequest::SendTransaction, &broken), 0);
        assert_eq!(pauses(RpcRequest::SendTransaction, &too_soon(None)), 5);
        let closed = Failure::NotSent("Connection refused".into());
        assert_eq!(pauses(RpcRequest::GetMultipleAccounts, &closed), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_node_that_is_behind_is_asked_for_half_a_minute() {
        let mut retry = Retry::new(RpcRequest::GetMultipleAccounts);
        let behind = Failure::Behind {
            slot: Some(100),
            seen: 130,
        };
        let started = Instant::now();
        let mut reports = vec![];
        while let Ok((pause, delay)) = retry.after(behind.clone()) {
            let now = started.elapsed();
            reports.extend(delay.map(|delay| (now, delay)));
            tokio::time::sleep(pause).await;
        }
        assert_eq!(started.elapsed(), CATCH_UP);
        let first = &reports[0];
        assert!(first.0 <= SILENT && first.0 + CATCH_UP_PAUSE >= SILENT);
        assert_eq!(
            first.1.to_string(),
            "the node is at slot 100, behind slot 130, which was seen; asking again"
        );
        assert_eq!(reports.len(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_pause_is_reported_at_once_and_a_short_one_is_not() {
        let mut retry = Retry::new(RpcRequest::SimulateTransaction);
        let (pause, delay) = retry.after(too_soon(Some(30))).unwrap();
        assert_eq!(pause, Duration::from_secs(30));
        assert_eq!(
            delay.unwrap().to_string(),
            "the node limits requests (429); asking again in 30.0 s"
        );
        let mut retry = Retry::new(RpcRequest::SimulateTransaction);
        assert_eq!(retry.after(too_soon(None)).unwrap(), (PAUSE, None));
        // A node cannot make it wait for ever.
        let (pause, _) = retry.after(too_soon(Some(100_000))).unwrap();
        assert_eq!(pause, PAUSE);
    }
}
