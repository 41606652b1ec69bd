//! Running the verb that a command line names.

#[cfg(feature = "agent")]
use crate::commands::agent;
#[cfg(feature = "top")]
use crate::commands::top;
#[cfg(feature = "serve")]
use crate::commands::{history, serve};
use {
    super::{command, Cli, Command, OnLedger},
    crate::{
        commands::{completions, demo, device, init, lifecycle, man, program},
        context::{Context, Purpose},
        error::{CliError, Exit, Kind},
        render::report_error,
        terminal::Output,
        workflow::{origin::Origin, server::Server},
    },
    clap::Parser,
};

/// Runs the verb that was asked for.
pub async fn run(cli: Cli) -> Result<Exit, CliError> {
    let options = &cli.options;
    cli.command.check_output(options.output)?;
    match cli.command {
        Command::OnLedger(command) if options.server.is_some() && command.may_ask_server() => {
            let server = Server::open(options)?;
            command.run(Origin::Server(&server)).await
        }
        Command::OnLedger(command) if options.server.is_some() && command.compares_server() => {
            let server = Server::open(options)?;
            let context = Context::open(options, Purpose::Read)?;
            command.run(Origin::Compared(&context, &server)).await
        }
        Command::OnLedger(command) if command.reads() => {
            let context = Context::open(options, Purpose::Read)?;
            let newest = context.client.ledger().newest_slot();
            let verb = command.run(Origin::Ledger(&context));
            let (exit, newest) = futures_util::join!(verb, newest);
            // What was read is shown all the same.
            context.warn_if_behind(newest.ok().flatten());
            exit
        }
        Command::OnLedger(command) => {
            let purpose = command.purpose();
            let context = Context::open(options, purpose)?;
            command.run(Origin::Ledger(&context)).await
        }
        Command::Lifecycle(args) => lifecycle::run(args, options),
        Command::Ledger(command) => command.run(options).await,
        Command::Demo(args) => demo::run(args, options, run_shown).await,
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args, command()),
    }
}

/// Runs a command line within this process, and reports how it failed if it did.
///
/// # Errors
/// It cannot be parsed, or a signal ended it.
async fn run_shown(args: Vec<String>) -> Result<Exit, CliError> {
    let mut cli = Cli::try_parse_from(args).map_err(|error| CliError::other(error.to_string()))?;
    // It names its ledger.
    cli.options.server = None;
    let (output, verbose) = (cli.options.output, cli.options.verbose);
    match Box::pin(run(cli)).await {
        Err(error) if !matches!(error.kind(), Kind::Interrupted(_)) => {
            report_error(&error, output, verbose);
            Ok(Exit(error.kind().exit_code()))
        }
        ended => ended,
    }
}

impl Command {
    /// Fails if the format is another verb's.
    fn check_output(&self, output: Output) -> Result<(), CliError> {
        let only = match (output, self) {
            (Output::Mermaid | Output::Dot, Self::Lifecycle(_)) => return Ok(()),
            (Output::Mermaid | Output::Dot, _) => "mermaid and dot are for `ebb lifecycle` only",
            (Output::JsonLines, Self::OnLedger(verb)) if verb.has_lines() => return Ok(()),
            (Output::JsonLines, _) => {
                "json-lines is for `ebb device history` and `ebb device watch` only"
            }
            (Output::Table | Output::Json | Output::JsonCompact, _) => return Ok(()),
        };
        Err(CliError::usage(format!("--output {only}"))
            .hint("right is table, json or json-compact"))
    }
}

impl OnLedger {
    /// Whether the verb writes a JSON line for each item.
    fn has_lines(&self) -> bool {
        use device::Command::{History, Watch};
        matches!(self, Self::Device(History(_) | Watch(_)))
    }

    /// Whether a server can answer the verb: one that has the options of [`crate::input::server::asking`].
    fn may_ask_server(&self) -> bool {
        match self {
            Self::Registry(command) => command.reads(),
            Self::Contributor(command) => command.reads(),
            Self::Location(command) => command.reads(),
            Self::Device(command) => command.reads(),
            #[cfg(feature = "top")]
            Self::Top(_) => true,
            #[cfg(feature = "serve")]
            Self::History(command) => matches!(command, history::Command::Export(_)),
            _ => false,
        }
    }

    /// Whether the verb compares a server with the ledger, if one is named.
    fn compares_server(&self) -> bool {
        match self {
            #[cfg(feature = "serve")]
            Self::History(command) => matches!(command, history::Command::Verify(_)),
            _ => false,
        }
    }

    /// Whether the verb shows what is there and changes nothing.
    fn reads(&self) -> bool {
        match self {
            Self::Init(_) => false,
            Self::Program(command) => command.reads(),
            Self::Registry(command) => command.reads(),
            Self::Contributor(command) => command.reads(),
            Self::Location(command) => command.reads(),
            Self::Device(command) => command.reads(),
            Self::Session(command) => command.reads(),
            Self::DiskKey(command) => command.reads(),
            #[cfg(feature = "top")]
            Self::Top(_) => true,
            #[cfg(feature = "serve")]
            Self::History(command) => command.reads(),
            #[cfg(feature = "serve")]
            Self::Serve(_) => false,
            #[cfg(feature = "agent")]
            Self::Agent(_) => false,
        }
    }

    /// What the verb opens a ledger for.
    fn purpose(&self) -> Purpose {
        match self {
            Self::Init(_) | Self::Program(program::Command::Deploy(_)) => Purpose::Begin,
            verb if verb.reads() => Purpose::Read,
            _ => Purpose::Change,
        }
    }

    async fn run(self, origin: Origin<'_>) -> Result<Exit, CliError> {
        match self {
            Self::Init(args) => init::run(args, origin.ledger()?).await,
            Self::Program(command) => command.run(origin.ledger()?).await,
            Self::Registry(command) => command.run(origin).await,
            Self::Contributor(command) => command.run(origin).await,
            Self::Location(command) => command.run(origin).await,
            Self::Device(command) => command.run(origin).await,
            Self::Session(command) => command.run(origin.ledger()?).await,
            Self::DiskKey(command) => command.run(origin.ledger()?).await,
            #[cfg(feature = "top")]
            Self::Top(args) => top::run(args, origin).await,
            #[cfg(feature = "serve")]
            Self::History(command) => command.run(origin).await,
            #[cfg(feature = "serve")]
            Self::Serve(args) => serve::run(args, origin.ledger()?).await,
            #[cfg(feature = "agent")]
            Self::Agent(args) => agent::run(args, origin.ledger()?).await,
        }
    }
}
