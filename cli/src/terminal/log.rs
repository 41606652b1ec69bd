//! What a verb that runs for long writes on stderr of what happens: a line an event.

use {
    super::{json_status, status, Output},
    serde_json::Value,
    std::io,
    tracing_subscriber::{filter::filter_fn, fmt, prelude::*},
};

/// Begins to write what this workspace's crates log, from the level INFO on, as text or as JSON.
pub fn start(as_json: bool) {
    let writer = move || LogLine {
        bytes: vec![],
        as_json,
    };
    let layer = fmt::layer().with_ansi(false).with_writer(writer);
    let layer = if as_json {
        layer.json().flatten_event(true).boxed()
    } else {
        layer.with_target(false).boxed()
    };
    let own = filter_fn(|event| {
        *event.level() <= tracing::Level::INFO && event.target().starts_with("ebb")
    });
    // Only the first of a process counts.
    let _ = tracing_subscriber::registry()
        .with(layer.with_filter(own))
        .try_init();
}

/// A line that is written when it is complete, with what a terminal would obey escaped.
struct LogLine {
    bytes: Vec<u8>,
    as_json: bool,
}

impl io::Write for LogLine {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for LogLine {
    fn drop(&mut self) {
        let text = String::from_utf8_lossy(&self.bytes);
        let text = text.trim_end();
        let json = self.as_json.then(|| serde_json::from_str::<Value>(text));
        match json {
            Some(Ok(json)) => json_status(Output::JsonCompact, &json),
            _ if text.is_empty() => {}
            _ => status(text),
        }
    }
}
