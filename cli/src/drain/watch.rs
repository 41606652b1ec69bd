//! Waiting until drains are done. The session counts on chain decide, nothing else.

use {
    super::{
        evict::{evict, may_evict, Evictor},
        lookout::Lookout,
        patience::Patience,
        progress::{End, Progress},
        screen::Screen,
        words,
    },
    crate::{
        error::CliError,
        stop::{self, Signal},
        value::rfc3339,
        view::time::count,
    },
    ebb_sdk::{
        client::Client,
        ledger::{LedgerError, Now},
        state::Health,
    },
    solana_sdk::pubkey::Pubkey,
    std::time::Duration,
};

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
    /// Whether there is still something to wait for.
    pub fn is_open(&self) -> bool {
        self.progress.end().is_none() && self.failure.is_none()
    }

    /// When it was last seen, and with how many sessions: all that is known of it now.
    pub fn last_seen(&self) -> String {
        let at = rfc3339(self.seen_at).unwrap_or_default();
        let sessions = count(self.progress.last().sessions, "session");
        format!("last seen at {at} with {sessions}")
    }

    /// Whether this command is to evict, and may not before somebody sets a deadline.
    pub fn never_evicts(&self) -> bool {
        let device = self.progress.last();
        self.credential.is_some()
            && device.drain.deadline == 0
            && device.sessions > 0
            && device.health != Health::Dead
    }
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Every drain ended, or failed.
    Over,
    /// The time ran out.
    TimedOut,
    /// Ctrl-C, or another signal that ends the run.
    Interrupted(Signal),
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
        tokio::select! {
            // It listens before anything is shown.
            biased;
            stopped = stopped(self.timeout) => Ok(stopped),
            looked = self.look_until_over(drains) => looked.map(|()| Wait::Over),
        }
    }

    async fn look_until_over(&self, drains: &mut [&mut Drain]) -> Result<(), CliError> {
        let shown = drains
            .iter()
            .map(|drain| (drain.code.as_str(), &drain.progress));
        let mut screen = Screen::new(self.bars, shown);
        let mut patience = Patience::new();
        let addresses: Vec<Pubkey> = drains.iter().map(|drain| drain.address).collect();
        let mut lookout = Lookout::new(self.client.ledger(), addresses);
        loop {
            match self.look(drains, &mut screen, lookout.pace()).await {
                Ok(()) => patience.renew(),
                Err(error) => patience.bear(error.into(), |error| {
                    screen.warn(&format!("{error}; the drain goes on, looking again"));
                })?,
            }
            if !drains.iter().any(|drain| drain.is_open()) {
                return Ok(());
            }
            lookout.next(due(drains.iter().map(|drain| &**drain))).await;
        }
    }

    /// Looks at every open drain once, tells what is new, and evicts where it is time to.
    pub async fn look(
        &self,
        drains: &mut [&mut Drain],
        screen: &mut Screen,
        next_look: Duration,
    ) -> Result<(), LedgerError> {
        let Now { time: now, .. } = self.client.ledger().now().await?;
        let open = || drains.iter().filter(|drain| drain.is_open());
        let addresses: Vec<Pubkey> = open().map(|drain| drain.address).collect();
        let found = self.client.devices_at(&addresses).await?;
        let rows = drains.iter_mut().enumerate();
        let open = rows.filter(|(_, drain)| drain.is_open());
        for ((row, drain), found) in open.zip(found) {
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
                let waiting = words::waiting(&drain.progress, now, next_look);
                screen.show(row, now, &drain.progress, &waiting);
                self.evict(drain, now).await?;
            } else {
                screen.end(row, &drain.progress);
            }
        }
        let open = drains.iter().filter(|drain| drain.is_open());
        let open: Vec<&Progress> = open.map(|drain| &drain.progress).collect();
        screen.survey(
            now,
            drains.len().saturating_sub(open.len()),
            &words::survey(&open, now, next_look),
        );
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
            Err(error) if error.is_outage() => Err(error),
            Err(error) => {
                drain.failure =
                    Some(CliError::from(error).at(format!("evicting from {}", drain.code)));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }
}

/// How long until sessions of a device may be evicted that may not now, which no account says when it comes.
pub fn due<'a>(drains: impl Iterator<Item = &'a Drain>) -> Option<Duration> {
    let waits = drains.filter(|drain| drain.is_open()).filter_map(|drain| {
        let device = drain.progress.last();
        let deadline = Some(device.drain.deadline).filter(|at| *at != 0);
        let death = device.death_confirmed_at().filter(|at| *at > drain.seen_at);
        let next = deadline.into_iter().chain(death).min()?;
        Some(u64::try_from(next.saturating_sub(drain.seen_at)).unwrap_or_default())
    });
    waits.min().map(Duration::from_secs)
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
        None if wait == Wait::TimedOut => Some(
            CliError::timed_out(format!(
                "{code}: the time to wait ran out; {}",
                drain.last_seen()
            ))
            .hint(format!("to watch it again: ebb device drain {code} --wait")),
        ),
        None => match (wait, drain.progress.in_flight()) {
            (Wait::Interrupted(_), 0) | (Wait::Over | Wait::TimedOut, _) => None,
            (Wait::Interrupted(signal), sessions) => {
                let sessions = count(sessions, "session");
                let sent = format!(
                    "{code}: the eviction of {sessions} was sent, and is not known to be accepted"
                );
                let look = format!("look at it: ebb device get {code}");
                Some(CliError::interrupted(signal).at(sent).hint(look))
            }
        },
    }
}

/// Ends with Ctrl-C, or after so long.
pub async fn stopped(timeout: Option<Duration>) -> Wait {
    tokio::select! {
        () = elapsed(timeout) => Wait::TimedOut,
        signal = stop::stopped() => Wait::Interrupted(signal),
    }
}

async fn elapsed(timeout: Option<Duration>) {
    match timeout {
        Some(timeout) => tokio::time::sleep(timeout).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        ebb_sdk::state::{DeviceHead, ProvisioningStatus},
    };

    fn drain(deadline: i64) -> Drain {
        let key = Pubkey::new_from_array([1; 32]);
        let mut head = DeviceHead::new(key, key, key, 3, 255);
        head.provisioning_status = ProvisioningStatus::Draining;
        head.sessions = 1;
        head.drain.deadline = deadline;
        Drain {
            code: "ams-dz001".into(),
            address: key,
            credential: None,
            progress: Progress::new(&head, 100),
            seen_at: 100,
            failure: None,
        }
    }

    #[test]
    fn an_eviction_that_is_on_its_way_at_a_signal_is_said() {
        let mut drain = drain(50);
        let ended = Wait::Interrupted(Signal::Terminate);
        assert_eq!(failure(&drain, ended), None);
        drain.progress.evicting(12);
        let error = failure(&drain, ended).unwrap();
        assert_eq!(
            error.message(),
            "ams-dz001: the eviction of 12 sessions was sent, and is not known to be accepted: ended by SIGTERM"
        );
        assert_eq!(error.hints(), ["look at it: ebb device get ams-dz001"]);
        assert_eq!(failure(&drain, Wait::Over), None);
    }

    #[test]
    fn the_first_deadline_is_due() {
        let seconds = |deadlines: &[i64]| {
            let drains: Vec<Drain> = deadlines.iter().copied().map(drain).collect();
            due(drains.iter()).map(|due| due.as_secs())
        };
        assert_eq!(seconds(&[0]), None);
        assert_eq!(seconds(&[500, 0]), Some(400));
        assert_eq!(seconds(&[500, 104]), Some(4));
        assert_eq!(seconds(&[50]), Some(0));
    }

    #[test]
    fn a_death_that_is_confirmed_before_the_deadline_is_due() {
        let seconds = |deadline, reported_at| {
            let mut drain = drain(deadline);
            let mut head = *drain.progress.last();
            head.health = Health::Dead;
            head.health_reported_at = reported_at;
            drain.progress = Progress::new(&head, 100);
            due([drain].iter()).map(|due| due.as_secs())
        };
        assert_eq!(seconds(0, 90), Some(50));
        assert_eq!(seconds(500, 90), Some(50));
        assert_eq!(seconds(110, 90), Some(10));
        assert_eq!(seconds(500, 40), Some(400));
        assert_eq!(seconds(0, 40), None);
    }
}
