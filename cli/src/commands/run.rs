//! Running the verb that a command line names.

#[cfg(feature = "serve")]
use super::serve;
use {
    super::{
        cli::{self, Cli, Command, OnLedger},
        completions, demo, init, lifecycle, man, program,
    },
    crate::{
        context::{Context, Purpose},
        error::{CliError, Exit, Kind},
        render::report_error,
        terminal::Output,
    },
    clap::Parser,
};

/// Runs the verb that was asked for.
pub async fn run(cli: Cli) -> Result<Exit, CliError> {
    let options = &cli.options;
    let is_lifecycle = matches!(cli.command, Command::Lifecycle(_));
    if matches!(options.output, Output::Mermaid | Output::Dot) && !is_lifecycle {
        return Err(
            CliError::usage("--output mermaid and dot are for `ebb lifecycle` only")
                .hint("right is table, json or json-compact"),
        );
    }
    match cli.command {
        Command::OnLedger(command) if command.reads() => {
            let context = Context::open(options, Purpose::Read)?;
            let newest = context.client.ledger().newest_slot();
            let (exit, newest) = futures_util::join!(command.run(&context), newest);
            // What was read is shown all the same.
            context.warn_if_behind(newest.ok().flatten());
            exit
        }
        Command::OnLedger(command) => {
            let purpose = command.purpose();
            command.run(&Context::open(options, purpose)?).await
        }
        Command::Lifecycle(args) => lifecycle::run(args, options),
        Command::Ledger(command) => command.run(options).await,
        Command::Demo(args) => demo::run(args, options, run_shown).await,
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args, cli::command()),
    }
}

/// Runs a command line within this process, and reports how it failed if it did.
///
/// # Errors
/// It cannot be parsed, or a signal ended it.
async fn run_shown(words: Vec<String>) -> Result<Exit, CliError> {
    let cli = Cli::try_parse_from(words).map_err(|error| CliError::other(error.to_string()))?;
    let (output, verbose) = (cli.options.output, cli.options.verbose);
    match Box::pin(run(cli)).await {
        Err(error) if !matches!(error.kind(), Kind::Interrupted(_)) => {
            report_error(&error, output, verbose);
            Ok(Exit(error.kind().exit_code()))
        }
        ended => ended,
    }
}

impl OnLedger {
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
            #[cfg(feature = "serve")]
            Self::Serve(_) => false,
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

    async fn run(self, context: &Context) -> Result<Exit, CliError> {
        match self {
            Self::Init(args) => init::run(args, context).await,
            Self::Program(command) => command.run(context).await,
            Self::Registry(command) => command.run(context).await,
            Self::Contributor(command) => command.run(context).await,
            Self::Location(command) => command.run(context).await,
            Self::Device(command) => command.run(context).await,
            Self::Session(command) => command.run(context).await,
            Self::DiskKey(command) => command.run(context).await,
            #[cfg(feature = "serve")]
            Self::Serve(args) => serve::run(args, context).await,
        }
    }
}
