//! Tables of any length. Colours never change where anything stands; on a narrow terminal cells are wrapped between words,
//! and where that is not enough each row becomes a block of lines.

use {
    super::{
        wrap::{display_width, longest_word, wrapped},
        Cell, Terminal,
    },
    anstyle::Style,
    std::{
        io::{self, Write},
        iter,
    },
};

/// A field's name and value, for people.
pub type Field = (&'static str, Cell);

/// Blanks between columns.
const GAP: usize = 2;

/// Rows of cells. What is held of a row is little more than its letters, and rows are written one by one.
pub struct Columns {
    names: &'static [&'static str],
    is_coloured: bool,
    /// The cells of all rows, one behind the other.
    text: String,
    /// Where in it each cell ends.
    ends: Vec<usize>,
    /// The style of each cell, where there are colours.
    styles: Vec<Style>,
    extents: Vec<Extent>,
    has_lines: bool,
}

/// A text and its style.
type Styled<'a> = (&'a str, Style);

/// The widest of a column.
#[derive(Clone, Copy, Default)]
struct Extent {
    line: usize,
    word: usize,
}

impl Columns {
    /// Columns with these names.
    pub fn new(names: &'static [&'static str], is_coloured: bool) -> Self {
        let mut columns = Self {
            names,
            is_coloured,
            text: String::new(),
            ends: vec![],
            styles: vec![],
            extents: vec![Extent::default(); names.len()],
            has_lines: false,
        };
        columns.push(names.iter().map(|name| Cell::new(name).bold()));
        columns
    }

    /// One row more, with a cell for each column.
    pub fn push(&mut self, row: impl IntoIterator<Item = impl Into<Cell>>) {
        for (cell, extent) in row.into_iter().zip(&mut self.extents) {
            let Cell { text, style } = cell.into();
            let lines = text.split('\n').map(display_width);
            extent.line = lines.fold(extent.line, usize::max);
            extent.word = longest_word(&text).max(extent.word);
            self.has_lines |= text.contains('\n');
            self.text.push_str(&text);
            self.ends.push(self.text.len());
            if self.is_coloured {
                self.styles.push(style);
            }
        }
    }

    /// Writes all rows to a terminal of so many columns, or to what has no width.
    pub fn write(&self, width: Option<usize>, out: &mut impl Write) -> io::Result<()> {
        match self.widths(width) {
            Some(widths) => self.write_rows(&widths, out),
            None => self.write_blocks(width, out),
        }
    }

    /// The width of each column, if they fit side by side.
    fn widths(&self, width: Option<usize>) -> Option<Vec<usize>> {
        let gaps = GAP.saturating_mul(self.names.len().saturating_sub(1));
        let room = width.map_or(usize::MAX, |width| width.saturating_sub(gaps));
        let at_most = |most: usize| self.extents.iter().map(move |extent| extent.at_most(most));
        let widest = at_most(usize::MAX).max().unwrap_or_default();
        let fits = |most: &usize| at_most(*most).fold(0, usize::saturating_add) <= room;
        let most = (0..=widest).rev().find(fits)?;
        if most == widest {
            return Some(at_most(most).collect());
        }
        // Lines that are broken between words are mostly shorter than they may be; what that leaves is for the longest.
        let most = at_most(most).enumerate();
        let mut widths: Vec<usize> = most.map(|(column, most)| self.used(column, most)).collect();
        let spare = room.saturating_sub(widths.iter().sum());
        let longest = at_most(usize::MAX).position(|width| width == widest)?;
        let width = widths.get_mut(longest)?;
        *width = self.used(longest, width.saturating_add(spare));
        Some(widths)
    }

    /// The width that a column takes where it may take so much.
    fn used(&self, column: usize, most: usize) -> usize {
        let cells = (0..self.len()).map(|row| self.cell(row, column).0);
        let lines = cells.flat_map(|cell| lines(cell, Some(most)));
        lines
            .map(|line| display_width(&line))
            .max()
            .unwrap_or_default()
    }

    fn write_rows(&self, widths: &[usize], out: &mut impl Write) -> io::Result<()> {
        let natural = widths.iter().zip(&self.extents);
        let is_plain = !self.has_lines && natural.clone().all(|(width, all)| *width == all.line);
        for row in 0..self.len() {
            if is_plain {
                let cells = (0..widths.len()).map(|column| self.cell(row, column));
                write_line(cells.zip(widths.iter().copied()), out)?;
                continue;
            }
            let cells: Vec<(Vec<String>, Style)> = widths
                .iter()
                .enumerate()
                .map(|(column, width)| {
                    let (cell, style) = self.cell(row, column);
                    (lines(cell, Some(*width)), style)
                })
                .collect();
            let height = cells.iter().map(|(lines, _)| lines.len()).max();
            for line in 0..height.unwrap_or_default() {
                let parts = cells
                    .iter()
                    .map(|(lines, style)| (lines.get(line).map_or("", String::as_str), *style));
                write_line(parts.zip(widths.iter().copied()), out)?;
            }
        }
        Ok(())
    }

    /// Writes each row as a block: its fields one below the other, with the columns' names.
    fn write_blocks(&self, width: Option<usize>, out: &mut impl Write) -> io::Result<()> {
        for row in 1..self.len() {
            if row > 1 {
                out.write_all(b"\n")?;
            }
            let fields =
                (0..self.names.len()).map(|column| (self.cell(0, column), self.cell(row, column)));
            write_pairs(fields, width, out)?;
        }
        Ok(())
    }

    fn len(&self) -> usize {
        self.ends
            .len()
            .checked_div(self.names.len())
            .unwrap_or_default()
    }

    fn cell(&self, row: usize, column: usize) -> Styled<'_> {
        let at = row.saturating_mul(self.names.len()).saturating_add(column);
        let end_of = |at: usize| self.ends.get(at).copied().unwrap_or_default();
        let start = at.checked_sub(1).map_or(0, end_of);
        let text = self.text.get(start..end_of(at)).unwrap_or_default();
        (text, self.styles.get(at).copied().unwrap_or_default())
    }
}

impl Extent {
    /// The width of the column where no line shall be wider than `most`, and no word is broken.
    fn at_most(&self, most: usize) -> usize {
        self.line.min(most.max(self.word))
    }
}

/// Writes fields one below the other, with their names.
pub fn write_fields(fields: &[Field], terminal: Terminal, out: &mut impl Write) -> io::Result<()> {
    let style_of = |style: Style| if terminal.colour { style } else { Style::new() };
    let fields = fields.iter().map(|(name, value)| {
        let name = (*name, style_of(Style::new().bold()));
        (name, (value.text.as_str(), style_of(value.style)))
    });
    write_pairs(fields, terminal.width, out)
}

/// Writes each value behind its name, or below it where a word of it has no room behind.
fn write_pairs<'a>(
    pairs: impl Iterator<Item = (Styled<'a>, Styled<'a>)> + Clone,
    width: Option<usize>,
    out: &mut impl Write,
) -> io::Result<()> {
    let names = pairs.clone().map(|((name, _), _)| display_width(name));
    let indent = names.max().unwrap_or_default();
    for (name, (value, style)) in pairs {
        let room = width.map(|width| width.saturating_sub(indent.saturating_add(GAP)));
        if room.is_some_and(|room| longest_word(value) > room) {
            write_line(iter::once((name, 0)), out)?;
            for line in lines(value, width) {
                write_line(iter::once(((line.as_str(), style), 0)), out)?;
            }
            continue;
        }
        for (place, line) in lines(value, room).iter().enumerate() {
            let name = if place == 0 { name } else { ("", name.1) };
            let parts = [(name, indent), ((line.as_str(), style), 0)];
            write_line(parts.into_iter(), out)?;
        }
    }
    Ok(())
}

/// The lines of a cell, broken between words.
fn lines(cell: &str, width: Option<usize>) -> Vec<String> {
    let lines = cell.split('\n');
    lines.flat_map(|line| wrapped(line, width)).collect()
}

/// Writes parts of a line, each as wide as its column.
fn write_line<'a>(
    parts: impl Iterator<Item = (Styled<'a>, usize)>,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut line = String::new();
    // Blanks go before a part, so that none stand at the end of a line.
    let mut blanks = 0;
    for ((text, style), width) in parts {
        if !text.is_empty() {
            line.extend(iter::repeat_n(' ', blanks));
            line.push_str(&style.render().to_string());
            line.push_str(text);
            line.push_str(&style.render_reset().to_string());
            blanks = 0;
        }
        blanks += width.saturating_sub(display_width(text)) + GAP;
    }
    line.push('\n');
    out.write_all(line.as_bytes())
}

#[cfg(test)]
mod tests {
    use {super::*, anstyle::AnsiColor};

    const NAMES: &[&str] = &["CODE", "NAME", "NOTE"];

    fn text(columns: &Columns, width: Option<usize>) -> String {
        let mut text = vec![];
        columns.write(width, &mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    fn locations(is_coloured: bool) -> Columns {
        let mut columns = Columns::new(NAMES, is_coloured);
        columns.push([
            Cell::new("zrh-01"),
            Cell::new("Zürich"),
            Cell::new("opened last week").fg(AnsiColor::Green),
        ]);
        columns.push(["tyo", "東京", ""]);
        columns
    }

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let wide = "CODE    NAME    NOTE\nzrh-01  Zürich  opened last week\ntyo     東京\n";
        for width in [None, Some(32), Some(200)] {
            assert_eq!(text(&locations(false), width), wide);
        }
    }

    #[test]
    fn a_narrow_terminal_wraps_between_words() {
        assert_eq!(
            text(&locations(false), Some(31)),
            "CODE    NAME    NOTE\nzrh-01  Zürich  opened last\n                week\ntyo     東京\n"
        );
        assert_eq!(
            text(&locations(false), Some(22)),
            "CODE    NAME    NOTE\nzrh-01  Zürich  opened\n                last\n                week\n\
             tyo     東京\n"
        );
    }

    #[test]
    fn a_very_narrow_one_gets_a_block_for_each_row() {
        assert_eq!(
            text(&locations(false), Some(21)),
            "CODE  zrh-01\nNAME  Zürich\nNOTE  opened last\n      week\n\nCODE  tyo\nNAME  東京\nNOTE\n"
        );
        assert_eq!(
            text(&locations(false), Some(8)),
            "CODE\nzrh-01\nNAME\nZürich\nNOTE\nopened\nlast\nweek\n\nCODE\ntyo\nNAME\n東京\nNOTE\n"
        );
    }

    #[test]
    fn colours_change_no_layout() {
        for width in [None, Some(31), Some(22), Some(21), Some(8)] {
            let coloured = text(&locations(true), width);
            assert!(coloured.contains("\u{1b}[32mopened"), "{coloured:?}");
            assert!(coloured.contains("\u{1b}[1mCODE\u{1b}[0m"), "{coloured:?}");
            let plain = ["\u{1b}[32m", "\u{1b}[1m", "\u{1b}[0m"]
                .iter()
                .fold(coloured, |text, style| text.replace(style, ""));
            assert_eq!(plain, text(&locations(false), width));
        }
    }

    #[test]
    fn a_text_cannot_forge_a_row() {
        let mut columns = Columns::new(&["PATH", "LINES"], true);
        columns.push([Cell::new("/a\nretired\u{1b}[2J"), Cell::lines(["1\n", "2"])]);
        assert_eq!(
            text(&columns, None)
                .replace("\u{1b}[1m", "")
                .replace("\u{1b}[0m", ""),
            "PATH                  LINES\n/a\\nretired\\u{1b}[2J  1\\n\n                      2\n"
        );
    }
}
