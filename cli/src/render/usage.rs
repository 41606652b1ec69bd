//! What clap says: help and the version on stdout, errors in the command line on stderr.

use {
    crate::{
        error::CliError,
        terminal::{self, escaped, escaped_between_styles, stderr_colour, Terminal},
    },
    anstream::adapter::strip_str,
    clap::error::ContextValue,
    std::{env, error::Error},
};

/// Writes help, the version or an error.
pub fn report_command_line(error: &clap::Error) -> Result<(), CliError> {
    if error.use_stderr() {
        terminal::rendered(&rendered(error, stderr_colour()));
        return Ok(());
    }
    terminal::bytes(rendered(error, Terminal::detect().colour).as_bytes())
}

/// An error in the command line, for scripts.
pub fn command_line_error(error: &clap::Error) -> CliError {
    let message = rendered(error, false);
    let message = message.strip_prefix("error: ").unwrap_or(&message);
    CliError::usage(message.trim_end())
}

/// What clap says, with what it repeats of the command line escaped.
fn rendered(error: &clap::Error, is_coloured: bool) -> String {
    let mut text = error.render().ansi().to_string();
    let mut repeated: Vec<String> = env::args_os()
        .filter_map(|arg| arg.into_string().ok())
        .chain(error.context().flat_map(|(_, value)| match value {
            ContextValue::String(text) => vec![text.clone()],
            ContextValue::Strings(texts) => texts.clone(),
            _ => vec![],
        }))
        .chain(error.source().map(ToString::to_string))
        .collect();
    repeated.sort_by_key(|text| std::cmp::Reverse(text.len()));
    for repeated in &repeated {
        text = text.replace(repeated, &escaped(repeated));
    }
    if is_coloured {
        escaped_between_styles(&text)
    } else {
        escaped_between_styles(&strip_str(&text).to_string())
    }
}
