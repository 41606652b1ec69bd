//! What the service manager hears, where there is one.

use {sd_notify::NotifyState, std::time::Duration};

/// The longest status, in bytes.
const MAX_STATUS_LEN: usize = 500;

/// The agent runs.
pub fn ready() {
    send(&[NotifyState::Ready]);
}

/// The agent ends.
pub fn stopping() {
    send(&[NotifyState::Stopping]);
}

/// The agent is alive.
pub fn alive() {
    send(&[NotifyState::Watchdog]);
}

/// How things stand, on one line.
pub fn status(text: &str) {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    send(&[NotifyState::Status(
        &line[..line.floor_char_boundary(MAX_STATUS_LEN)],
    )]);
}

/// How often the service manager is to hear that the agent is alive, if it asks.
pub fn watchdog_interval() -> Option<Duration> {
    sd_notify::watchdog_enabled().map(|within| within / 3)
}

fn send(states: &[NotifyState<'_>]) {
    // Where the service manager does not hear, the agent goes on.
    let _ = sd_notify::notify(states);
}
