//! Where the wait for drains is shown: bars on a terminal, lines with a time stamp elsewhere. All of
//! it goes to stderr.

use {
    super::{progress::Progress, pulse::SILENCE},
    crate::{output::status, value::rfc3339},
    indicatif::{MultiProgress, ProgressBar, ProgressStyle},
    std::time::Instant,
};

/// How a bar looks: the closed share of the sessions that were open at the start.
const TEMPLATE: &str = "{prefix} [{bar:16}] {pos}/{len} closed  {wide_msg}";

/// A bar or a line for each of several drains.
pub struct Screen {
    bars: Option<MultiProgress>,
    rows: Vec<Row>,
}

struct Row {
    code: String,
    bar: Option<ProgressBar>,
    said: Instant,
}

impl Screen {
    /// A screen for these drains, in their order.
    pub fn new<'a>(
        on_terminal: bool,
        drains: impl IntoIterator<Item = (&'a str, &'a Progress)>,
    ) -> Self {
        let bars = on_terminal.then(MultiProgress::new);
        let rows = drains
            .into_iter()
            .map(|(code, progress)| Row {
                code: code.to_owned(),
                bar: bars.as_ref().map(|bars| bars.add(bar(code, progress))),
                said: Instant::now(),
            })
            .collect();
        Self { bars, rows }
    }

    /// Says something that stays on the screen.
    pub fn warn(&self, text: &str) {
        match &self.bars {
            // A screen that cannot be written to shall not end a wait.
            Some(bars) => drop(bars.println(text)),
            None => status(text),
        }
    }

    /// Says something of a drain, with the time: `now`, in Unix seconds.
    pub fn say(&mut self, row: usize, now: i64, text: &str) {
        self.warn(&format!("{} {text}", rfc3339(now).unwrap_or_default()));
        if let Some(row) = self.rows.get_mut(row) {
            row.said = Instant::now();
        }
    }

    /// Shows where a drain stands: always on its bar, as a line only after a silence.
    pub fn show(&mut self, row: usize, now: i64, progress: &Progress, waiting: &str) {
        let Some(found) = self.rows.get(row) else {
            return;
        };
        match &found.bar {
            Some(bar) => {
                bar.set_position(closed(progress));
                bar.set_message(waiting.to_owned());
            }
            None if found.said.elapsed() >= SILENCE => {
                let text = format!("{}: {waiting}", found.code);
                self.say(row, now, &text);
            }
            None => {}
        }
    }

    /// Ends a drain's bar.
    pub fn end(&mut self, row: usize, progress: &Progress) {
        if let Some(bar) = self.rows.get(row).and_then(|row| row.bar.as_ref()) {
            bar.set_position(closed(progress));
            bar.finish_with_message("");
        }
    }
}

fn bar(code: &str, progress: &Progress) -> ProgressBar {
    let bar = ProgressBar::new(progress.last().drain.sessions_at_start.into());
    if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_prefix(code.to_owned());
    bar.set_position(closed(progress));
    bar
}

fn closed(progress: &Progress) -> u64 {
    let device = progress.last();
    device
        .drain
        .sessions_at_start
        .saturating_sub(device.sessions)
        .into()
}
