//! What systemd hears of a server that it started as a service of `Type=notify`; for anyone else nothing happens.

use {
    crate::view::{Step, View},
    std::sync::atomic::{AtomicBool, Ordering},
};

/// How long systemd is asked to wait for a server whose ledger could not be read yet, each time that its reader works.
const EXTENSION: &str = "EXTEND_TIMEOUT_USEC=30000000";
const WAITING: &str = "waiting for the ledger";
const FAILING: &str = "the ledger cannot be read; serving ";

/// Reports a server's state to systemd. The watchdog hears of the task that reads the ledger, by that task itself.
#[derive(Default)]
pub struct Systemd {
    is_ready: AtomicBool,
    has_failed: AtomicBool,
}

impl Systemd {
    /// Reports what the reader of the ledger does; `view` is the newest.
    pub fn step(&self, step: Step<'_>, view: Option<&View>) {
        if let Step::Read(result) = step {
            self.has_failed.store(result.is_err(), Ordering::Relaxed);
        }
        let status = self.status(view);
        let message = match step {
            Step::Read(Ok(())) if !self.is_ready.swap(true, Ordering::Relaxed) => "READY=1",
            Step::Read(_) | Step::Followed => return,
            Step::Working if self.is_ready.load(Ordering::Relaxed) => "WATCHDOG=1",
            Step::Working => EXTENSION,
        };
        send(&format!("{message}\nSTATUS={status}"));
    }

    /// Reports that the server is about to end.
    pub fn stopping(&self) {
        send("STOPPING=1");
    }

    fn status(&self, view: Option<&View>) -> String {
        let Some(view) = view else {
            return WAITING.to_owned();
        };
        let failing = if self.has_failed.load(Ordering::Relaxed) {
            FAILING
        } else {
            ""
        };
        let (slot, lag) = (view.slot, view.lag().slots);
        let devices = view.devices.by_code.len();
        format!("{failing}slot {slot}, lag {lag} slots, {devices} devices")
    }
}

/// Sends a message to the socket that the environment names. Whether it arrives is systemd's business.
#[cfg(unix)]
fn send(message: &str) {
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Custom(message)]);
}

#[cfg(not(unix))]
fn send(_: &str) {}

#[cfg(all(test, unix))]
mod tests;
