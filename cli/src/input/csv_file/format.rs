//! How a file is written: what stands between its fields, and where its lines begin.

use super::{
    columns::CsvColumns,
    error::{CsvError, Problem},
    record::{reader, width},
};

/// What may stand between fields without being named, the likeliest last.
const SEPARATORS: [u8; 4] = [b'|', b'\t', b';', b','];
/// A first line that names the separator, as a spreadsheet takes it.
const NAMED: &str = "sep=";

/// How a file is written.
#[derive(Debug, PartialEq, Eq)]
pub struct CsvFormat {
    /// What stands between fields.
    pub separator: u8,
    /// Where the header begins, in bytes: behind the line that names the separator.
    pub start: usize,
}

impl CsvFormat {
    /// Takes the separator that the file names, else the one that finds most of the columns.
    pub fn detect(text: &str, columns: &CsvColumns) -> Result<Self, CsvError> {
        let first = text.split(['\r', '\n']).next().unwrap_or_default();
        if let Some(named) = named(first) {
            return match named.as_bytes() {
                [separator] if is_separator(*separator) => Ok(Self {
                    separator: *separator,
                    start: first.len(),
                }),
                _ => {
                    let named = named.to_owned();
                    Err(CsvError::of_line(1, Problem::Separator { named }))
                }
            };
        }
        let fit = |separator: &u8| fit(text, *separator, columns);
        let separator = SEPARATORS.into_iter().max_by_key(fit);
        Ok(Self {
            separator: separator.unwrap_or(b','),
            start: 0,
        })
    }

    /// Where a quote opens that is never closed, in bytes.
    pub fn open_quote(&self, text: &str) -> Option<usize> {
        enum State {
            FieldStart,
            Field,
            Quoted(usize),
            /// Behind a quote that closes the field, or is the first of two that stand for one.
            QuoteIn(usize),
        }
        let mut state = State::FieldStart;
        for (at, byte) in text.bytes().enumerate().skip(self.start) {
            let ends_field = byte == self.separator || matches!(byte, b'\r' | b'\n');
            state = match (state, byte) {
                (State::FieldStart, b'"') => State::Quoted(at),
                (State::Quoted(opened), b'"') => State::QuoteIn(opened),
                (State::Quoted(opened), _) | (State::QuoteIn(opened), b'"') => {
                    State::Quoted(opened)
                }
                _ if ends_field => State::FieldStart,
                _ => State::Field,
            };
        }
        match state {
            State::Quoted(opened) => Some(opened),
            _ => None,
        }
    }
}

/// What a line `sep=;` names, which some programs put into quotes.
fn named(line: &str) -> Option<&str> {
    let line = line
        .strip_prefix('"')
        .and_then(|line| line.strip_suffix('"'))
        .unwrap_or(line);
    let (name, separator) = line.split_at_checked(NAMED.len())?;
    name.eq_ignore_ascii_case(NAMED).then_some(separator)
}

fn is_separator(byte: u8) -> bool {
    byte == b'\t' || (byte.is_ascii_punctuation() && byte != b'"')
}

/// How many columns of the header a separator finds.
fn fit(text: &str, separator: u8, columns: &CsvColumns) -> usize {
    let mut reader = reader(separator).from_reader(text.as_bytes());
    let mut records = reader.records().map_while(Result::ok);
    let header = records.find(|record| width(record) > 0);
    let names = header.iter().flatten().map(str::to_ascii_lowercase);
    names.filter(|name| columns.is_known(name)).count()
}

/// Where the lines of a text begin, however they end: CR LF, LF, or CR alone.
pub struct LineIndex {
    starts: Vec<usize>,
}

impl LineIndex {
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let behind = bytes.iter().enumerate().filter_map(|(at, byte)| {
            let next = at.saturating_add(1);
            let ends = match byte {
                b'\n' => true,
                b'\r' => bytes.get(next) != Some(&b'\n'),
                _ => false,
            };
            ends.then_some(next)
        });
        Self {
            starts: std::iter::once(0).chain(behind).collect(),
        }
    }

    /// The line that a byte stands on, from 1.
    pub fn line_of(&self, at: usize) -> u64 {
        self.starts.partition_point(|start| *start <= at) as u64
    }

    /// The line of the record that begins at a byte, or behind the empty lines there.
    pub fn line_of_record(&self, text: &str, at: usize) -> u64 {
        let rest = text.get(at..).unwrap_or_default();
        let empty = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        self.line_of(at.saturating_add(empty))
    }

    /// The line and the character of it that a byte stands on, from 1.
    pub fn place(&self, text: &str, at: usize) -> (u64, usize) {
        let before = self.starts.iter().take_while(|start| **start <= at);
        let start = before.last().copied().unwrap_or_default();
        let characters = text.get(start..at).unwrap_or_default().chars().count();
        (self.line_of(at), characters.saturating_add(1))
    }
}

/// How many lines of a text end in it.
pub fn line_breaks(text: &str) -> u64 {
    if text.contains(['\r', '\n']) {
        LineIndex::new(text).starts.len().saturating_sub(1) as u64
    } else {
        0
    }
}
