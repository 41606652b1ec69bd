//! The rows of devices: only those that are seen are laid out.

use {
    super::{
        fleet::Fleet,
        palette::Palette,
        screen::Screen,
        text::{draw_lines, fit},
    },
    crate::terminal::{
        display_width, escaped,
        time::{distance, span},
    },
    ebb_sdk::{
        json::{unix_seconds, DeviceJson},
        state::{Health, ProvisioningStatus},
    },
    ratatui::{
        layout::Rect,
        style::{Color, Style},
        text::{Line, Span},
        Frame,
    },
};

/// The fewest rows of the screen that are worth it: the titles and three devices.
pub const MIN_HEIGHT: u16 = 4;
/// How wide the column of codes is.
const CODE_WIDTHS: (usize, usize) = (10, 32);
/// How wide the bars and sparklines are.
const GRAPH_WIDTH: usize = 8;

/// A column: as many of them are shown, in this order, as there is room for.
struct Column {
    title: &'static str,
    width: usize,
    cell: fn(&TableRow<'_>) -> (String, Style),
}

/// What stands behind the code.
const COLUMNS: [Column; 11] = [
    Column {
        title: "STATUS",
        width: 9,
        cell: status,
    },
    Column {
        title: "LEFT",
        width: GRAPH_WIDTH,
        cell: bar,
    },
    Column {
        title: "SESSIONS",
        width: 11,
        cell: sessions,
    },
    Column {
        title: "TREND",
        width: GRAPH_WIDTH,
        cell: trend,
    },
    Column {
        title: "DEADLINE",
        width: 15,
        cell: deadline,
    },
    Column {
        title: "RETURN",
        width: 12,
        cell: planned_return,
    },
    Column {
        title: "LOCATION",
        width: 10,
        cell: |row| plain(&row.device.location),
    },
    Column {
        title: "HOLDS",
        width: 5,
        cell: holds,
    },
    Column {
        title: "REASON",
        width: 24,
        cell: reason,
    },
    Column {
        title: "CONTRIBUTOR",
        width: 12,
        cell: |row| plain(&row.device.contributor),
    },
    Column {
        title: "SINCE",
        width: 8,
        cell: since,
    },
];

/// What the cells of a row are made of.
struct TableRow<'a> {
    device: &'a DeviceJson<'static>,
    fleet: &'a Fleet,
    palette: Palette,
    now: i64,
}

/// Draws the titles and the rows around the one that is selected.
pub fn draw(frame: &mut Frame<'_>, area: Rect, screen: &Screen) {
    let order = screen.order();
    let height = usize::from(area.height.saturating_sub(1));
    let first = first_shown(screen.cursor(), height, order.len());
    let shown = order.iter().enumerate().skip(first).take(height);
    let devices = shown.filter_map(|(place, of)| Some((place, screen.fleet().device(*of)?)));
    let devices: Vec<(usize, &DeviceJson<'_>)> = devices.collect();
    let code = code_width(&devices);
    let columns = columns(area.width.into(), code);
    let rows = devices.iter().map(|(place, device)| {
        let row = TableRow {
            device,
            fleet: screen.fleet(),
            palette: screen.palette(),
            now: screen.now(),
        };
        let line = row.line(code, columns);
        if *place == screen.cursor() {
            line.style(Style::new().reversed())
        } else {
            line
        }
    });
    let empty = order.is_empty().then(|| Line::raw(nothing(screen)));
    draw_lines(
        frame,
        area,
        [titles(code, columns)].into_iter().chain(empty).chain(rows),
    );
}

/// A window of so many rows over a list, in which a place is: where it begins.
fn first_shown(place: usize, height: usize, length: usize) -> usize {
    let centred = place.saturating_sub(height / 2);
    centred.min(length.saturating_sub(height))
}

/// What is said where there is no row.
fn nothing(screen: &Screen) -> String {
    match screen.filter() {
        "" => "no devices".to_owned(),
        filter => format!("no device with {}", escaped(filter)),
    }
}

fn code_width(devices: &[(usize, &DeviceJson<'_>)]) -> usize {
    let (least, most) = CODE_WIDTHS;
    let widths = devices.iter().map(|(_, it)| display_width(&it.code));
    widths.max().unwrap_or(least).clamp(least, most)
}

/// The columns that have room behind a code.
fn columns(width: usize, code: usize) -> &'static [Column] {
    let mut taken = code;
    let fitting = COLUMNS.iter().take_while(|column| {
        taken = taken.saturating_add(column.width).saturating_add(1);
        taken <= width
    });
    COLUMNS.get(..fitting.count()).unwrap_or(&COLUMNS)
}

fn titles(code: usize, columns: &[Column]) -> Line<'static> {
    let mut text = fit("CODE", code);
    for column in columns {
        text.push(' ');
        text.push_str(&fit(column.title, column.width));
    }
    Line::styled(text, Style::new().bold())
}

impl TableRow<'_> {
    fn line(&self, code: usize, columns: &[Column]) -> Line<'static> {
        let (text, style) = self.code();
        let mut spans = vec![Span::styled(fit(&text, code), style)];
        for column in columns {
            let (text, style) = (column.cell)(self);
            spans.push(Span::raw(" "));
            spans.push(Span::styled(fit(&text, column.width), style));
        }
        Line::from(spans)
    }

    fn code(&self) -> (String, Style) {
        let style = match self.device.health {
            Health::Unhealthy | Health::Dead => self.palette.fg(Color::Red),
            Health::Unknown | Health::Healthy => Style::new(),
        };
        (escaped(&self.device.code).into_owned(), style)
    }
}

fn plain(text: &str) -> (String, Style) {
    (escaped(text).into_owned(), Style::new())
}

fn status(row: &TableRow<'_>) -> (String, Style) {
    let status = row.device.provisioning_status;
    match status {
        ProvisioningStatus::Draining if row.device.drained => {
            ("drained".to_owned(), row.palette.fg(Color::Green).bold())
        }
        ProvisioningStatus::Draining => (status.to_string(), row.palette.fg(Color::Yellow).bold()),
        ProvisioningStatus::Retiring | ProvisioningStatus::Retired => {
            (status.to_string(), row.palette.fg(Color::DarkGray))
        }
        ProvisioningStatus::Pending | ProvisioningStatus::Activated => plain(status.as_str()),
    }
}

/// Which part of the sessions at the drain's start is left: at least a little as long as one is.
fn bar(row: &TableRow<'_>) -> (String, Style) {
    let Some(drain) = &row.device.drain else {
        return plain("");
    };
    let at_start = u64::from(drain.sessions_at_start.max(1));
    let width = u64::try_from(GRAPH_WIDTH).unwrap_or(0);
    let left = u64::from(row.device.sessions).saturating_mul(width);
    let full = usize::try_from(left.div_ceil(at_start))
        .unwrap_or(GRAPH_WIDTH)
        .min(GRAPH_WIDTH);
    let bar = "█".repeat(full) + &"░".repeat(GRAPH_WIDTH.saturating_sub(full));
    (bar, row.palette.fg(Color::Yellow))
}

fn sessions(row: &TableRow<'_>) -> (String, Style) {
    let device = row.device;
    plain(&match &device.drain {
        Some(drain) => format!("{} of {}", device.sessions, drain.sessions_at_start),
        None => format!("{}/{}", device.sessions, device.max_sessions),
    })
}

fn trend(row: &TableRow<'_>) -> (String, Style) {
    let trend = row.fleet.trend(row.device);
    let trend = trend.map(|trend| trend.sparkline(row.now, GRAPH_WIDTH));
    (trend.unwrap_or_default(), row.palette.fg(Color::Cyan))
}

fn deadline(row: &TableRow<'_>) -> (String, Style) {
    let Some(drain) = &row.device.drain else {
        return plain("-");
    };
    match unix_seconds(drain.deadline.as_deref()) {
        0 => plain("none"),
        at if at > row.now => plain(&distance(at, row.now)),
        at if row.device.drained => plain(&format!("passed {}", span(row.now.abs_diff(at)))),
        at => overdue(row, "overdue", at),
    }
}

fn planned_return(row: &TableRow<'_>) -> (String, Style) {
    let drain = row.device.drain.as_ref();
    match unix_seconds(drain.and_then(|drain| drain.until.as_deref())) {
        0 => plain("-"),
        at if at > row.now => plain(&distance(at, row.now)),
        at => overdue(row, "late", at),
    }
}

fn overdue(row: &TableRow<'_>, word: &str, at: i64) -> (String, Style) {
    let text = format!("{word} {}", span(row.now.abs_diff(at)));
    (text, row.palette.late())
}

fn holds(row: &TableRow<'_>) -> (String, Style) {
    match row.device.live_holds(row.now).count() {
        0 => plain("-"),
        some => (some.to_string(), row.palette.fg(Color::Yellow)),
    }
}

fn reason(row: &TableRow<'_>) -> (String, Style) {
    let drain = row.device.drain.as_ref();
    plain(drain.map_or("", |drain| &drain.reason))
}

fn since(row: &TableRow<'_>) -> (String, Style) {
    let since = unix_seconds(row.device.status_changed_at.as_deref());
    plain(&span(row.now.abs_diff(since)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_over_lists() {
        for (place, height, length, first) in [
            (0, 5, 3, 0),
            (2, 5, 3, 0),
            (2, 5, 100, 0),
            (50, 5, 100, 48),
            (99, 5, 100, 95),
            (0, 0, 100, 0),
        ] {
            assert_eq!(first_shown(place, height, length), first);
        }
    }
}
