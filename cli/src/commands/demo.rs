//! `ebb demo`

use {
    crate::{
        error::{CliError, Exit},
        input::{options::GlobalOptions, value},
        terminal::Output,
        workflow::demo::Demo,
    },
    std::path::{self, PathBuf},
};

/// Show two drains and a retirement on an embedded ledger
///
/// A network with two contributors and eight devices is set up, and a device with users is drained: another
/// contributor's attempt to interfere is refused, the users leave one by one, and the device comes back. A hold and
/// a location's disruption budget refuse a drain, and then all eight devices are drained one after another.
/// At last one device, its disk's key destroyed, is retired and removed. Each command is shown as you could type it;
/// they work on the ledger that is left.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::confirmation(), after_long_help = "\
Examples:
  ebb demo
  ebb demo --dir lab")]
pub struct Args {
    /// Folder for the ledger and the keys
    ///
    /// Defaults to a new folder among the temporary files, which is kept.
    #[arg(long, value_name = "DIR", value_parser = value::path_parser())]
    dir: Option<PathBuf>,
}

/// Runs the demonstration; `run_line` runs a command line and reports how it failed.
pub async fn run(
    args: Args,
    options: &GlobalOptions,
    run_line: impl AsyncFn(Vec<String>) -> Result<Exit, CliError>,
) -> Result<Exit, CliError> {
    if options.output != Output::Table {
        return Err(CliError::usage(
            "the demo is for people: --output table only",
        ));
    }
    if options.url.is_some() || options.keypair.is_some() || options.fee_payer.is_some() {
        return Err(CliError::usage("the demo brings its own ledger and keys")
            .hint("to choose where: --dir DIR"));
    }
    let dir = match args.dir {
        Some(dir) => path::absolute(dir)?,
        None => tempfile::Builder::new()
            .prefix("ebb-demo-")
            .tempdir()?
            .keep()
            .join("ledger"),
    };
    let demo = Demo {
        run_line,
        dir,
        program_id: options.program_id(),
    };
    demo.play().await?;
    Ok(Exit::DONE)
}
