//! The whole screen of a terminal, which is left as it was found, however the run ends.

use {
    super::{
        detect::{is_dumb, is_interactive},
        stream::{hold_back, release},
    },
    crate::error::CliError,
    ratatui::{
        backend::CrosstermBackend,
        crossterm::{
            cursor::{Hide, Show},
            event::{self, Event},
            execute,
            terminal::{
                disable_raw_mode, enable_raw_mode, Clear, ClearType, EnterAlternateScreen,
                LeaveAlternateScreen,
            },
        },
        Frame,
    },
    std::{
        io::{self, Stdout},
        panic,
        sync::{
            atomic::{AtomicBool, Ordering},
            Once,
        },
        thread,
        time::Duration,
    },
    tokio::{
        sync::mpsc::{unbounded_channel, UnboundedReceiver},
        time::timeout,
    },
};

/// How long after it was asked for a job is stopped at the latest.
const LONGEST_STOP: Duration = Duration::from_secs(1);

/// Whether the screen is taken over.
static IS_ENTERED: AtomicBool = AtomicBool::new(false);

/// Fails if stdin and stdout are no terminal that has a screen; `instead` says what does without one.
pub fn require_screen(what: &str, instead: &str) -> Result<(), CliError> {
    let problem = match (is_interactive(), is_dumb()) {
        (false, _) => "stdin or stdout is none",
        (true, true) => "by TERM, this one can only be written to line by line",
        (true, false) => return Ok(()),
    };
    let message = format!("{what} fills the screen of a terminal, and {problem}");
    Err(CliError::usage(message).hint(format!("right is, without one, {instead}")))
}

/// The screen, until this is dropped.
pub struct FullScreen {
    terminal: ratatui::Terminal<CrosstermBackend<Stdout>>,
}

impl FullScreen {
    /// Takes the screen over.
    pub fn enter() -> Result<Self, CliError> {
        leave_on_panic();
        hold_back();
        let terminal = take_over();
        if terminal.is_err() {
            leave();
        }
        Ok(Self {
            terminal: terminal.map_err(unusable)?,
        })
    }

    /// Draws what differs from what is there.
    ///
    /// # Errors
    /// The terminal is gone, or a thread panicked and left the screen.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> Result<(), CliError> {
        if !IS_ENTERED.load(Ordering::SeqCst) {
            return Err(CliError::other("a part of ebb failed, see above"));
        }
        self.terminal.draw(draw).map_err(unusable)?;
        Ok(())
    }

    /// Leaves the screen to the shell, stops the job as Ctrl-Z does, and takes the screen over again once it goes on.
    pub async fn suspend(&mut self, continued: &mut Continued) -> Result<(), CliError> {
        leave();
        let stopped = stop_job();
        // A job that no shell watches is not stopped, and never continued.
        let _ = timeout(LONGEST_STOP, continued.next()).await;
        hold_back();
        self.terminal = take_over().map_err(unusable)?;
        stopped.map_err(unusable)
    }

    /// Makes the screen ready and draws all of it next time: a shell may have changed it.
    pub fn refresh(&mut self) -> Result<(), CliError> {
        disable_raw_mode().map_err(unusable)?;
        self.terminal = empty().map_err(unusable)?;
        Ok(())
    }
}

impl Drop for FullScreen {
    fn drop(&mut self) {
        leave();
    }
}

/// What is typed, and that the size changed. It ends where the terminal does.
pub fn events() -> UnboundedReceiver<Event> {
    let (sender, events) = unbounded_channel();
    thread::spawn(move || {
        while let Ok(event) = event::read() {
            if sender.send(event).is_err() {
                return;
            }
        }
    });
    events
}

/// Reports that the process goes on after it was stopped, whoever stopped it.
#[cfg(unix)]
pub struct Continued(tokio::signal::unix::Signal);

#[cfg(unix)]
impl Continued {
    /// Listens from now on.
    pub fn listen() -> Result<Self, CliError> {
        let number = nix::sys::signal::Signal::SIGCONT as i32;
        let kind = tokio::signal::unix::SignalKind::from_raw(number);
        Ok(Self(tokio::signal::unix::signal(kind)?))
    }

    /// Waits until it goes on the next time.
    pub async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending().await
        }
    }
}

/// Reports nothing, as no process is stopped.
#[cfg(not(unix))]
pub struct Continued;

#[cfg(not(unix))]
impl Continued {
    /// Listens from now on.
    pub fn listen() -> Result<Self, CliError> {
        Ok(Self)
    }

    /// Waits without end.
    pub async fn next(&mut self) {
        std::future::pending().await
    }
}

fn take_over() -> io::Result<ratatui::Terminal<CrosstermBackend<Stdout>>> {
    IS_ENTERED.store(true, Ordering::SeqCst);
    execute!(stdout(), EnterAlternateScreen)?;
    empty()
}

/// Makes the screen ready, with nothing on it.
fn empty() -> io::Result<ratatui::Terminal<CrosstermBackend<Stdout>>> {
    enable_raw_mode()?;
    execute!(stdout(), Clear(ClearType::All), Hide)?;
    ratatui::Terminal::new(CrosstermBackend::new(stdout()))
}

/// Leaves the screen if it is taken over. A terminal that is gone needs nothing.
fn leave() {
    if IS_ENTERED.swap(false, Ordering::SeqCst) {
        let _ = execute!(stdout(), LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
    release();
}

/// Leaves the screen before a panic is reported.
fn leave_on_panic() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            leave();
            report(panic);
        }));
    });
}

#[cfg(unix)]
fn stop_job() -> io::Result<()> {
    use nix::{
        sys::signal::{kill, Signal},
        unistd::Pid,
    };
    // Number 0 is the whole job, as the terminal would stop it.
    Ok(kill(Pid::from_raw(0), Signal::SIGTSTP)?)
}

#[cfg(not(unix))]
fn stop_job() -> io::Result<()> {
    Ok(())
}

fn unusable(error: io::Error) -> CliError {
    CliError::other(format!("cannot use the terminal: {error}"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "nobody else writes to the screen while it is taken over"
)]
fn stdout() -> Stdout {
    io::stdout()
}
