//! What is wrong with a file.

use std::fmt;

/// The most characters of a field that a message shows.
const SHOWN: usize = 60;

/// What is wrong with a file, or with one line of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct CsvError {
    /// The line of the file, from 1; `None` if the whole file is wrong.
    pub line: Option<u64>,
    /// What is wrong.
    pub problem: Problem,
    /// What would be right, where the problem does not say it already.
    pub right: Option<String>,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is no line that is not blank.
    Empty,
    /// A byte that no UTF-8 has there.
    NotUtf8 {
        /// The byte.
        byte: u8,
    },
    /// UTF-16 that ends in the middle of a character, or has half of one.
    NotUtf16,
    /// A NUL character.
    Nul,
    /// A line `sep=` that names no separator.
    Separator {
        /// What it names.
        named: String,
    },
    /// A quote that is never closed.
    OpenQuote {
        /// Where in its line it stands, from 1.
        character: usize,
    },
    /// The reader of CSV refuses the text.
    NotCsv(String),
    /// Columns that must be there and are not.
    MissingColumns(Vec<String>),
    /// Columns of other names than those that are read.
    UnknownColumns(Vec<String>),
    /// A column that is there more than once.
    DuplicateColumn {
        /// Its name.
        name: String,
        /// Where it stands, from 1.
        first: usize,
        /// Where it stands again, from 1.
        second: usize,
    },
    /// A column without a name between others.
    UnnamedColumn {
        /// Where it stands, from 1.
        position: usize,
    },
    /// A line with more or fewer fields than the header.
    FieldCount {
        /// Its fields.
        has: usize,
        /// The header's.
        needs: usize,
    },
    /// A quoted field that ends on a later line.
    LineBreak {
        /// The line that it ends on.
        closed: u64,
    },
    /// A quote that does not begin its field, and so quotes nothing.
    QuoteBehindBlank,
    /// A field that cannot be read.
    Field {
        /// Its column.
        column: &'static str,
        /// Its text.
        text: String,
        /// Why not.
        reason: String,
    },
    /// A code that an earlier line has.
    DuplicateCode {
        /// The code.
        code: String,
        /// The earlier line.
        earlier: u64,
    },
}

impl CsvError {
    /// The same, with every text of the file as `show` returns it.
    pub fn showing(self, show: impl Fn(&str) -> String) -> Self {
        let problem = match self.problem {
            Problem::Separator { named } => Problem::Separator {
                named: show(&named),
            },
            Problem::UnknownColumns(names) => {
                Problem::UnknownColumns(names.iter().map(|name| show(name)).collect())
            }
            Problem::Field {
                column,
                text,
                reason,
            } => Problem::Field {
                column,
                reason: match show(&text) {
                    shown if shown == text => reason,
                    shown => reason.replace(&text, &shown),
                },
                text: show(&text),
            },
            Problem::DuplicateCode { code, earlier } => Problem::DuplicateCode {
                code: show(&code),
                earlier,
            },
            problem => problem,
        };
        Self { problem, ..self }
    }

    /// An error of the whole file.
    pub(super) fn of_file(problem: Problem) -> Self {
        let right = problem.right().map(str::to_owned);
        Self {
            line: None,
            problem,
            right,
        }
    }

    /// An error of one line.
    pub(super) fn of_line(line: u64, problem: Problem) -> Self {
        Self {
            line: Some(line),
            ..Self::of_file(problem)
        }
    }

    /// Says what would be right.
    pub(super) fn right(self, right: String) -> Self {
        Self {
            right: Some(right),
            ..self
        }
    }
}

impl Problem {
    /// What would be right, where that does not depend on the columns.
    const fn right(&self) -> Option<&'static str> {
        match self {
            Self::NotUtf8 { .. } => Some(
                "save the file as UTF-8 (a spreadsheet's `CSV UTF-8`), or convert it, for example with: \
                 iconv -f WINDOWS-1252 -t UTF-8",
            ),
            Self::NotUtf16 | Self::Nul => {
                Some("save the file as UTF-8, or as UTF-16 with a byte order mark")
            }
            Self::Separator { .. } => Some("right is, for example, sep=; or sep=,"),
            Self::OpenQuote { .. } => {
                Some("close the quote before the field ends; a quote inside a quoted field is written twice")
            }
            _ => None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the file is empty"),
            Self::NotUtf8 { byte: byte @ 0xa0.. } => write!(
                f,
                "the text is not UTF-8: its byte 0x{byte:02X} is `{}` in Latin-1 (Windows-1252)",
                char::from(*byte)
            ),
            Self::NotUtf8 { byte } => write!(
                f,
                "the text is not UTF-8: it has the byte 0x{byte:02X}, perhaps of Latin-1 (Windows-1252)"
            ),
            Self::NotUtf16 => f.write_str("the text begins as UTF-16 and then is not"),
            Self::Nul => f.write_str("the text has a NUL character"),
            Self::Separator { named } => {
                write!(f, "`sep={}` names no separator", visible(named))
            }
            Self::OpenQuote { character } => write!(
                f,
                "a quote opens at character {character} and is never closed"
            ),
            Self::NotCsv(reason) => write!(f, "the text is no CSV: {reason}"),
            Self::MissingColumns(names) => {
                let are = if names.len() == 1 { "is" } else { "are" };
                write!(f, "there {are} no {}", columns(names))
            }
            Self::UnknownColumns(names) => write!(f, "there is no use for {}", columns(names)),
            Self::DuplicateColumn {
                name,
                first,
                second,
            } => write!(
                f,
                "column `{}` stands there twice, as column {first} and as column {second}",
                visible(name)
            ),
            Self::UnnamedColumn { position } => write!(f, "column {position} has no name"),
            Self::FieldCount { has, needs } => {
                let plural = if *has == 1 { "" } else { "s" };
                write!(f, "{has} field{plural}, and the first line has {needs}")
            }
            Self::LineBreak { closed } => write!(
                f,
                "a quote opens here and is closed on line {closed}, and a field stands on one line"
            ),
            Self::QuoteBehindBlank => f.write_str(
                "a field begins with a quote that quotes nothing; right is a quote directly behind the separator",
            ),
            Self::Field {
                column,
                text,
                reason,
            } => write!(f, "{column} `{}`: {}", visible(text), reason),
            Self::DuplicateCode { code, earlier } => {
                write!(f, "{} stands on line {earlier} already", visible(code))
            }
        }
    }
}

fn columns(names: &[String]) -> String {
    let plural = if names.len() == 1 { "" } else { "s" };
    let names = names.iter().map(|name| format!("`{}`", visible(name)));
    format!("column{plural} {}", names.collect::<Vec<_>>().join(", "))
}

/// A text of the file, cut where it is long.
fn visible(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(visible("Zürich"), "Zürich");
        let long = "x".repeat(SHOWN);
        assert_eq!(visible(&long), long);
        assert_eq!(visible(&format!("{long}x")), format!("{long}…"));
    }
}
