//! Text in columns of the screen.

use {
    crate::terminal::display_width,
    ratatui::{layout::Rect, text::Line, Frame},
    unicode_width::UnicodeWidthChar,
};

/// Returns the text in exactly so many columns: filled up with blanks, or cut and ended by `…`.
pub fn fit(text: &str, width: usize) -> String {
    let wide = display_width(text);
    if wide <= width {
        let blanks = " ".repeat(width.saturating_sub(wide));
        return format!("{text}{blanks}");
    }
    let Some(room) = width.checked_sub(1) else {
        return String::new();
    };
    let mut taken = 0;
    let mut shown = String::new();
    for letter in text.chars() {
        let wider = letter.width().unwrap_or(0).saturating_add(taken);
        if wider > room {
            break;
        }
        taken = wider;
        shown.push(letter);
    }
    let blanks = " ".repeat(room.saturating_sub(taken));
    format!("{shown}…{blanks}")
}

/// Draws lines from the top of an area, as many as it has rows.
pub fn draw_lines<'a>(
    frame: &mut Frame<'_>,
    area: Rect,
    lines: impl IntoIterator<Item = Line<'a>>,
) {
    for (row, line) in area.rows().zip(lines) {
        frame.buffer_mut().set_line(row.x, row.y, &line, row.width);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_fills_its_columns_exactly() {
        for (text, width, fitted) in [
            ("ams", 5, "ams  "),
            ("ams", 3, "ams"),
            ("ams-dz001", 5, "ams-…"),
            ("東京都", 6, "東京都"),
            ("東京都", 5, "東京…"),
            ("東京都", 4, "東… "),
            ("ams", 1, "…"),
            ("ams", 0, ""),
        ] {
            assert_eq!(fit(text, width), fitted, "{text} {width}");
        }
    }
}
