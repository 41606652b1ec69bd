//! `ebb` takes network devices out of service without cutting anyone off.

// Everything is written through `terminal`.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod cli;
mod commands;
mod context;
mod error;
mod input;
mod render;
mod signal;
mod stop;
mod terminal;
mod workflow;

use {
    crate::{
        cli::Cli,
        error::{CliError, Exit, Kind},
        stop::stopped,
        terminal::Output,
        workflow::completion,
    },
    std::{pin::pin, process::ExitCode, time::Duration},
};

/// How long after a signal a verb is waited for that blocks, as one that reads a pipe does.
const BLOCKED_TIMEOUT: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    if completion::is_asked() {
        completion::answer(cli::command);
        return ExitCode::SUCCESS;
    }
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(error) => return report_usage(&error),
    };
    let (output, verbose) = (cli.options.output, cli.options.verbose);
    match run(cli) {
        Ok(Exit(code)) => ExitCode::from(code),
        Err(error) => {
            if error.kind() != Kind::BrokenPipe {
                render::report_error(&error, output, verbose);
            }
            ExitCode::from(error.kind().exit_code())
        }
    }
}

fn run(cli: Cli) -> Result<Exit, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let exit = runtime.block_on(async {
        stop::listen()?;
        tokio::spawn(end_a_verb_that_blocks(cli.options.output));
        let grace = cli.command.grace();
        let mut verb = pin!(cli::run::run(cli));
        tokio::select! {
            // A verb that has more to say after a signal goes first.
            biased;
            exit = &mut verb => exit,
            signal = stopped() => {
                let last_words = tokio::time::timeout(grace, verb).await;
                last_words.unwrap_or_else(|_| Err(CliError::interrupted(signal)))
            }
        }
    });
    // What still runs in the background is no longer of use to anyone.
    runtime.shutdown_background();
    exit
}

/// Ends the process after a signal that a verb cannot hear, as it waits for a file or a disk.
async fn end_a_verb_that_blocks(output: Output) {
    let error = CliError::interrupted(stopped().await);
    tokio::time::sleep(BLOCKED_TIMEOUT).await;
    render::report_error(&error, output, false);
    std::process::exit(error.kind().exit_code().into());
}

/// clap makes its own help, version and errors; scripts that asked for JSON get its errors as JSON.
fn report_usage(error: &clap::Error) -> ExitCode {
    let asked = cli::output_of(std::env::args_os().skip(1));
    let said = match asked {
        Some(output) if output.is_json() && error.use_stderr() => {
            render::report_error(&render::command_line_error(error), output, false);
            Ok(())
        }
        _ => render::report_command_line(error),
    };
    let kind = match said {
        Err(error) => {
            render::report_error(&error, Output::Table, false);
            Some(error.kind())
        }
        Ok(()) => error.use_stderr().then_some(Kind::Usage),
    };
    ExitCode::from(kind.map_or(0, Kind::exit_code))
}
