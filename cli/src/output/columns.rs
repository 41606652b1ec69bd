//! Tables off a terminal, of any length.

use {
    super::GAP,
    std::{
        io::{self, Write},
        iter,
    },
    unicode_width::UnicodeWidthStr,
};

/// Rows whose columns are as wide as the widest cell in them. What is held of a row is little more than its letters, and
/// rows are written one by one.
pub struct Columns {
    /// The cells of all rows, one behind the other.
    text: String,
    /// Where in it each cell ends.
    ends: Vec<usize>,
    widths: Vec<usize>,
}

impl Columns {
    /// Columns with these names.
    pub fn new(names: &[&str]) -> Self {
        let mut columns = Self {
            text: String::new(),
            ends: vec![],
            widths: vec![0; names.len()],
        };
        columns.push(names.iter().copied());
        columns
    }

    /// One row more, with a cell for each column.
    pub fn push<T: AsRef<str>>(&mut self, row: impl IntoIterator<Item = T>) {
        let cells = row.into_iter().zip(&mut self.widths);
        for (cell, widest) in cells {
            let start = self.text.len();
            // What is named by others must not look like a row of its own.
            for (place, part) in cell.as_ref().split(char::is_control).enumerate() {
                if place > 0 {
                    self.text.push(char::REPLACEMENT_CHARACTER);
                }
                self.text.push_str(part);
            }
            *widest = width(self.text.get(start..).unwrap_or_default()).max(*widest);
            self.ends.push(self.text.len());
        }
    }

    /// Writes all rows.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut start = 0;
        let mut line = String::new();
        for row in self.ends.chunks(self.widths.len().max(1)) {
            let mut blanks = 0;
            for (end, widest) in row.iter().zip(&self.widths) {
                let cell = self.text.get(start..*end).unwrap_or_default();
                start = *end;
                // Blanks before a cell, so that none stand at the end of a line.
                if !cell.is_empty() {
                    line.extend(iter::repeat_n(' ', blanks));
                    line.push_str(cell);
                    blanks = 0;
                }
                blanks += widest.saturating_sub(width(cell)) + usize::from(GAP);
            }
            line.push('\n');
            out.write_all(line.as_bytes())?;
            line.clear();
        }
        Ok(())
    }
}

/// How many letters wide a text is.
fn width(text: &str) -> usize {
    match text.is_ascii() {
        true => text.len(),
        false => text.width(),
    }
}

#[cfg(test)]
mod tests {
    use {super::*, crate::output};

    fn text(columns: &Columns) -> String {
        let mut text = vec![];
        columns.write(&mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn rows_look_as_in_other_tables() {
        let names = ["CODE", "NAME", "DEVICES", "NOTE"];
        let rows = [
            ["ams", "Amsterdam", "3", ""],
            ["zrh-01", "Zürich", "12", "new"],
            ["tyo", "東京", "", ""],
        ];
        let mut columns = Columns::new(&names);
        let mut table = output::plain_table(false);
        table.set_header(names);
        for row in rows {
            columns.push(row);
            table.add_row(row);
        }
        assert_eq!(text(&columns).trim_end(), output::table_text(&table));
    }

    #[test]
    fn a_text_cannot_forge_a_row() {
        let mut columns = Columns::new(&["PATH"]);
        columns.push(["/a\nretired\u{1b}[2J"]);
        assert_eq!(text(&columns), "PATH\n/a\u{fffd}retired\u{fffd}[2J\n");
    }
}
