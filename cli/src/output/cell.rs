//! A cell of a table.

use comfy_table::{Attribute, Color};

/// A text, and how it looks on a coloured terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The text.
    pub text: String,
    color: Option<Color>,
    is_bold: bool,
}

impl Cell {
    /// Looks as all others do.
    pub fn new(text: impl ToString) -> Self {
        Self {
            text: text.to_string(),
            color: None,
            is_bold: false,
        }
    }

    /// In a colour.
    pub fn fg(self, color: Color) -> Self {
        Self {
            color: Some(color),
            ..self
        }
    }

    /// In bold.
    pub fn bold(self) -> Self {
        Self {
            is_bold: true,
            ..self
        }
    }
}

impl From<Cell> for comfy_table::Cell {
    fn from(cell: Cell) -> Self {
        let mut styled = Self::new(cell.text);
        if let Some(color) = cell.color {
            styled = styled.fg(color);
        }
        if cell.is_bold {
            styled = styled.add_attribute(Attribute::Bold);
        }
        styled
    }
}
