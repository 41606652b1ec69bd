use ratatui::style::{Color, Style};

/// Which styles the terminal is given: without colours, bold and reversed letters are left.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    is_coloured: bool,
}

impl Palette {
    /// `is_coloured` is whether stdout takes colours.
    pub const fn new(is_coloured: bool) -> Self {
        Self { is_coloured }
    }

    /// What is late.
    pub fn late(self) -> Style {
        self.fg(Color::Red).bold()
    }

    /// Letters in a colour.
    pub fn fg(self, color: Color) -> Style {
        if self.is_coloured {
            Style::new().fg(color)
        } else {
            Style::new()
        }
    }
}
