//! The verbs: a file each.

pub mod completions;
pub mod contributor;
pub mod demo;
pub mod device;
pub mod disk_key;
pub mod init;
mod key_field;
pub mod ledger;
pub mod lifecycle;
pub mod location;
pub mod man;
pub mod program;
pub mod registry;
pub mod session;

use crate::{
    args::{Cli, Command},
    context::Context,
    error::{CliError, Exit},
    output::Output,
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
    let open = match makes_ledger(&cli.command) {
        true => Context::open_or_create,
        false => Context::open,
    };
    let context = || open(options);
    match cli.command {
        Command::Init(args) => init::run(args, &context()?).await,
        Command::Program(command) => command.run(&context()?).await,
        Command::Registry(command) => command.run(&context()?).await,
        Command::Contributor(command) => command.run(&context()?).await,
        Command::Location(command) => command.run(&context()?).await,
        Command::Device(command) => command.run(&context()?).await,
        Command::Session(command) => command.run(&context()?).await,
        Command::DiskKey(command) => command.run(&context()?).await,
        Command::Lifecycle(args) => lifecycle::run(args, options),
        Command::Ledger(command) => command.run(options).await,
        Command::Demo(args) => demo::run(args, options).await,
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args),
    }
}

/// Whether a verb makes an embedded ledger that is not there: those that one begins with. Any other finds nothing on a
/// new ledger, so where there is none its folder is mistyped.
fn makes_ledger(command: &Command) -> bool {
    matches!(
        command,
        Command::Init(_) | Command::Program(program::Command::Deploy(_))
    )
}
