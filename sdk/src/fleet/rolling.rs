//! A rolling drain: few devices at a time, the next only when an earlier one is drained. What a hold or the disruption
//! budget stops is waited for.

use {
    super::{
        drain::{self, blocked_by, DrainOptions, DrainPlan},
        outage_of,
        wait::{wait, OutageTolerance, Repeat, Watch},
        Blocked, Fleet, FleetError, Recorder, RowReport, RunEvent, Subject,
    },
    crate::error::EbbError,
    async_trait::async_trait,
    solana_program::pubkey::Pubkey,
    std::{collections::VecDeque, sync::Arc, time::Duration},
    tokio::time::Instant,
};

/// How often a device that could not be started is read again.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);
/// How many devices are read at once to find one that can be started.
const CHUNK: usize = 100;

/// Drains the devices of a plan, up to `max` at a time, until all are drained or failed.
///
/// # Errors
/// The cluster was out of reach for longer than is tolerated.
pub(super) async fn roll(
    fleet: &Fleet,
    recorder: &Recorder,
    plan: DrainPlan,
    max: usize,
) -> Result<(), FleetError> {
    let mut rolling = Rolling {
        fleet,
        recorder,
        options: plan.options().clone(),
        max: max.max(1),
        queue: VecDeque::new(),
        asked: None,
    };
    for (row, device) in plan.devices().iter().enumerate() {
        if device.starts() || device.blocker().is_some() {
            rolling.queue.push_back(row);
        } else {
            drain::start(fleet, recorder, &plan.only(row), &[row]).await?;
        }
    }
    wait(fleet.client().ledger(), recorder, &mut rolling).await
}

struct Rolling<'a> {
    fleet: &'a Fleet,
    recorder: &'a Recorder,
    options: DrainOptions,
    max: usize,
    /// Devices that are not started yet, in their order.
    queue: VecDeque<usize>,
    /// When those were last read and none could be started.
    asked: Option<Instant>,
}

#[async_trait]
impl Watch for Rolling<'_> {
    async fn poll(
        &mut self,
        interval: Duration,
        tolerance: &mut OutageTolerance,
    ) -> Result<Repeat, FleetError> {
        let before = self.open();
        drain::poll(self.fleet, self.recorder, interval, tolerance).await?;
        if self.open() < before {
            self.asked = None;
        }
        let mut repeat = Repeat::Later;
        while self.has_room() && self.is_due() {
            if !self.start_next().await? {
                break;
            }
            repeat = Repeat::AtOnce;
        }
        Ok(repeat)
    }

    fn is_over(&self) -> bool {
        self.queue.is_empty() && self.open() == 0
    }

    fn addresses(&self) -> Vec<Pubkey> {
        self.recorder.read(|reports| {
            let open = reports.iter().filter(|report| report.is_open());
            open.map(|report| report.address).collect()
        })
    }

    /// How long until a deadline passes, or until those that wait are read again.
    fn due(&self) -> Option<Duration> {
        let asks = self.asked.filter(|_| self.has_room());
        let asks = asks.map(|asked| RETRY_INTERVAL.saturating_sub(asked.elapsed()));
        let due = self
            .recorder
            .read(|reports| drain::due(drain::drains(reports)));
        due.into_iter().chain(asks).min()
    }
}

impl Rolling<'_> {
    fn open(&self) -> usize {
        let is_open = |report: &&RowReport| report.is_open();
        self.recorder
            .read(|reports| reports.iter().filter(is_open).count())
    }

    fn has_room(&self) -> bool {
        self.open() < self.max && !self.queue.is_empty()
    }

    fn is_due(&self) -> bool {
        self.asked
            .is_none_or(|asked| asked.elapsed() >= RETRY_INTERVAL)
    }

    /// Starts the first device that the rules let go, and returns whether there was one. One that is stopped does not stop
    /// those behind it.
    async fn start_next(&mut self) -> Result<bool, FleetError> {
        let mut stopped = vec![];
        for chunk in Vec::from(self.queue.clone()).chunks(CHUNK) {
            let found = self.fleet.read(&self.recorder.addresses(chunk)).await;
            outage_of(&found)?;
            for (row, (address, found)) in chunk.iter().zip(found) {
                let subject = match found {
                    Ok(subject) => subject,
                    Err(error) => {
                        self.give_up(*row, error)?;
                        return Ok(true);
                    }
                };
                match blocked_by(self.fleet, &subject, &self.options)? {
                    Some(rule) => stopped.push((*row, subject, rule)),
                    None => return self.start(*row, address, subject).await,
                }
            }
        }
        self.asked = Some(Instant::now());
        self.report_blocked(stopped);
        Ok(false)
    }

    /// Starts one. It is over for it unless a hold or the budget came in between.
    async fn start(
        &mut self,
        row: usize,
        address: Pubkey,
        subject: Arc<Subject>,
    ) -> Result<bool, FleetError> {
        let plan = self
            .fleet
            .plan_drain(vec![(address, Ok(subject))], &self.options)?;
        if plan.devices().iter().any(|it| it.blocker().is_some()) {
            return Ok(true);
        }
        let place = self.queue.iter().position(|queued| *queued == row);
        self.queue.retain(|queued| *queued != row);
        drain::start(self.fleet, self.recorder, &plan, &[row]).await?;
        let is_blocked = self.recorder.update(row, |report| {
            let blocker = report.failure.take_if(|failure| failure.is_blocker());
            blocker.is_some()
        });
        if let (Some(true), Some(place)) = (is_blocked, place) {
            self.queue.insert(place, row);
        }
        Ok(true)
    }

    /// A device that another party removed is not waited for.
    fn give_up(&mut self, row: usize, error: FleetError) -> Result<(), FleetError> {
        if !error.is_of_device() {
            return Err(error);
        }
        let error = match error {
            FleetError::NotFound { .. } => FleetError::Removed,
            error => error,
        };
        self.queue.retain(|queued| *queued != row);
        self.recorder.failed(row, error);
        Ok(())
    }

    fn report_blocked(&self, stopped: Vec<(usize, Arc<Subject>, EbbError)>) {
        let at = stopped.first().map(|(_, subject, _)| subject.now);
        let blocked = stopped.into_iter().map(|(row, subject, rule)| {
            let blocked = Blocked::new(row, &subject, rule);
            self.recorder
                .update(row, |report| report.last = Some(subject));
            blocked
        });
        self.recorder.emit(RunEvent::Blocked {
            at: at.unwrap_or_default(),
            devices: blocked.collect(),
            open: self.open(),
            interval: RETRY_INTERVAL.as_secs(),
        });
    }
}
