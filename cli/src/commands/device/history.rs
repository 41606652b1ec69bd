//! `ebb device history`

use {
    crate::{
        context::{resolve, Context},
        error::{CliError, Exit},
        input::{
            address,
            signing::output_with,
            value::{self, Identifier, Time},
        },
        render::history as render,
        terminal::{status, Output},
        workflow::device::history::{follow, keep_since},
    },
    ebb_sdk::history::DeviceHistory,
};

const EXAMPLES: &str = "\
Examples:
  ebb device history ams-dz001
  ebb device history ams-dz001 --since 7d --output json | jq '.events[] | select(.event == \"drain-started\")'
  ebb device history ams-dz001 --follow --output json-lines";

/// Show what happened to a device, who did it and why
///
/// Users notice nothing. All registrations of the code are shown, those that were removed too. The device counts what
/// happens to it: what the ledger has no record of, as nodes prune and cut logs, is named, and the exit code is 1.
///
/// BY is the role and the key that signed. Keys and signatures are shortened; --verbose and JSON have them in full.
#[derive(clap::Args, Debug)]
#[command(args = output_with(&[Output::JsonLines]), after_long_help = EXAMPLES)]
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

/// Shows.
pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    if args.follow && matches!(context.output, Output::Json | Output::JsonCompact) {
        return Err(
            CliError::usage("--follow has no end, and a JSON document has one")
                .hint("right is --output json-lines, or table"),
        );
    }
    let address = address::device(context.program_id(), &args.device);
    let code = match &args.device {
        Identifier::Code(code) => Some(code.as_str()),
        Identifier::Address(_) => None,
    };
    let client = context.client.clone();
    let mut history = DeviceHistory::new(client, address, code).finality(context.finality);
    history.read().await?;
    let mut registrations = history.registrations();
    if registrations.is_empty() && history.gaps().is_empty() {
        return Err(resolve::device_absent(context, &args.device).await);
    }
    if let Some(since) = args.since {
        let since = since.before(context.now().await?.time);
        keep_since(&mut registrations, since);
    }
    if registrations.iter().all(|it| it.records.is_empty()) && !context.output.is_json() {
        status("no events");
    }
    render::history(context, &registrations, history.gaps())?;
    let incomplete = render::incomplete(&args.device.to_string(), &history);
    match (args.follow, incomplete) {
        (false, Some(error)) => Err(error),
        (false, None) => Ok(Exit::DONE),
        (true, incomplete) => {
            if let Some(error) = incomplete {
                status(format_args!("warning: {error}"));
            }
            follow(context, address, &mut history).await?;
            Ok(Exit::DONE)
        }
    }
}
