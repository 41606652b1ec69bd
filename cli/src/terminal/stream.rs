//! All writes to stdout and stderr. What is written for people is written line by line, and a line shows every letter
//! that a terminal would obey as an escape, whoever it comes from.

#[cfg(feature = "top")]
use super::detect::is_stderr_terminal;
use {
    super::{
        columns::{write_fields, Columns, Field},
        detect::{stderr_width, Terminal},
        escape::{escaped, JsonEscape},
        wrap::wrapped,
        Output,
    },
    crate::error::CliError,
    indicatif::{MultiProgress, ProgressBar},
    serde::Serialize,
    std::{
        fmt::Display,
        io::{self, BufWriter, StdoutLock, Write},
        sync::{Mutex, PoisonError},
    },
};

/// How many bytes of a long result are written at a time: by itself stdout is written line by line.
const BLOCK: usize = 64 * 1024;

/// The bars that are on the screen.
static LIVE: Mutex<Option<MultiProgress>> = Mutex::new(None);

/// What was written to a terminal's stderr while something else fills the screen, up to [`MOST_HELD_BACK`].
#[cfg(feature = "top")]
static HELD_BACK: Mutex<Option<String>> = Mutex::new(None);

/// How many bytes are held back: what came first says what went wrong first.
#[cfg(feature = "top")]
const MOST_HELD_BACK: usize = 4 * 1024;

/// Holds back what is written to a terminal's stderr.
#[cfg(feature = "top")]
pub fn hold_back() {
    let mut held_back = HELD_BACK.lock().unwrap_or_else(PoisonError::into_inner);
    held_back.get_or_insert_default();
}

/// Writes what was held back, and whatever comes at once.
#[cfg(feature = "top")]
pub fn release() {
    let held_back = HELD_BACK
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    if let Some(text) = held_back {
        to_stderr(&text);
    }
}

/// Writes one line of the result to stdout.
pub fn line(text: impl Display) -> Result<(), CliError> {
    let line = format!("{}\n", escaped(&text.to_string()));
    beside_bars(|| written(stdout().write_all(line.as_bytes())))
}

/// Writes a text to stdout, in lines that the terminal does not break within a word.
pub fn result_paragraph(text: impl Display) -> Result<(), CliError> {
    let lines = wrapped(&escaped(&text.to_string()), Terminal::detect().width);
    lines.iter().try_for_each(line)
}

/// Writes one line to stderr, above the bars if there are any. A narrow terminal breaks it as it likes, so that a command in
/// it can be copied as a whole.
pub fn status(text: impl Display) {
    to_stderr(&format!("{}\n", escaped(&text.to_string())));
}

/// Writes a text to stderr, in lines that the terminal does not break within a word.
pub fn paragraph(text: impl Display) {
    to_stderr(&format!("{}\n", in_lines(&text.to_string())));
}

/// Writes a question to stderr, wrapped likewise; the answer goes behind it.
pub fn question(text: impl Display) {
    to_stderr(&format!("{} ", in_lines(&text.to_string())));
}

fn in_lines(text: &str) -> String {
    wrapped(&escaped(text), stderr_width()).join("\n")
}

/// Writes a table to stderr, as wide as that is.
pub fn status_table(columns: &Columns) {
    let mut rows = vec![];
    // Memory takes everything.
    if columns.write(stderr_width(), &mut rows).is_ok() {
        to_stderr(&String::from_utf8_lossy(&rows));
    }
}

/// Writes to stderr what clap renders, whose only escapes are clap's own styles once its values are escaped.
pub fn rendered(text: &str) {
    to_stderr(text);
}

/// Writes one JSON document to stdout.
pub fn json(output: Output, document: &impl Serialize) -> Result<(), CliError> {
    to_stdout(|out| write_json(output, document, out))
}

/// Writes one JSON document to stderr.
pub fn json_status(output: Output, document: &impl Serialize) {
    let mut json = vec![];
    // What cannot be written as JSON is no document of this program.
    if write_json(output, document, &mut json).is_ok() {
        to_stderr(&String::from_utf8_lossy(&json));
    }
}

fn write_json(output: Output, document: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    let json = JsonEscape(&mut *out);
    match output {
        Output::JsonCompact | Output::JsonLines => serde_json::to_writer(json, document),
        _ => serde_json::to_writer_pretty(json, document),
    }?;
    out.write_all(b"\n")
}

/// Writes to stdout what is not for people to read as it is: a script for a shell, a manual's source, a key.
pub fn bytes(bytes: &[u8]) -> Result<(), CliError> {
    to_stdout(|out| out.write_all(bytes))
}

/// Writes to stdout, by the block.
pub fn to_stdout(
    write: impl FnOnce(&mut BufWriter<StdoutLock<'_>>) -> io::Result<()>,
) -> Result<(), CliError> {
    let mut out = BufWriter::with_capacity(BLOCK, stdout());
    let ended = write(&mut out).and_then(|()| out.flush());
    // What is left in it is lost, and shall not be tried again.
    drop(out.into_parts());
    written(ended)
}

#[expect(clippy::disallowed_methods, reason = "nobody else writes to it")]
fn stdout() -> StdoutLock<'static> {
    io::stdout().lock()
}

/// What writing to stdout came to.
fn written(ended: io::Result<()>) -> Result<(), CliError> {
    ended.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => error.into(),
        // It could not be made, and stdout is not to blame.
        io::ErrorKind::InvalidData => CliError::other(error.to_string()),
        _ => CliError::other(format!("cannot write to stdout: {error}")),
    })
}

#[expect(clippy::disallowed_methods, reason = "nobody else writes to it")]
fn to_stderr(text: &str) {
    #[cfg(feature = "top")]
    if is_held_back(text) {
        return;
    }
    // stderr may be closed; the work goes on all the same.
    let _ = beside_bars(|| io::stderr().write_all(text.as_bytes()));
}

/// Holds a text back if that is to be done with it.
#[cfg(feature = "top")]
fn is_held_back(text: &str) -> bool {
    let mut held_back = HELD_BACK.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(before) = held_back.as_mut().filter(|_| is_stderr_terminal()) else {
        return false;
    };
    if before.len().saturating_add(text.len()) <= MOST_HELD_BACK {
        before.push_str(text);
    }
    true
}

/// Writes with the bars taken off the screen for as long as it takes.
fn beside_bars<T>(write: impl FnOnce() -> T) -> T {
    match &*LIVE.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(bars) => bars.suspend(write),
        None => write(),
    }
}

/// Bars on the screen, which lines do not spoil until this is dropped.
pub struct Bars(MultiProgress);

impl Bars {
    /// No bar yet.
    #[expect(
        clippy::disallowed_methods,
        reason = "these are the bars that others are added to"
    )]
    pub fn new() -> Self {
        let bars = MultiProgress::new();
        LIVE.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .replace(bars.clone());
        Self(bars)
    }

    /// Adds a bar below the others.
    pub fn add(&self, bar: ProgressBar) -> ProgressBar {
        self.0.add(bar)
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        LIVE.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// Writes a table to stdout, as wide as that is.
pub fn table(columns: &Columns, terminal: Terminal) -> Result<(), CliError> {
    to_stdout(|out| columns.write(terminal.width, out))
}

/// Writes the fields of one thing to stdout, a line each.
pub fn fields(fields: &[Field], terminal: Terminal) -> Result<(), CliError> {
    to_stdout(|out| write_fields(fields, terminal, out))
}
