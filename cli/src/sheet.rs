//! CSV files, a thing to import on each line. A wrong line does not stop the others.

use {
    crate::{error::CliError, secret::shown, stop},
    csv::{ReaderBuilder, StringRecord, Trim},
    std::{
        collections::HashMap,
        fmt::Display,
        fs,
        io::{self, Read},
        path::Path,
    },
};

/// The columns of a file, in any order.
pub struct Columns {
    /// Those that must be there.
    pub required: &'static [&'static str],
    /// Those that may.
    pub optional: &'static [&'static str],
}

/// The text of a file of such lines. Each has a `code`, which stands in a file once.
pub struct Sheet(Vec<u8>);

/// One line of a file: what it says, or why it says nothing.
#[derive(Debug)]
pub struct Line<T> {
    /// Its number in the file, from 1.
    pub number: u64,
    /// Its code, as far as it could be read.
    pub code: String,
    /// What it describes.
    pub content: Result<T, CliError>,
}

/// The fields of a line.
pub struct Row<'a> {
    header: &'a StringRecord,
    record: &'a StringRecord,
}

impl Sheet {
    /// Opens a file; `-` is stdin.
    pub fn open(path: &Path) -> Result<Self, CliError> {
        let (name, text) = match path.as_os_str() == "-" {
            true => ("stdin".into(), stop::ask(read_stdin)?),
            false => (path.to_string_lossy(), fs::read(path)),
        };
        text.map(Self)
            .map_err(|error| CliError::usage(format!("cannot read {name}: {error}")))
    }

    /// A file of such lines.
    #[cfg(test)]
    pub fn new(text: impl Into<Vec<u8>>) -> Self {
        Self(text.into())
    }

    /// Reads every line. Only a header that is wrong stops it.
    pub fn read<T>(
        &self,
        columns: &Columns,
        parse: impl Fn(&Row) -> Result<T, CliError>,
    ) -> Result<Vec<Line<T>>, CliError> {
        let mut lines = LineCounter {
            text: &self.0,
            offset: 0,
            number: 1,
        };
        let mut reader = ReaderBuilder::new()
            .trim(Trim::All)
            .flexible(true)
            .from_reader(self.0.as_slice());
        let header = reader
            .headers()
            .map_err(|error| CliError::usage(format!("the first line is no CSV: {error}")))?
            .clone();
        columns.check(&header)?;
        let mut seen: HashMap<String, u64> = HashMap::new();
        let read = reader.records().map(|record| {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    return Line {
                        number: lines.at(error.position()),
                        code: String::new(),
                        content: Err(CliError::usage(error.to_string())),
                    }
                }
            };
            let number = lines.at(record.position());
            let row = Row {
                header: &header,
                record: &record,
            };
            let code = shown(row.field("code")).into_owned();
            let content = row
                .check_length()
                .and_then(|()| parse(&row))
                .and_then(|content| match seen.insert(code.clone(), number) {
                    None => Ok(content),
                    Some(earlier) => Err(CliError::usage(format!(
                        "{code} stands on line {earlier} already"
                    ))),
                });
            Line {
                number,
                code,
                content,
            }
        });
        Ok(read.collect())
    }
}

fn read_stdin() -> io::Result<Vec<u8>> {
    let mut text = vec![];
    io::stdin().read_to_end(&mut text)?;
    Ok(text)
}

/// Counts lines up to a record. A record's own position lies before the empty lines in front of it.
struct LineCounter<'a> {
    text: &'a [u8],
    offset: usize,
    number: u64,
}

impl LineCounter<'_> {
    /// The line of a record behind those asked for so far.
    fn at(&mut self, position: Option<&csv::Position>) -> u64 {
        let start = position.map_or(0, csv::Position::byte);
        let passed =
            |(at, byte): (usize, &u8)| (at as u64) < start || matches!(byte, b'\r' | b'\n');
        let rest = self.text.get(self.offset..).unwrap_or_default();
        let taken: usize = (self.offset..)
            .zip(rest)
            .take_while(|(at, byte)| passed((*at, byte)))
            .count();
        let newlines = rest
            .iter()
            .take(taken)
            .filter(|byte| **byte == b'\n')
            .count();
        self.offset += taken;
        self.number += newlines as u64;
        self.number
    }
}

impl Columns {
    fn check(&self, header: &StringRecord) -> Result<(), CliError> {
        let right = || {
            let optional: String = self
                .optional
                .iter()
                .map(|name| format!("[,{name}]"))
                .collect();
            format!("the first line is {}{optional}", self.required.join(","))
        };
        let has = |column: &str| header.iter().any(|name| name == column);
        if let Some(column) = self.required.iter().find(|column| !has(column)) {
            return Err(CliError::usage(format!("there is no column `{column}`")).hint(right()));
        }
        let known = |name: &str| self.required.contains(&name) || self.optional.contains(&name);
        match header.iter().find(|name| !known(name)) {
            Some(name) => Err(CliError::usage(format!(
                "there is no use for column `{}`",
                shown(name)
            ))
            .hint(right())),
            None => Ok(()),
        }
    }
}

impl Row<'_> {
    /// A field; empty if the file has no such column.
    fn field(&self, column: &str) -> &str {
        self.header
            .iter()
            .position(|name| name == column)
            .and_then(|position| self.record.get(position))
            .unwrap_or_default()
    }

    /// Reads a field, naming its column if it cannot be read.
    pub fn parse<T, E: Display>(
        &self,
        column: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, CliError> {
        let text = self.field(column);
        parse(text).map_err(|error| {
            let shown = shown(text);
            let mut problem = error.to_string();
            if shown != text {
                problem = problem.replace(text, &shown);
            }
            CliError::usage(format!("{column} `{shown}`: {problem}"))
        })
    }

    /// As [`Row::parse`]; an empty field is `None`.
    pub fn parse_optional<T, E: Display>(
        &self,
        column: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, CliError> {
        match self.field(column) {
            "" => Ok(None),
            _ => self.parse(column, parse).map(Some),
        }
    }

    fn check_length(&self) -> Result<(), CliError> {
        let (has, needs) = (self.record.len(), self.header.len());
        if has == needs {
            return Ok(());
        }
        Err(CliError::usage(format!(
            "{has} fields, and the first line has {needs}"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: Columns = Columns {
        required: &["code", "size"],
        optional: &["note"],
    };

    fn read(text: &str) -> Result<Vec<Line<u32>>, CliError> {
        Sheet::new(text.as_bytes()).read(&COLUMNS, |row| row.parse("size", str::parse))
    }

    #[test]
    fn a_wrong_line_does_not_stop_the_others() {
        let lines = read("size, code\n1, a\nx,b\n2\n\n3,c\n").unwrap();
        let told: Vec<_> = lines
            .iter()
            .map(|line| (line.number, line.code.as_str(), line.content.is_ok()))
            .collect();
        assert_eq!(
            told,
            [
                (2, "a", true),
                (3, "b", false),
                (4, "", false),
                (6, "c", true)
            ]
        );
        let error = lines[1].content.as_ref().unwrap_err();
        assert!(error.message().starts_with("size `x`: "), "{error}");
    }

    #[test]
    fn a_code_stands_in_a_file_once() {
        let lines = read("code,size\na,1\na,1\n").unwrap();
        assert_eq!(
            lines[1].content.as_ref().unwrap_err().message(),
            "a stands on line 2 already"
        );
    }

    #[test]
    fn a_wrong_header_stops_it() {
        let missing = read("code\na\n").unwrap_err();
        assert!(missing.message().contains("`size`"));
        assert_eq!(missing.hints(), ["the first line is code,size[,note]"]);
        assert!(read("code,size,nope\n")
            .unwrap_err()
            .message()
            .contains("`nope`"));
        assert!(read("").is_err());
        let bytes = Sheet::new(*b"\xff,size\n").read(&COLUMNS, |_| Ok(()));
        assert!(bytes.unwrap_err().message().contains("the first line"));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().to_string_lossy();
        for path in [folder.path().to_owned(), folder.path().join("absent.csv")] {
            let error = Sheet::open(&path).err().unwrap();
            assert!(error.message().contains(&*name), "{error}");
        }
    }
}
