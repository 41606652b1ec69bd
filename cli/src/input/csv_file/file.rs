//! Reading a file: its lines, and the fields of each.

use {
    super::{
        columns::CsvColumns,
        error::{CsvError, Problem},
        format::{line_breaks, CsvFormat, LineIndex},
        header::Header,
        record::{reader, width},
        text,
    },
    csv::StringRecord,
    std::{collections::HashMap, fmt::Display},
};

/// The text of a file. Each of its lines has a `code`, which stands in the file once.
pub struct CsvFile {
    text: String,
}

/// One line of a file.
#[derive(Debug)]
pub struct Line<T> {
    /// Its number in the file, from 1.
    pub number: u64,
    /// Its code, as far as it could be read.
    pub code: String,
    /// What it describes, or what is wrong with it.
    pub content: Result<T, CsvError>,
}

/// The fields of a line.
pub struct CsvRow<'a> {
    line: u64,
    /// How many line ends are within its fields.
    breaks: u64,
    header: &'a Header,
    record: &'a StringRecord,
}

impl CsvFile {
    /// Decodes a file.
    ///
    /// # Errors
    /// It is neither UTF-8 nor UTF-16 with a byte order mark, or contains NUL bytes.
    pub fn new(bytes: Vec<u8>) -> Result<Self, CsvError> {
        text::decode(bytes).map(|text| Self { text })
    }

    /// Reads every line that is not blank, in the order of the file.
    ///
    /// # Errors
    /// The header is missing or wrong, or a quote is never closed.
    pub fn read<T>(
        &self,
        columns: &CsvColumns,
        parse: impl Fn(&CsvRow) -> Result<T, CsvError>,
    ) -> Result<Vec<Line<T>>, CsvError> {
        let format = CsvFormat::detect(&self.text, columns)?;
        let mut records = self.records(&format)?.into_iter();
        let right = || columns.right(format.separator);
        let Some((line, _, record)) = records.next() else {
            return Err(CsvError::of_file(Problem::Empty).right(right()));
        };
        let header = Header::new(&record, columns)
            .map_err(|problem| CsvError::of_line(line, problem).right(right()))?;
        let mut seen: HashMap<String, u64> = HashMap::new();
        let lines = records.map(|(number, breaks, record)| {
            let row = CsvRow {
                line: number,
                breaks,
                header: &header,
                record: &record,
            };
            let code = row.field("code").to_owned();
            let content = row.check().and_then(|()| parse(&row)).and_then(|content| {
                match seen.insert(code.clone(), number) {
                    None => Ok(content),
                    Some(earlier) => Err(row.error(Problem::DuplicateCode {
                        code: code.clone(),
                        earlier,
                    })),
                }
            });
            Line {
                number,
                code,
                content,
            }
        });
        Ok(lines.collect())
    }

    /// The records that are not blank, each with its line and the line ends within its fields; the first is the header.
    fn records(&self, format: &CsvFormat) -> Result<Vec<(u64, u64, StringRecord)>, CsvError> {
        let index = LineIndex::new(&self.text);
        if let Some(opened) = format.open_quote(&self.text) {
            let (line, character) = index.place(&self.text, opened);
            return Err(CsvError::of_line(line, Problem::OpenQuote { character }));
        }
        let mut reader = reader(format.separator)
            .from_reader(self.text.get(format.start..).unwrap_or_default().as_bytes());
        let mut records = vec![];
        for record in reader.records() {
            let mut record =
                record.map_err(|error| CsvError::of_file(Problem::NotCsv(error.to_string())))?;
            // Those at the ends of a field go with its blanks.
            let breaks = record.iter().map(line_breaks).sum();
            record.trim();
            let start = record.position().map_or(0, csv::Position::byte);
            let start = usize::try_from(start).unwrap_or(usize::MAX);
            let line = index.line_of_record(&self.text, format.start.saturating_add(start));
            if width(&record) > 0 {
                records.push((line, breaks, record));
            }
        }
        Ok(records)
    }
}

impl CsvRow<'_> {
    /// A field; empty if the file has no such column.
    fn field(&self, column: &str) -> &str {
        let position = self.header.position(column);
        position
            .and_then(|position| self.record.get(position))
            .unwrap_or_default()
    }

    /// Reads a field, naming its column if it cannot be read.
    pub fn parse<T, E: Display>(
        &self,
        column: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, CsvError> {
        let text = self.field(column);
        parse(text).map_err(|error| {
            self.error(Problem::Field {
                column,
                text: text.to_owned(),
                reason: error.to_string(),
            })
        })
    }

    /// As [`CsvRow::parse`]; an empty field is `None`.
    pub fn parse_optional<T, E: Display>(
        &self,
        column: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, CsvError> {
        match self.field(column) {
            "" => Ok(None),
            _ => self.parse(column, parse).map(Some),
        }
    }

    /// Checks what holds for every line, whatever its columns mean.
    fn check(&self) -> Result<(), CsvError> {
        if self.breaks > 0 {
            let closed = self.line.saturating_add(self.breaks);
            return Err(self.error(Problem::LineBreak { closed }));
        }
        if self.record.iter().any(|field| field.starts_with('"')) {
            return Err(self.error(Problem::QuoteBehindBlank));
        }
        // A separator at the end of a line begins a field that is not there.
        let has = match width(self.record) {
            width if width > self.header.len() => width,
            _ => self.record.len().min(self.header.len()),
        };
        if has != self.header.len() {
            return Err(self.error(Problem::FieldCount {
                has,
                needs: self.header.len(),
            }));
        }
        Ok(())
    }

    fn error(&self, problem: Problem) -> CsvError {
        CsvError::of_line(self.line, problem)
    }
}
