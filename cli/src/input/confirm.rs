//! Asking before something that cannot be undone.

use {
    crate::{
        error::CliError,
        stop,
        terminal::{question, status, Terminal},
    },
    std::io,
};

/// Asks on a terminal unless `--yes` is given; off one, asks for that. `consequence` is a full sentence that says what will
/// happen to whom.
pub fn confirm(terminal: Terminal, yes: bool, consequence: &str) -> Result<(), CliError> {
    if yes {
        return Ok(());
    }
    if !terminal.interactive {
        return Err(
            CliError::usage(format!("{consequence} There is no terminal to ask on"))
                .hint("say so with --yes"),
        );
    }
    question(format_args!("{consequence} Go on? [y/N]"));
    // The answer ends the line; what ends the run does not.
    let answer = stop::ask(answer).inspect_err(|_| status(""))??;
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(CliError::other("declined: nothing was done")),
    }
}

/// A line as it is typed, on any terminal alike.
fn answer() -> io::Result<String> {
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer)
}
