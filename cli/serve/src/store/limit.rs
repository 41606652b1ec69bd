//! How long a database may take. One that hangs, or whose machine is gone without a word, never reports an error.

use {
    super::StoreError,
    std::{future::Future, time::Duration},
    tokio::time::timeout,
};

/// How long a connection may take.
pub const CONNECT: Duration = Duration::from_secs(5);

/// How long one to read may take to a server: who asks waits for the answer.
pub const CONNECT_TO_READ: Duration = Duration::from_secs(1);

/// How long a query of a page, or an append, may take: many times what a slow disk needs for a thousand rows, and within
/// what an answer over HTTP may take.
pub const ANSWER: Duration = Duration::from_secs(30);

/// How long a query that goes over all events may take, of which there may be a hundred million.
pub const SCAN: Duration = Duration::from_secs(600);

/// How long the tables of a new version may take, whose indexes are made of all events, and the server that makes them for
/// another.
pub const MIGRATION: Duration = Duration::from_secs(3_600);

/// What a database answers within a time.
///
/// # Errors
/// An outage when the time is over, and what `answer` fails with.
pub async fn within<T, E: Into<StoreError>>(
    limit: Duration,
    answer: impl Future<Output = Result<T, E>>,
) -> Result<T, StoreError> {
    match timeout(limit, answer).await {
        Ok(answer) => answer.map_err(Into::into),
        Err(_) => Err(StoreError::Outage("it does not answer".to_owned())),
    }
}
