//! `ebb history verify`

use crate::{
    error::{CliError, Exit, Kind},
    input::{server, store::HistoryArgs},
    render,
    workflow::{
        history::{open_existing, verify, verify_server},
        origin::Origin,
    },
};

/// Prove that a store or a server has all there is
///
/// Each account counts its mutations: the events of each of its registrations must run from 1 to what the account says
/// now. What is missing is named, and the exit code is 1. With --server the history of a server is compared with the ledger
/// that --url names, so the server need not be believed.
#[derive(clap::Args, Debug)]
#[command(
    args = server::asking(),
    after_long_help = "\
Examples:
  ebb history verify
  ebb history verify --history postgres://ebb@db/ebb --output json
  ebb history verify --server http://127.0.0.1:8080 --url https://rpc.example.com"
)]
pub struct Args {
    #[command(flatten)]
    store: HistoryArgs,
}

pub async fn run(args: Args, origin: Origin<'_>) -> Result<Exit, CliError> {
    let context = origin.ledger()?;
    let verdict = match origin.server() {
        Some(server) => verify_server(context, server).await?,
        None => {
            let store = open_existing(context, &args.store).await?;
            verify(context, &store).await?
        }
    };
    if context.output.is_json() {
        render::versioned(context.output, &verdict)?;
    } else {
        render::print_verdict(&verdict, context.terminal)?;
    }
    Ok(Exit::from((!verdict.complete).then_some(Kind::Other)))
}
