//! The locations, with what their disruption budgets can spare.

use {
    super::{
        screen::Screen,
        text::{draw_lines, fit},
    },
    crate::terminal::escaped,
    ebb_sdk::json::LocationJson,
    ratatui::{
        layout::Rect,
        style::{Color, Style},
        text::{Line, Span},
        Frame,
    },
};

/// The columns before the name: their titles and widths.
const COLUMNS: [(&str, usize); 6] = [
    ("LOCATION", 12),
    ("DEVICES", 8),
    ("ACTIVATED", 10),
    ("DRAINING", 9),
    ("BUDGET", 7),
    ("TO SPARE", 9),
];

/// Draws them, without the first rows that were scrolled away.
pub fn draw(frame: &mut Frame<'_>, area: Rect, screen: &Screen) {
    let locations = screen.fleet().locations();
    let titles = COLUMNS.iter().map(|(title, width)| fit(title, *width));
    let titles = titles.collect::<String>() + "NAME";
    let empty = locations.is_empty().then(|| Line::raw("no locations"));
    let rows = locations.iter().skip(screen.scrolled());
    let rows = rows
        .take(area.height.into())
        .map(|location| row(location, screen));
    let titles = Line::styled(fit(&titles, area.width.into()), Style::new().bold());
    draw_lines(frame, area, [titles].into_iter().chain(empty).chain(rows));
}

fn row(location: &LocationJson, screen: &Screen) -> Line<'static> {
    let palette = screen.palette();
    let spare = match location.budget().spare() {
        0 => ("none".to_owned(), palette.fg(Color::Red).bold()),
        some => (some.to_string(), Style::new()),
    };
    let draining = match location.draining {
        0 => Style::new(),
        _ => palette.fg(Color::Yellow).bold(),
    };
    let plain = |text: String| (text, Style::new());
    let cells = [
        plain(escaped(&location.code).into_owned()),
        plain(location.devices.to_string()),
        plain(location.activated.to_string()),
        (location.draining.to_string(), draining),
        plain(location.min_activated.to_string()),
        spare,
    ];
    let cells = cells.into_iter().zip(COLUMNS);
    let mut spans: Vec<Span<'_>> = cells
        .map(|((text, style), (_, width))| Span::styled(fit(&text, width), style))
        .collect();
    spans.push(Span::raw(escaped(&location.name).into_owned()));
    Line::from(spans)
}
