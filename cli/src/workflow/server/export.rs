//! The history of a server as lines, page by page.

use {
    super::http::{Answer, Server, ServerRequest},
    crate::error::{CliError, Kind},
    std::time::{Duration, Instant},
    tokio::time::sleep,
};

/// How long after a failure the server is asked again.
const PAUSE: Duration = Duration::from_secs(1);
/// How long it is asked again for a page.
const TOLERATED: Duration = Duration::from_secs(60);

/// Hands over a server's history as lines, which are those of its store.
///
/// # Errors
/// The server is away for too long, keeps another store meanwhile, or `write` fails.
pub async fn export(
    server: &Server,
    mut write: impl FnMut(&[u8]) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let first = ServerRequest::new(["history", "export"]);
    let mut page = first.clone();
    loop {
        let answer = ask(server, &page).await?;
        write(answer.body())?;
        let Some(after) = answer.next else {
            return Ok(());
        };
        page = first.clone();
        page.query.push(("after", after));
    }
}

/// Asks for a page until there is an answer. The first is not asked for again: what is wrong with it is wrong with the server
/// that was named.
async fn ask(server: &Server, page: &ServerRequest) -> Result<Answer, CliError> {
    let until = Instant::now() + TOLERATED;
    loop {
        match server.get_full(page).await {
            Err(error)
                if error.kind() == Kind::Unreachable
                    && !page.query.is_empty()
                    && Instant::now() < until =>
            {
                sleep(PAUSE).await;
            }
            answer => return answer,
        }
    }
}
