//! `ebb device history`

use crate::{
    error::{CliError, Exit},
    input::{
        server,
        signing::output_with,
        value::{self, Identifier, Time},
    },
    terminal::Output,
    workflow::{
        device::history::{follow, show},
        origin::Origin,
        stream::require_lines,
    },
};

const EXAMPLES: &str = "\
Examples:
  ebb device history ams-dz001
  ebb device history ams-dz001 --since 7d --output json | jq '.events[] | select(.event == \"drain-started\")'
  ebb device history ams-dz001 --follow --output json-lines
  ebb device history ams-dz001 --server http://127.0.0.1:8080";

/// Show what happened to a device, who did it and why
///
/// Users notice nothing. All registrations of the code are shown, those that were removed too. The device counts what
/// happens to it: what the ledger has no record of, as nodes prune and cut logs, is named, and the exit code is 1. A
/// server's history may have what nodes have no more.
///
/// BY is the role and the key that signed. Keys and signatures are shortened; --verbose and JSON have them in full.
#[derive(clap::Args, Debug)]
#[command(
    args = output_with(&[Output::JsonLines]),
    args = server::asking(),
    after_long_help = EXAMPLES
)]
pub struct Args {
    /// The device
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    device: Identifier,

    /// Only what happened since then: a TIME, or a DUR ago
    #[arg(long, value_name = "TIME", value_parser = value::since)]
    since: Option<Time>,

    /// Print new events as they land, until Ctrl-C
    #[arg(long)]
    follow: bool,
}

pub async fn run(args: Args, origin: Origin<'_>) -> Result<Exit, CliError> {
    let format = origin.format();
    if args.follow {
        require_lines("--follow", format.output)?;
    }
    let reader = origin.reader();
    let mut history = reader.history(&args.device, args.since).await?;
    let shown = show(format, &args.device, history.as_ref());
    if args.follow {
        follow(format, shown?, history.as_mut()).await?;
        return Ok(Exit::DONE);
    }
    match shown? {
        Some(incomplete) => Err(incomplete),
        None => Ok(Exit::DONE),
    }
}
