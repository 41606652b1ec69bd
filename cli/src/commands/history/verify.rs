//! `ebb history verify`

use crate::{
    context::Context,
    error::{CliError, Exit, Kind},
    render,
    terminal::{self, line, Columns},
    workflow::history::{verify, StoreArgs, Verdict},
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
    let store = args.store.open_existing(context).await?;
    let verdict = verify(context, &store).await?;
    match context.output.is_json() {
        true => render::versioned(context.output, &verdict)?,
        false => print(&verdict, context)?,
    }
    Ok(Exit::from((!verdict.complete).then_some(Kind::Other)))
}

fn print(verdict: &Verdict, context: &Context) -> Result<(), CliError> {
    let Verdict {
        accounts, events, ..
    } = verdict;
    if verdict.complete {
        return line(format_args!(
            "complete: {events} events of {accounts} accounts"
        ));
    }
    let names = &["CODE", "ADDRESS", "GENERATION", "FIRST", "LAST", "LOST"];
    let mut table = Columns::new(names, context.terminal.colour);
    for hole in &verdict.missing {
        let generation = hole.range.generation.map(|it| it.to_string());
        table.push([
            hole.code.clone().unwrap_or_default(),
            hole.range.address.clone(),
            generation.unwrap_or_default(),
            hole.range.first.to_string(),
            hole.range.last.to_string(),
            if hole.lost { "yes" } else { "no" }.to_owned(),
        ]);
    }
    terminal::table(&table, context.terminal)
}
