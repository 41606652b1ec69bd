//! The keys.

use {
    super::text::draw_lines,
    ratatui::{layout::Rect, text::Line, Frame},
};

const HELP: &str = "\
Devices that drain come first. Nothing is changed: copy a command to a shell.

  q, Esc, Ctrl-C      quit; Esc first closes what is open
  ↑ ↓, k j            select a device, or scroll
  PgUp PgDn Home End  select one farther away
  Enter               all about the device that is selected
  Tab                 locations, and how many devices each can spare
  /                   filter by words of code, contributor, location, status and
                      reason; Esc clears it
  s                   sort by deadline, code, sessions or location
  r                   reverse the order
  Ctrl-L              draw anew
  Ctrl-Z              back to the shell; fg returns

  LEFT      sessions left of those at the drain's start
  TREND     the same from the drain's start until now; · while nobody watched
  DEADLINE  from when sessions may be evicted
  RETURN    when the device is planned to be back in service";

/// How many rows they take.
pub fn height() -> usize {
    HELP.lines().count()
}

/// Draws them, without the first lines that were scrolled away.
pub fn draw(frame: &mut Frame<'_>, area: Rect, scrolled: usize) {
    draw_lines(frame, area, HELP.lines().skip(scrolled).map(Line::raw));
}

#[cfg(test)]
mod tests {
    use {super::*, crate::terminal::display_width};

    #[test]
    fn the_keys_fit_the_smallest_usual_screen() {
        assert!(height() <= 22, "{}", height());
        for line in HELP.lines() {
            assert!(display_width(line) <= 80, "{line}");
        }
    }
}
