//! One thing in full, for people: its fields one below the other, each behind its label.

use {
    super::document::versioned,
    crate::{
        error::{CliError, Exit},
        terminal::{self, time::moment, Cell, Field, Format},
    },
    serde::Serialize,
};

/// What stands where there is no value.
pub const NONE: &str = "none";

/// Fields in the order in which they are shown. Labels are written as sentences are: `Health oracle`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Record(Vec<Field>);

impl Record {
    /// A record without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// One field more.
    pub fn field(mut self, label: &'static str, value: impl Into<Cell>) -> Self {
        self.0.push((label, value.into()));
        self
    }

    /// One field more, whose value is one line.
    pub fn text(self, label: &'static str, value: impl ToString) -> Self {
        self.field(label, Cell::new(value))
    }

    /// One field more, that may have no value.
    pub fn optional(self, label: &'static str, value: Option<impl ToString>) -> Self {
        let value = value.map(Cell::new);
        self.field(label, value.unwrap_or_else(|| NONE.into()))
    }

    /// One field more, with any number of lines.
    pub fn lines(
        self,
        label: &'static str,
        lines: impl IntoIterator<Item = impl ToString>,
    ) -> Self {
        let mut lines = lines.into_iter().peekable();
        match lines.peek() {
            Some(_) => self.field(label, Cell::lines(lines)),
            None => self.text(label, NONE),
        }
    }

    /// One field more: a time, and how far from `now` it lies. Zero is no time.
    pub fn time(self, label: &'static str, at: i64, now: i64) -> Self {
        self.optional(label, (at != 0).then(|| moment(at, now)))
    }

    /// The fields.
    pub fn fields(&self) -> &[Field] {
        &self.0
    }
}

/// What a verb shows of one thing.
pub trait Show: Serialize {
    /// Its fields, for people.
    fn record(&self) -> Record;
}

/// Writes one thing: a document for scripts, a record for people.
pub fn show(format: impl Into<Format>, shown: &impl Show) -> Result<Exit, CliError> {
    let format = format.into();
    if format.output.is_json() {
        versioned(format.output, shown)?;
        return Ok(Exit::DONE);
    }
    terminal::fields(shown.record().fields(), format.terminal)?;
    Ok(Exit::DONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_value_is_written_the_same_everywhere() {
        let record = Record::new()
            .optional("Agent", None::<&str>)
            .time("Planned return", 0, 60)
            .lines("Holds", [""; 0])
            .time("Registered", 60, 120);
        let fields = [
            ("Agent", Cell::new("none")),
            ("Planned return", Cell::new("none")),
            ("Holds", Cell::new("none")),
            ("Registered", Cell::new("1970-01-01T00:01:00Z (1m ago)")),
        ];
        assert_eq!(record.fields(), fields);
    }
}
