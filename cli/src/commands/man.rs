//! `ebb man`

use {
    crate::{
        error::{CliError, Exit},
        input::value,
        render::man::manual,
        terminal,
    },
    std::{fs, path::PathBuf},
};

/// Print the manual: a page for ebb and one for each verb
#[derive(clap::Args, Debug)]
#[command(after_long_help = "\
Examples:
  ebb man | man -l -
  ebb man --dir /usr/local/share/man/man1")]
pub struct Args {
    /// Write a file for each page into this folder instead
    #[arg(long, value_name = "DIR", value_parser = value::path_parser())]
    dir: Option<PathBuf>,
}

/// Prints the manual of `command`.
pub fn run(args: Args, command: clap::Command) -> Result<Exit, CliError> {
    if let Some(dir) = args.dir {
        fs::create_dir_all(&dir)
            .and_then(|()| clap_mangen::generate_to(command, &dir))
            .map_err(|error| {
                CliError::other(format!("cannot write to {}: {error}", dir.display()))
            })?;
        return Ok(Exit::DONE);
    }
    let mut command = command.disable_help_subcommand(true);
    command.build();
    terminal::bytes(&manual(&command)?)?;
    Ok(Exit::DONE)
}
