//! `ebb history export`

use {
    crate::{
        error::{CliError, Exit},
        input::{self, store::HistoryArgs},
        terminal,
        workflow::{history::open_existing, origin::Origin, server},
    },
    ebb_serve::store::export,
};

/// Print the history as JSON lines, which `ebb history import` takes
///
/// The first line says whose history it is and how far the ledger was read. Each further line is an event, in the
/// ledger's order, or what is known to be lost. A server may write to the store meanwhile. With --server the server is
/// asked for its store's history, and no ledger or store has to be at hand.
#[derive(clap::Args, Debug)]
#[command(
    args = input::server::asking(),
    after_long_help = "\
Examples:
  ebb history export > history.jsonl
  ebb history export --history postgres://ebb@db/ebb | zstd > history.jsonl.zst
  ebb history export --server http://127.0.0.1:8080 > history.jsonl"
)]
pub struct Args {
    #[command(flatten)]
    store: HistoryArgs,
}

pub async fn run(args: Args, origin: Origin<'_>) -> Result<Exit, CliError> {
    if let Some(server) = origin.server() {
        server::export(server, terminal::bytes).await?;
        return Ok(Exit::DONE);
    }
    let store = open_existing(origin.ledger()?, &args.store).await?;
    export(&store, terminal::bytes).await?;
    Ok(Exit::DONE)
}
