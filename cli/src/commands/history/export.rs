//! `ebb history export`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::store::StoreArgs,
        terminal,
        workflow::history::open_existing,
    },
    ebb_serve::store::export,
};

/// Print the history as JSON lines, which `ebb history import` takes
///
/// The first line says whose history it is and how far the ledger was read. Each further line is an event, in the
/// ledger's order, or what is known to be lost. A server may write to the store meanwhile.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "\
Examples:
  ebb history export > history.jsonl
  ebb history export --history postgres://ebb@db/ebb | zstd > history.jsonl.zst")]
pub struct Args {
    #[command(flatten)]
    store: StoreArgs,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let store = open_existing(context, &args.store).await?;
    export(&store, terminal::bytes).await?;
    Ok(Exit::DONE)
}
