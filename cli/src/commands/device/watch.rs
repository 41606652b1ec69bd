//! `ebb device watch`

use crate::{
    error::{CliError, Exit},
    input::{filter::FilterArgs, server, signing::output_with},
    terminal::Output,
    workflow::{device::watch::watch, origin::Origin, stream::require_lines},
};

const EXAMPLES: &str = "\
Examples:
  ebb device watch
  ebb device watch --status draining --location ams
  ebb device watch --output json-lines | jq 'select(.change == \"removed\")'
  ebb device watch --server http://127.0.0.1:8080";

/// Print devices and each of their changes, until Ctrl-C
///
/// Users notice nothing. First come the devices that pass the filters, `present` each. From then on a line says that one
/// `changed`, `entered` the selection, `left` it, or was `removed`. Each mutation of a device has a sequence, and is in one
/// line only: where several came between two looks, that line names all of them. Outages of the ledger or the server are
/// waited for, and nothing is missed or repeated.
#[derive(clap::Args, Debug)]
#[command(
    args = output_with(&[Output::JsonLines]),
    args = server::asking(),
    after_long_help = EXAMPLES
)]
pub struct Args {
    #[command(flatten)]
    filter: FilterArgs,
}

/// Watches until a signal ends it.
pub async fn run(args: Args, origin: Origin<'_>) -> Result<Exit, CliError> {
    let format = origin.format();
    require_lines("`ebb device watch`", format.output)?;
    watch(format, origin.reader(), &args.filter).await?;
    Ok(Exit::DONE)
}
