//! `ebb` takes network devices out of service without cutting anyone off.

mod args;
mod command;
mod config;
mod confirm;
mod context;
mod csv_file;
mod drain;
mod error;
mod import;
mod keystore;
mod offline;
mod output;
mod race;
mod resolve;
mod role;
mod signer;
mod value;
mod verbose;
mod view;

use {
    args::Cli,
    error::{CliError, Exit, Kind},
    output::Output,
    std::{
        future::{poll_fn, Future},
        pin::pin,
        process::ExitCode,
        task::Poll,
        time::Duration,
    },
};

/// How long a verb has at Ctrl-C to say how things stand.
const GRACE: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(error) => return report_usage(&error),
    };
    let (output, verbose) = (cli.options.output, cli.options.verbose);
    let dump = cli.options.offline.dump_transaction_message;
    let ended = run(cli).or_else(|error| match error.signed() {
        Some(signed) => output::signed(output, signed, dump).map(|()| Exit::DONE),
        None => Err(error),
    });
    match ended {
        Ok(Exit(code)) => ExitCode::from(code),
        Err(error) => {
            if error.kind() != Kind::BrokenPipe {
                output::report_error(&error, output, verbose);
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
        let mut pressed = pin!(tokio::signal::ctrl_c());
        // Its first poll begins to listen; a verb that blocks, as a question does, must find it listening.
        let first = poll_fn(|waker| Poll::Ready(pressed.as_mut().poll(waker))).await;
        if let Poll::Ready(pressed) = first {
            pressed?;
            return Err(CliError::interrupted());
        }
        let mut verb = pin!(command::run(cli));
        tokio::select! {
            // A verb that has more to say at Ctrl-C goes first.
            biased;
            exit = &mut verb => exit,
            pressed = pressed => {
                pressed?;
                // It may hear of Ctrl-C a moment later than this does.
                let last_words = tokio::time::timeout(GRACE, verb).await;
                last_words.unwrap_or_else(|_| Err(CliError::interrupted()))
            }
        }
    });
    // What still runs in the background is no longer of use to anyone.
    runtime.shutdown_background();
    exit
}

/// clap prints its own help, version and errors; scripts that asked for JSON get its errors as JSON.
fn report_usage(error: &clap::Error) -> ExitCode {
    let asked = args::output_of(std::env::args_os().skip(1));
    match asked {
        Some(output @ (Output::Json | Output::JsonCompact)) if error.use_stderr() => {
            let message = error.render().to_string();
            let message = message
                .strip_prefix("error: ")
                .unwrap_or(&message)
                .trim_end();
            output::report_error(&CliError::usage(message), output, false);
        }
        // A reader that went away misses nothing that matters.
        _ => drop(error.print()),
    }
    ExitCode::from(if error.use_stderr() {
        Kind::Usage.exit_code()
    } else {
        0
    })
}
