//! Bars on a terminal that can redraw them, lines with a time stamp elsewhere. All of it goes to stderr.

use {
    super::rate_limited::REPEAT_AFTER,
    crate::terminal::{escaped, status, time::rfc3339, Bars},
    ebb_sdk::fleet::DrainProgress,
    indicatif::{ProgressBar, ProgressStyle},
    std::time::Instant,
};

/// The template of a bar: the closed share of the sessions that were open at the start.
const TEMPLATE: &str = "{prefix} [{bar:16}] {pos}/{len} closed  {wide_msg}";

/// The template of the one bar of many drains.
const MANY_TEMPLATE: &str = "[{bar:24}] {pos}/{len} done  {wide_msg}";
/// How many drains get a bar or a line each.
const MAX_ROWS: usize = 12;

/// A bar or a line for each of several drains, or one for all of many.
pub struct DrainBars {
    rows: Vec<DrainRow>,
    many: Option<Many>,
    /// What the bars are on.
    _bars: Option<Bars>,
}

/// What stands for all drains.
struct Many {
    bar: Option<ProgressBar>,
    shown: Instant,
}

struct DrainRow {
    code: String,
    bar: Option<ProgressBar>,
    shown: Instant,
}

impl DrainBars {
    /// For these drains, in their order.
    pub fn new<'a>(
        with_bars: bool,
        drains: impl ExactSizeIterator<Item = (&'a str, &'a DrainProgress)>,
    ) -> Self {
        if drains.len() > MAX_ROWS {
            return Self::of_many(with_bars, drains.len());
        }
        let bars = with_bars.then(Bars::new);
        let rows = drains
            .into_iter()
            .map(|(code, progress)| DrainRow {
                code: code.to_owned(),
                bar: bars.as_ref().map(|bars| bars.add(bar(code, progress))),
                shown: Instant::now(),
            })
            .collect();
        Self {
            rows,
            many: None,
            _bars: bars,
        }
    }

    /// For so many drains, with one bar or line for all.
    pub fn of_many(with_bars: bool, drains: usize) -> Self {
        let bars = with_bars.then(Bars::new);
        let bar = bars.as_ref().map(|bars| bars.add(bar_of_many(drains)));
        Self {
            rows: vec![],
            many: Some(Many {
                bar,
                shown: Instant::now(),
            }),
            _bars: bars,
        }
    }

    /// Shows where many drains stand: always on their bar, as a line only after a silence.
    pub fn survey(&mut self, now: i64, done: usize, waiting: &str) {
        let Some(many) = &mut self.many else {
            return;
        };
        match &many.bar {
            Some(bar) => {
                bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
                bar.set_message(escaped(waiting).into_owned());
            }
            None if many.shown.elapsed() >= REPEAT_AFTER && !waiting.is_empty() => {
                many.shown = Instant::now();
                self.stamp(now, waiting);
            }
            None => {}
        }
    }

    /// Prints something that stays, with the time: `now`, in Unix seconds.
    pub fn stamp(&self, now: i64, text: &str) {
        status(format_args!("{} {text}", rfc3339(now).unwrap_or_default()));
    }

    /// Prints something of a drain, with the time: `now`, in Unix seconds.
    pub fn print(&mut self, row: usize, now: i64, text: &str) {
        self.stamp(now, text);
        if let Some(row) = self.rows.get_mut(row) {
            row.shown = Instant::now();
        }
    }

    /// Shows where a drain stands: always on its bar, as a line only after a silence.
    pub fn show(&mut self, row: usize, now: i64, progress: &DrainProgress, waiting: &str) {
        let Some(found) = self.rows.get(row) else {
            return;
        };
        match &found.bar {
            Some(bar) => {
                bar.set_position(closed(progress));
                bar.set_message(escaped(waiting).into_owned());
            }
            None if found.shown.elapsed() >= REPEAT_AFTER => {
                let text = format!("{}: {waiting}", found.code);
                self.print(row, now, &text);
            }
            None => {}
        }
    }

    /// Ends a drain's bar.
    pub fn end(&mut self, row: usize, progress: &DrainProgress) {
        if let Some(bar) = self.rows.get(row).and_then(|row| row.bar.as_ref()) {
            bar.set_position(closed(progress));
            bar.finish_with_message("");
        }
    }
}

/// How far the sending of many drains, or of what a file asks for, has come.
pub struct Meter {
    bar: Option<(ProgressBar, Bars)>,
    shown: Instant,
    sent: usize,
    of: usize,
}

impl Meter {
    /// Nothing of so many is sent yet. One alone needs no bar.
    pub fn new(with_bars: bool, of: usize) -> Self {
        let bars = (with_bars && of > 1).then(Bars::new);
        Self {
            bar: bars.map(|bars| (bars.add(bar_of_many(of)), bars)),
            shown: Instant::now(),
            sent: 0,
            of,
        }
    }

    /// One more is through.
    pub fn step(&mut self) {
        self.sent = self.sent.saturating_add(1);
        match &self.bar {
            Some((bar, _)) => bar.inc(1),
            None if self.shown.elapsed() >= REPEAT_AFTER => {
                self.shown = Instant::now();
                status(format_args!("{} of {} through", self.sent, self.of));
            }
            None => {}
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if let Some((bar, _)) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar_of_many(drains: usize) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(drains).unwrap_or(u64::MAX));
    if let Ok(style) = ProgressStyle::with_template(MANY_TEMPLATE) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}

fn bar(code: &str, progress: &DrainProgress) -> ProgressBar {
    let bar = ProgressBar::new(progress.last().drain.sessions_at_start.into());
    if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_prefix(escaped(code).into_owned());
    bar.set_position(closed(progress));
    bar
}

fn closed(progress: &DrainProgress) -> u64 {
    let device = progress.last();
    device
        .drain
        .sessions_at_start
        .saturating_sub(device.sessions)
        .into()
}
