//! A cell of a table.

use {
    super::escape::escaped,
    anstyle::{AnsiColor, Style},
};

/// A text that a terminal shows as it is, and its style where there are colours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its lines, with a line end between them and every other control escaped.
    pub(super) text: String,
    pub(super) style: Style,
}

impl Cell {
    /// One line in no style.
    pub fn new(text: impl ToString) -> Self {
        Self::lines([text])
    }

    /// Several lines in no style.
    pub fn lines<T: ToString>(lines: impl IntoIterator<Item = T>) -> Self {
        let mut text = String::new();
        for (place, line) in lines.into_iter().enumerate() {
            if place > 0 {
                text.push('\n');
            }
            text.push_str(&escaped(&line.to_string()));
        }
        Self {
            text,
            style: Style::new(),
        }
    }

    /// The same in a colour.
    pub fn fg(self, color: AnsiColor) -> Self {
        Self {
            style: self.style.fg_color(Some(color.into())),
            ..self
        }
    }

    /// The same in bold.
    pub fn bold(self) -> Self {
        Self {
            style: self.style.bold(),
            ..self
        }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}
