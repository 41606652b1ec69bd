//! What a client of a cluster has asked for so far, in numbers.

use std::collections::BTreeMap;

/// What came of a request to a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequestOutcome {
    /// A node answered, and the answer was believed.
    Ok,
    /// A node answered with an error.
    Error,
    /// The node knows less than this client has seen.
    Behind,
    /// The node asks to come back later.
    Limited,
    /// The node refuses to serve this client.
    Denied,
    /// No answer came, or none that can be read.
    Unreachable,
}

impl RequestOutcome {
    /// Its name, as in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Behind => "behind",
            Self::Limited => "limited",
            Self::Denied => "denied",
            Self::Unreachable => "unreachable",
        }
    }
}

/// What a client of a cluster has asked for so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// How many requests were made, by their method and what came of them. One that is made again counts again.
    pub requests: BTreeMap<(String, RequestOutcome), u64>,
    /// How often a websocket was connected anew because the connection had ended, or could not be made.
    pub reconnects: u64,
}
