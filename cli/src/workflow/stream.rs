//! What all verbs have that print without end.

use crate::{
    error::{CliError, Kind},
    terminal::{status, Output},
};

/// Fails if the result is to be one document.
pub fn require_lines(what: &str, output: Output) -> Result<(), CliError> {
    match output {
        Output::Json | Output::JsonCompact => Err(CliError::usage(format!(
            "{what} has no end, and a JSON document has one"
        ))
        .hint("right is --output json-lines, or table")),
        _ => Ok(()),
    }
}

/// Outages, each of which is reported once.
pub struct Outages<'a> {
    is_away: bool,
    report: Box<dyn Fn(&CliError) + 'a>,
}

impl Default for Outages<'_> {
    /// They are reported on stderr.
    fn default() -> Self {
        Self::reported(|error| status(format_args!("{error}; trying again")))
    }
}

impl<'a> Outages<'a> {
    /// They are reported like this.
    pub fn reported(report: impl Fn(&CliError) + 'a) -> Self {
        Self {
            is_away: false,
            report: Box::new(report),
        }
    }

    /// Takes what was read; `None` after an outage, which may pass.
    ///
    /// # Errors
    /// Any other.
    pub fn tolerate<T>(&mut self, read: Result<T, CliError>) -> Result<Option<T>, CliError> {
        match read {
            Ok(read) => {
                self.is_away = false;
                Ok(Some(read))
            }
            Err(error) if error.kind() == Kind::Unreachable => {
                if !self.is_away {
                    (self.report)(&error);
                }
                self.is_away = true;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}
