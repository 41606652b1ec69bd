//! The first line of a file: the names of its columns.

use {
    super::{columns::CsvColumns, error::Problem, record::width},
    csv::StringRecord,
};

/// The columns that a file has, in its order.
#[derive(Debug)]
pub struct Header {
    names: Vec<String>,
}

impl Header {
    /// Checks the names. A separator at the end of the line begins a column that is not there.
    pub fn new(record: &StringRecord, columns: &CsvColumns) -> Result<Self, Problem> {
        let names: Vec<String> = record
            .iter()
            .take(width(record))
            .map(str::to_ascii_lowercase)
            .collect();
        let header = Self { names };
        header.check_names()?;
        header.check_columns(columns)?;
        Ok(header)
    }

    fn check_names(&self) -> Result<(), Problem> {
        for (at, name) in self.names.iter().enumerate() {
            let position = at.saturating_add(1);
            if name.is_empty() {
                return Err(Problem::UnnamedColumn { position });
            }
            match self.position(name) {
                Some(first) if first < at => {
                    return Err(Problem::DuplicateColumn {
                        name: name.clone(),
                        first: first.saturating_add(1),
                        second: position,
                    })
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn check_columns(&self, columns: &CsvColumns) -> Result<(), Problem> {
        let required = columns.required.iter();
        let missing: Vec<String> = required
            .filter(|column| self.position(column).is_none())
            .map(ToString::to_string)
            .collect();
        if !missing.is_empty() {
            return Err(Problem::MissingColumns(missing));
        }
        let names = self.names.iter();
        let unknown: Vec<String> = names
            .filter(|name| !columns.is_known(name))
            .cloned()
            .collect();
        if unknown.is_empty() {
            Ok(())
        } else {
            Err(Problem::UnknownColumns(unknown))
        }
    }

    /// Where a column stands, from 0.
    pub fn position(&self, column: &str) -> Option<usize> {
        self.names.iter().position(|name| name == column)
    }

    /// How many columns there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }
}
