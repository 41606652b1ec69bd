//! How routers are spoken to: the sockets that they take commands on.

pub mod bird;
pub mod frr;
pub mod haproxy;
pub mod vty;

use {
    crate::Unknown,
    std::{future::Future, path::Path, time::Duration},
};

/// How long a conversation with a router takes at most. One that hangs is unknown.
pub const LIMIT: Duration = Duration::from_secs(5);

/// The end of a conversation, unless it takes too long.
pub(crate) async fn within<T>(
    limit: Duration,
    socket: &Path,
    conversation: impl Future<Output = Result<T, Unknown>>,
) -> Result<T, Unknown> {
    tokio::time::timeout(limit, conversation)
        .await
        .unwrap_or_else(|_| {
            let (socket, seconds) = (socket.display(), limit.as_secs_f32());
            Err(Unknown::because(format!(
                "{socket}: no answer within {seconds} s"
            )))
        })
}

/// What went wrong at a socket.
pub(crate) fn failed(socket: &Path) -> impl Fn(std::io::Error) -> Unknown + '_ {
    move |error| Unknown::because(format!("{}: {error}", socket.display()))
}
