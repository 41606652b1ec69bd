//! What the standard streams are connected to.

use std::{
    env,
    io::{self, IsTerminal},
};

/// Below so many columns a progress bar has no room for what it says.
const BAR_WIDTH: usize = 60;

/// What stdin, stdout and stderr are connected to.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    /// stdout is a terminal.
    pub stdout: bool,
    /// A person can be asked.
    pub interactive: bool,
    /// stdout is coloured.
    pub colour: bool,
    /// Progress may redraw lines on stderr.
    pub bars: bool,
    /// The columns of stdout, where it is a terminal that has any.
    pub width: Option<usize>,
}

impl Terminal {
    /// Reads what they are connected to.
    #[expect(
        clippy::disallowed_methods,
        reason = "it asks what they are, and writes nothing"
    )]
    pub fn detect() -> Self {
        let stderr = is_stderr_terminal();
        let is_wide = stderr_width().is_none_or(|width| width >= BAR_WIDTH);
        let stdout = io::stdout().is_terminal();
        Self {
            stdout,
            interactive: io::stdin().is_terminal() && stderr,
            colour: colours(stdout),
            bars: stderr && !is_dumb() && is_wide,
            width: width_of(io::stdout()),
        }
    }
}

/// Whether a program that fills the screen can be seen and typed to.
#[cfg(feature = "top")]
#[expect(
    clippy::disallowed_methods,
    reason = "it asks what they are, and writes nothing"
)]
pub fn is_interactive() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// The columns of stderr, where it is a terminal that has any.
#[expect(
    clippy::disallowed_methods,
    reason = "it asks what it is, and writes nothing"
)]
pub fn stderr_width() -> Option<usize> {
    width_of(io::stderr())
}

/// Whether stderr is coloured.
pub fn stderr_colour() -> bool {
    colours(is_stderr_terminal())
}

/// Whether stderr is a terminal.
#[expect(
    clippy::disallowed_methods,
    reason = "it asks what it is, and writes nothing"
)]
pub fn is_stderr_terminal() -> bool {
    io::stderr().is_terminal()
}

#[cfg(unix)]
fn width_of(stream: impl std::os::fd::AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stream).ok()?;
    (size.ws_col > 0).then(|| size.ws_col.into())
}

#[cfg(not(unix))]
fn width_of(_stream: impl Sized) -> Option<usize> {
    None
}

/// Whether a stream is coloured. NO_COLOR has the last word, CLICOLOR_FORCE the one before it.
fn colours(is_terminal: bool) -> bool {
    colours_by(|name| env::var(name).ok(), is_terminal)
}

fn colours_by(variable: impl Fn(&str) -> Option<String>, is_terminal: bool) -> bool {
    let is = |name: &str, wanted: fn(&str) -> bool| variable(name).is_some_and(|it| wanted(&it));
    if is("NO_COLOR", |value| !value.is_empty()) {
        return false;
    }
    if is("CLICOLOR_FORCE", |value| !value.is_empty() && value != "0") {
        return true;
    }
    is_terminal && !is("CLICOLOR", |value| value == "0") && !is_dumb_by(variable("TERM"))
}

/// Whether the terminal can only be written to line by line, as in Emacs or the log of a CI.
pub fn is_dumb() -> bool {
    is_dumb_by(env::var("TERM").ok())
}

fn is_dumb_by(term: Option<String>) -> bool {
    match term.as_deref() {
        Some("" | "dumb") => true,
        Some(_) => false,
        None => cfg!(unix),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_obey_the_environment() {
        let xterm = ("TERM", "xterm");
        for (variables, on_terminal, off_one) in [
            (&[][..], false, false),
            (&[xterm], true, false),
            (&[("TERM", "")], false, false),
            (&[("TERM", "dumb")], false, false),
            (&[("TERM", "dumb"), ("CLICOLOR", "1")], false, false),
            (&[xterm, ("NO_COLOR", "1")], false, false),
            (&[xterm, ("NO_COLOR", "")], true, false),
            (&[xterm, ("CLICOLOR", "0")], false, false),
            (&[xterm, ("CLICOLOR", "1")], true, false),
            (&[("TERM", "dumb"), ("CLICOLOR_FORCE", "1")], true, true),
            (&[xterm, ("CLICOLOR_FORCE", "0")], true, false),
            (
                &[xterm, ("CLICOLOR_FORCE", "1"), ("CLICOLOR", "0")],
                true,
                true,
            ),
            (
                &[xterm, ("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")],
                false,
                false,
            ),
        ] {
            let variable = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            let colours = [true, false].map(|is_terminal| colours_by(variable, is_terminal));
            assert_eq!(colours, [on_terminal, off_one], "{variables:?}");
        }
    }
}
