//! `ebb completions`

use {
    crate::{
        error::{CliError, Exit},
        terminal,
    },
    clap_complete::Shell,
};

/// Print completions for a shell
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  ebb completions bash > /etc/bash_completion.d/ebb
  ebb completions zsh > \"${fpath[1]}/_ebb\"
  ebb completions fish > ~/.config/fish/completions/ebb.fish")]
pub struct Args {
    /// The shell
    shell: Shell,
}

/// Prints completions for `command`.
pub fn run(args: Args, mut command: clap::Command) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "ebb", &mut script);
    terminal::bytes(&script)?;
    Ok(Exit::DONE)
}
