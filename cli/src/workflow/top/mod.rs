//! Showing devices on a full screen, as they change.

mod feed;
mod keys;

use {
    crate::{
        error::CliError,
        input::filter::FilterArgs,
        render::top::{draw, Screen},
        stop::stopped,
        terminal::{
            full_screen::{events, require_screen, Continued, FullScreen},
            Output,
        },
        workflow::origin::Origin,
    },
    feed::{feed, Update},
    keys::{press, Request},
    ratatui::crossterm::event::Event,
    std::time::Duration,
    tokio::{
        sync::mpsc::{unbounded_channel, UnboundedReceiver},
        time::{interval, Instant, MissedTickBehavior},
    },
};

/// How often times on the screen go on.
const TICK: Duration = Duration::from_secs(1);

const INSTEAD: &str =
    "`ebb device list` for what is there now, and `ebb device watch` for changes as lines";

/// Shows devices until a key or a signal ends it.
///
/// # Errors
/// There is no screen, the first reading failed, or a later one did that is no outage; Ctrl-C.
pub async fn top(origin: Origin<'_>, filter: &FilterArgs) -> Result<(), CliError> {
    let format = origin.format();
    if format.output != Output::Table {
        let message = "`ebb top` fills a screen, and writes no JSON";
        return Err(CliError::usage(message).hint(format!("right is {INSTEAD}")));
    }
    require_screen("`ebb top`", INSTEAD)?;
    let reader = origin.reader();
    let mut readings = reader.watch(filter);
    let first = Update::devices(&readings.next().await?)?;
    let (updates, received) = unbounded_channel();
    let screen = Screen::new(origin.noun(), format.terminal.colour);
    let mut shown = Shown::new(screen.of(origin.named_ledger().await));
    shown.take(first);
    // It draws and takes keys while a reading computes.
    let mut showing = tokio::spawn(shown.run(received));
    let error = tokio::select! {
        ended = &mut showing => return ended.map_err(failed)?,
        error = feed(reader, readings, updates) => error,
    };
    // Without its feed it ends, and leaves the screen before the error is reported.
    showing.await.map_err(failed)??;
    Err(error)
}

fn failed(_: tokio::task::JoinError) -> CliError {
    CliError::other("the screen failed, see above")
}

/// The screen, and the clock that it is drawn by.
struct Shown {
    screen: Screen,
    /// The ledger's time when it was last read, in Unix seconds, and when that was.
    read: (i64, Instant),
}

impl Shown {
    fn new(screen: Screen) -> Self {
        Self {
            screen,
            read: (0, Instant::now()),
        }
    }

    /// The ledger's time.
    fn now(&self) -> i64 {
        let (time, at) = self.read;
        time.saturating_add_unsigned(at.elapsed().as_secs())
    }

    fn take(&mut self, update: Update) {
        match update {
            Update::Devices {
                views,
                unreadable,
                now,
            } => {
                self.read = (now.max(self.now()), Instant::now());
                self.screen.take_devices(views, unreadable, now);
            }
            Update::Context(contributors, registry, locations) => {
                let now = self.now();
                self.screen
                    .take_context(contributors, registry, locations, now);
            }
            Update::Outage(why) => self.screen.take_outage(why, self.now()),
        }
    }

    /// Draws when something changes and once a second, until a key, a signal or the end of the feed.
    async fn run(mut self, mut updates: UnboundedReceiver<Update>) -> Result<(), CliError> {
        let mut full_screen = FullScreen::enter()?;
        let mut events = events();
        let mut continued = Continued::listen()?;
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.screen.set_now(self.now());
            full_screen.draw(|frame| {
                self.screen.set_width(frame.area().width);
                draw(frame, &self.screen);
            })?;
            tokio::select! {
                biased;
                signal = stopped() => return Err(CliError::interrupted(signal)),
                event = events.recv() => match event {
                    None => return Err(CliError::other("the terminal is gone")),
                    Some(event) => if self.take_event(event, &mut full_screen, &mut continued).await? {
                        return Ok(());
                    },
                },
                update = updates.recv() => match update {
                    None => return Ok(()),
                    Some(update) => self.take(update),
                },
                () = continued.next() => full_screen.refresh()?,
                _ = tick.tick() => {}
            }
        }
    }

    /// Takes a key or a new size. Returns whether the run is done.
    async fn take_event(
        &mut self,
        event: Event,
        full_screen: &mut FullScreen,
        continued: &mut Continued,
    ) -> Result<bool, CliError> {
        let Event::Key(key) = event else {
            return Ok(false);
        };
        match press(&mut self.screen, key) {
            None => {}
            Some(Request::Quit) => return Ok(true),
            Some(Request::End(signal)) => return Err(CliError::interrupted(signal)),
            Some(Request::Suspend) => full_screen.suspend(continued).await?,
            Some(Request::Refresh) => full_screen.refresh()?,
        }
        Ok(false)
    }
}
