//! Draining devices on a full screen: what is shown, and how it is drawn. Drawing changes nothing.

mod details;
mod devices;
mod fleet;
mod help;
mod locations;
mod palette;
mod screen;
mod sort;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;
mod text;
mod trend;

pub use screen::{NamedLedger, Pane, Screen};

use {
    crate::terminal::{
        escaped,
        time::{count, rfc3339},
        wrapped,
    },
    ratatui::{
        layout::{Constraint, Layout, Rect},
        style::Style,
        text::{Line, Span},
        Frame,
    },
    text::{draw_lines, fit},
};

/// Below so many columns there is no room for a device's row.
const MIN_WIDTH: u16 = 40;
/// Below so many rows there is none for devices.
const MIN_HEIGHT: u16 = 8;

/// How many lines of the pane may be above the screen: all but its last one.
pub fn longest_scroll(screen: &Screen) -> usize {
    let lines = match screen.pane() {
        Pane::Locations => screen.fleet().locations().len(),
        Pane::Details => details::height(screen, screen.width()).into(),
        Pane::Help => help::height(),
        Pane::Devices => 0,
    };
    lines.saturating_sub(1)
}

/// Draws the screen.
pub fn draw(frame: &mut Frame<'_>, screen: &Screen) {
    let area = frame.area();
    if area.width < MIN_WIDTH || area.height < MIN_HEIGHT {
        return draw_too_small(frame, area);
    }
    let heads = 1 + u16::from(screen.outage().is_some());
    let [head, body, foot] = Layout::vertical([
        Constraint::Length(heads),
        Constraint::Fill(1),
        Constraint::Length(1),
    ])
    .areas(area);
    draw_head(frame, head, screen);
    match screen.pane() {
        Pane::Devices => draw_devices(frame, body, screen),
        Pane::Details => details::draw(frame, body, screen, screen.scrolled()),
        Pane::Locations => locations::draw(frame, body, screen),
        Pane::Help => help::draw(frame, body, screen.scrolled()),
    }
    draw_foot(frame, foot, screen);
}

fn draw_too_small(frame: &mut Frame<'_>, area: Rect) {
    let sentence = format!(
        "ebb top takes {MIN_WIDTH} columns and {MIN_HEIGHT} rows; this terminal has {} and {}. Make it larger, or press q.",
        area.width, area.height
    );
    let lines = wrapped(&sentence, Some(area.width.into()));
    draw_lines(frame, area, lines.into_iter().map(Line::from));
}

/// The devices, and below them the one that is selected, where both have room.
fn draw_devices(frame: &mut Frame<'_>, area: Rect, screen: &Screen) {
    let wanted = details::height(screen, area.width);
    let below = match wanted.min(area.height / 2 + 1) {
        few if few < wanted.min(details::MIN_HEIGHT) => 0,
        few if area.height < devices::MIN_HEIGHT + few => 0,
        enough => enough,
    };
    let [above, below] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(below)]).areas(area);
    devices::draw(frame, above, screen);
    if below.height > 0 {
        details::draw(frame, below, screen, 0);
    }
}

/// How many devices there are, the time on the ledger, and how old this is while nothing can be read.
fn draw_head(frame: &mut Frame<'_>, area: Rect, screen: &Screen) {
    let time = rfc3339(screen.now()).unwrap_or_default();
    let room = usize::from(area.width).saturating_sub(time.len() + 1);
    let summary = fit(&summary(screen), room);
    let head = Line::from(vec![
        Span::styled(summary, Style::new().bold()),
        Span::raw(format!(" {time}")),
    ]);
    let outage = screen.outage().map(|outage| {
        let last = rfc3339(screen.last_seen()).unwrap_or_default();
        let since = rfc3339(outage.since).unwrap_or_default();
        let why = escaped(&outage.why);
        let text = format!(
            "last seen at {last}, {} unreachable since {since}: {why}",
            screen.source()
        );
        let style = screen.palette().late().reversed();
        Line::styled(fit(&text, area.width.into()), style)
    });
    draw_lines(frame, area, [head].into_iter().chain(outage));
}

fn summary(screen: &Screen) -> String {
    let fleet = screen.fleet();
    let mut parts = vec![match screen.filter() {
        "" => count(number(fleet.len()), "device"),
        _ => format!(
            "{} of {}",
            screen.order().len(),
            count(number(fleet.len()), "device")
        ),
    }];
    parts.push(format!("{} draining", fleet.draining()));
    let overdue = fleet.overdue(screen.now());
    if overdue > 0 {
        parts.push(format!("{overdue} overdue"));
    }
    if fleet.unreadable > 0 {
        parts.push(format!("{} unreadable", fleet.unreadable));
    }
    if !screen.filter().is_empty() {
        parts.push(format!("filter {}", escaped(screen.filter())));
    }
    format!("ebb top  {}", parts.join(", "))
}

fn number(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

/// The keys, or what is typed.
fn draw_foot(frame: &mut Frame<'_>, area: Rect, screen: &Screen) {
    let width = usize::from(area.width);
    let text = match (screen.is_typing(), screen.pane()) {
        (true, _) => format!(
            "/{}_  Enter keeps it, Esc clears it",
            escaped(screen.filter())
        ),
        (false, Pane::Devices) => {
            let order = if screen.is_reversed() {
                "reversed"
            } else {
                "reverse"
            };
            format!(
                "q quit  ? help  / filter  s sort: {}  r {order}  Tab locations  Enter all",
                screen.sort().as_str()
            )
        }
        (false, Pane::Details) => "q quit  ? help  ↑ ↓ scroll  Esc devices".to_owned(),
        (false, Pane::Locations) => {
            "q quit  ? help  ↑ ↓ scroll  Tab devices  Esc devices".to_owned()
        }
        (false, Pane::Help) => "q quit  ↑ ↓ scroll  Esc devices".to_owned(),
    };
    let line = Line::styled(fit(&text, width), Style::new().reversed());
    draw_lines(frame, area, [line]);
}
