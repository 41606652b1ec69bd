//! `ebb history verify`

use crate::{
    context::Context,
    error::{CliError, Exit, Kind},
    input::store::StoreArgs,
    render,
    workflow::history::{open_existing, verify},
};

/// Prove that a store has all that the ledger's accounts have counted
///
/// Each account counts its mutations: the events of each of its registrations must run from 1 to what the account says
/// now. What is missing is named, and the exit code is 1.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "\
Examples:
  ebb history verify
  ebb history verify --history postgres://ebb@db/ebb --output json")]
pub struct Args {
    #[command(flatten)]
    store: StoreArgs,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let store = open_existing(context, &args.store).await?;
    let verdict = verify(context, &store).await?;
    match context.output.is_json() {
        true => render::versioned(context.output, &verdict)?,
        false => render::print_verdict(&verdict, context.terminal)?,
    }
    Ok(Exit::from((!verdict.complete).then_some(Kind::Other)))
}
