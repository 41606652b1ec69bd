//! Asking before something that hurts.

use {
    crate::{context::Context, error::CliError, output::Terminal},
    dialoguer::{console::Term, Confirm},
};

/// Asks on a terminal unless `--yes` is given; off one, asks for that. `consequence` is a full sentence that says what will
/// happen to whom.
pub fn confirm(context: &Context, consequence: &str) -> Result<(), CliError> {
    ask(context.terminal, context.yes, consequence)
}

/// As [`confirm`], where there is no ledger to open.
pub fn ask(terminal: Terminal, yes: bool, consequence: &str) -> Result<(), CliError> {
    if yes {
        return Ok(());
    }
    if !terminal.interactive {
        return Err(
            CliError::usage(format!("{consequence} There is no terminal to ask on"))
                .hint("say so with --yes"),
        );
    }
    let answer = Confirm::new()
        .with_prompt(format!("{consequence} Go on?"))
        .default(false)
        .wait_for_newline(true)
        .interact_opt()
        .map_err(|dialoguer::Error::IO(error)| {
            // The prompt hid it, and Ctrl-C left it so. A terminal that is gone needs none.
            let _ = Term::stderr().show_cursor();
            CliError::from(error)
        })?;
    match answer {
        Some(true) => Ok(()),
        _ => Err(CliError::other("declined: nothing was done")),
    }
}
