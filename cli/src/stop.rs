//! The signals that end a run early: Ctrl-C, SIGTERM and SIGHUP alike.

use {
    crate::{error::CliError, signal::Signal},
    std::{io, sync::LazyLock},
    tokio::{runtime::Handle, sync::watch, task},
};

/// The signal that came first, if one did.
static STOPPED: LazyLock<watch::Sender<Option<Signal>>> =
    LazyLock::new(|| watch::Sender::new(None));

/// Waits for the first signal that ends the run.
pub async fn stopped() -> Signal {
    let mut stopped = STOPPED.subscribe();
    loop {
        if let Some(signal) = *stopped.borrow_and_update() {
            return signal;
        }
        if stopped.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Asks a question, or reads stdin, which blocks until there is an answer or the run ends. The terminal is left as it was.
pub fn ask<T: Send + 'static>(
    question: impl FnOnce() -> T + Send + 'static,
) -> Result<T, CliError> {
    let before = echo::Echo::save();
    task::block_in_place(|| {
        Handle::current().block_on(async {
            tokio::select! {
                biased;
                signal = stopped() => {
                    before.restore();
                    Err(CliError::interrupted(signal))
                }
                answer = task::spawn_blocking(question) => {
                    answer.map_err(|error| CliError::other(error.to_string()))
                }
            }
        })
    })
}

fn stop(signal: Signal) {
    STOPPED.send_if_modified(|stopped| {
        let is_first = stopped.is_none();
        stopped.get_or_insert(signal);
        is_first
    });
}

/// Begins to listen. A signal that was ignored at the start, as under nohup, stays so.
#[cfg(unix)]
pub fn listen() -> io::Result<()> {
    use tokio::signal::unix::{signal, SignalKind};
    let ignored = ignored();
    for (ends, kind) in [
        (Signal::Interrupt, SignalKind::interrupt()),
        (Signal::Terminate, SignalKind::terminate()),
        (Signal::HangUp, SignalKind::hangup()),
    ] {
        let bit = kind.as_raw_value().saturating_sub(1);
        if ignored & (1_u64 << bit) != 0 {
            continue;
        }
        let mut signals = signal(kind)?;
        tokio::spawn(async move {
            if signals.recv().await.is_some() {
                stop(ends);
            }
        });
    }
    Ok(())
}

/// The signals that this process ignores, a bit each: the lowest for the signal of number 1.
#[cfg(unix)]
fn ignored() -> u64 {
    // Elsewhere than on Linux nothing but unsafe code could say.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or_default()
}

/// Begins to listen.
#[cfg(not(unix))]
#[expect(clippy::disallowed_methods, reason = "there is no other signal")]
pub fn listen() -> io::Result<()> {
    tokio::spawn(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop(Signal::Interrupt);
        }
    });
    Ok(())
}

/// Whether the terminal shows what is typed, which a question for a passphrase turns off.
#[cfg(unix)]
mod echo {
    use {
        rustix::termios::{tcgetattr, tcsetattr, OptionalActions, Termios},
        std::io,
    };

    pub struct Echo(Option<Termios>);

    impl Echo {
        pub fn save() -> Self {
            Self(tcgetattr(io::stdin()).ok())
        }

        pub fn restore(&self) {
            if let Some(termios) = &self.0 {
                // A terminal that is gone needs nothing.
                let _ = tcsetattr(io::stdin(), OptionalActions::Now, termios);
            }
        }
    }
}

#[cfg(not(unix))]
mod echo {
    pub struct Echo;

    impl Echo {
        pub fn save() -> Self {
            Self
        }

        pub fn restore(&self) {}
    }
}
