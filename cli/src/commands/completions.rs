//! `ebb completions`

use {
    crate::{
        error::{CliError, Exit},
        terminal,
        workflow::completion,
    },
    clap_complete::Shell,
};

/// Print the script that completes commands in a shell
///
/// The shell then asks this program for candidates: verbs, options, files, statuses, and the codes of devices,
/// contributors and locations on the ledger that the command line or the configuration names. It waits for these for
/// 300 ms, or what $EBB_COMPLETE_TIMEOUT says, as in 2s; after that the codes that were last read count, and another process
/// reads on for the next time.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "\
Examples:
  echo 'source <(ebb completions bash)' >> ~/.bashrc
  echo 'source <(ebb completions zsh)' >> ~/.zshrc
  echo 'ebb completions fish | source' > ~/.config/fish/completions/ebb.fish")]
pub struct Args {
    /// The shell
    shell: Shell,
}

pub fn run(args: Args) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    completion::write_script(&args.shell.to_string(), &mut script)?;
    terminal::bytes(&script)?;
    Ok(Exit::DONE)
}
