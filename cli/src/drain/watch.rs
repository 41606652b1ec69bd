//! Waiting until drains are done. The session counts on chain decide, nothing else.

use {
    super::{
        evict::{evict, may_evict, Evictor},
        progress::{End, Progress},
        pulse::Pulse,
        screen::Screen,
        words,
    },
    crate::{error::CliError, view::time::count},
    ebb_sdk::{client::Client, ledger::LedgerError},
    solana_sdk::pubkey::Pubkey,
    std::{
        io,
        time::{Duration, Instant},
    },
};

/// How often the ledger is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long the cluster may be out of reach before the wait gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// One drain that is waited for.
pub struct Drain {
    /// The device's code.
    pub code: String,
    /// Its address.
    pub address: Pubkey,
    /// What shows the evictor's role, if this command evicts.
    pub credential: Option<Pubkey>,
    /// Where it stands.
    pub progress: Progress,
    /// When it was last looked at, in Unix seconds.
    pub seen_at: i64,
    /// Why evicting failed.
    pub failure: Option<CliError>,
}

impl Drain {
    fn is_open(&self) -> bool {
        self.progress.end().is_none() && self.failure.is_none()
    }
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Every drain ended, or failed.
    Over,
    /// The time ran out.
    TimedOut,
    /// Ctrl-C.
    Interrupted,
}

/// Waits for several drains at once.
pub struct Watch<'a> {
    /// Reads the devices.
    pub client: &'a Client,
    /// Who evicts at the deadline, if anybody.
    pub evictor: Option<Evictor<'a>>,
    /// How long to wait at most.
    pub timeout: Option<Duration>,
    /// Whether stderr takes progress bars.
    pub bars: bool,
}

impl Watch<'_> {
    /// Waits. What becomes of each drain is told on stderr and kept in it.
    pub async fn run(&self, drains: &mut [&mut Drain]) -> Result<Wait, CliError> {
        let shown = drains
            .iter()
            .map(|drain| (drain.code.as_str(), &drain.progress));
        let mut screen = Screen::new(self.bars, shown);
        tokio::select! {
            looked = self.look_until_over(drains, &mut screen) => looked.map(|()| Wait::Over),
            () = elapsed(self.timeout) => Ok(Wait::TimedOut),
            pressed = tokio::signal::ctrl_c() => interrupted(pressed),
        }
    }

    async fn look_until_over(
        &self,
        drains: &mut [&mut Drain],
        screen: &mut Screen,
    ) -> Result<(), CliError> {
        let mut seen = Instant::now();
        let mut outage = Pulse::new(1);
        loop {
            match self.look(drains, screen).await {
                Ok(()) => seen = Instant::now(),
                Err(LedgerError::Unreachable { url, reason }) if seen.elapsed() < PATIENCE => {
                    let text =
                        format!("cannot reach {url}: {reason}; the drain goes on, looking again");
                    outage.say(0, 0, || screen.warn(&text));
                }
                Err(error) => return Err(error.into()),
            }
            if !drains.iter().any(|drain| drain.is_open()) {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Looks at every open drain once, tells what is new, and evicts where it is time to.
    async fn look(
        &self,
        drains: &mut [&mut Drain],
        screen: &mut Screen,
    ) -> Result<(), LedgerError> {
        let addresses: Vec<Pubkey> = drains.iter().map(|drain| drain.address).collect();
        let now = self.client.ledger().now().await?.time;
        let found = self.client.devices_at(&addresses).await?;
        for (row, (drain, found)) in drains.iter_mut().zip(found).enumerate() {
            if !drain.is_open() {
                continue;
            }
            drain.seen_at = now;
            let head = found.map(|found| found.account.head);
            for change in drain.progress.observe(head.as_ref(), now) {
                let evicting = self.evictor.is_some() && drain.credential.is_some();
                screen.say(
                    row,
                    now,
                    &words::change(&drain.code, &drain.progress, change, now, evicting),
                );
            }
            if drain.progress.end().is_none() {
                let waiting = words::waiting(&drain.progress, now, LOOK_EVERY);
                screen.show(row, now, &drain.progress, &waiting);
                self.evict(drain, now).await?;
            } else {
                screen.end(row, &drain.progress);
            }
        }
        Ok(())
    }

    async fn evict(&self, drain: &mut Drain, now: i64) -> Result<(), LedgerError> {
        let (Some(evictor), Some(credential)) = (&self.evictor, &drain.credential) else {
            return Ok(());
        };
        if !may_evict(drain.progress.last(), now) {
            return Ok(());
        }
        match evict(
            self.client,
            &drain.address,
            credential,
            evictor,
            &mut drain.progress,
        )
        .await
        {
            Err(error @ LedgerError::Unreachable { .. }) => Err(error),
            Err(error) => {
                drain.failure =
                    Some(CliError::from(error).at(format!("evicting from {}", drain.code)));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }
}

/// Why a drain did not end as it should have, if so.
pub fn failure(drain: &Drain, wait: Wait) -> Option<CliError> {
    if let Some(failure) = &drain.failure {
        return Some(failure.clone());
    }
    let code = &drain.code;
    match drain.progress.end() {
        Some(End::Drained) => None,
        Some(end) => Some(CliError::other(words::ended(
            code,
            &drain.progress,
            end,
            drain.seen_at,
        ))),
        None if wait == Wait::TimedOut => {
            let sessions = drain.progress.last().sessions;
            Some(
                CliError::timed_out(format!(
                    "{code} still has {} when the time to wait ran out; its drain goes on",
                    count(sessions, "session")
                ))
                .hint(format!("to watch it again: ebb device drain {code} --wait")),
            )
        }
        None => None,
    }
}

async fn elapsed(timeout: Option<Duration>) {
    match timeout {
        Some(timeout) => tokio::time::sleep(timeout).await,
        None => std::future::pending().await,
    }
}

fn interrupted(pressed: io::Result<()>) -> Result<Wait, CliError> {
    pressed?;
    Ok(Wait::Interrupted)
}
