//! Waiting until drains are done, and evicting where it is time to.

use {
    super::{Drain, DrainChange, UnreadDrain},
    crate::{
        fleet::{
            evict::{evict, DueDevice},
            wait::{wait, OutageTolerance, Repeat, Watch},
            DeviceRef, Fleet, FleetError, Recorder, RowReport, RunEvent,
        },
        lifecycle::is_evictable,
        state::DeviceHead,
    },
    async_trait::async_trait,
    solana_program::pubkey::Pubkey,
    std::time::Duration,
};

/// Waits for every drain that the reports of a run hold, those too that could not be read since they were accepted.
///
/// # Errors
/// The cluster was out of reach for longer than is tolerated.
pub(in crate::fleet) async fn watch(fleet: &Fleet, recorder: &Recorder) -> Result<(), FleetError> {
    let devices: Vec<DeviceRef> = recorder.read(|reports| {
        let rows = reports.iter().enumerate();
        rows.filter(|(_, report)| is_watched(report))
            .map(|(row, report)| DeviceRef {
                row,
                code: report.code.clone(),
            })
            .collect()
    });
    if devices.is_empty() {
        return Ok(());
    }
    recorder.emit(RunEvent::Watching { devices });
    let mut watch = DrainWatch { fleet, recorder };
    wait(fleet.client().ledger(), recorder, &mut watch).await
}

struct DrainWatch<'a> {
    fleet: &'a Fleet,
    recorder: &'a Recorder,
}

#[async_trait]
impl Watch for DrainWatch<'_> {
    async fn poll(
        &mut self,
        interval: Duration,
        tolerance: &mut OutageTolerance,
    ) -> Result<Repeat, FleetError> {
        poll(self.fleet, self.recorder, interval, tolerance).await?;
        Ok(Repeat::Later)
    }

    fn is_over(&self) -> bool {
        self.recorder
            .read(|reports| !reports.iter().any(RowReport::is_open))
    }

    fn addresses(&self) -> Vec<Pubkey> {
        self.recorder.read(|reports| {
            let watched = reports.iter().filter(|report| is_watched(report));
            watched.map(|report| report.address).collect()
        })
    }

    fn due(&self) -> Option<Duration> {
        self.recorder.read(|reports| due(drains(reports)))
    }
}

fn is_watched(report: &RowReport) -> bool {
    report.drain.is_some() || report.is_open()
}

/// The drains that are waited for.
pub(in crate::fleet) fn drains(reports: &[RowReport]) -> impl Iterator<Item = &Drain> {
    reports.iter().filter_map(|report| report.drain.as_ref())
}

/// Reads the drains that could not be read since they were accepted: from then on they are as all others.
///
/// # Errors
/// They cannot be read now either.
async fn read_unread(fleet: &Fleet, recorder: &Recorder) -> Result<(), FleetError> {
    let unread: Vec<(usize, Option<Pubkey>)> = recorder.read(|reports| {
        let rows = reports.iter().enumerate();
        let open = rows.filter(|(_, report)| report.is_open());
        open.filter_map(|(row, report)| Some((row, report.unread.as_ref()?.evicts_as)))
            .collect()
    });
    let rows: Vec<usize> = unread.iter().map(|(row, _)| *row).collect();
    let found = fleet.read(&recorder.addresses(&rows)).await;
    for ((row, evicts_as), (_, found)) in unread.into_iter().zip(found) {
        match found {
            Ok(subject) => recorder.watch(row, &subject, evicts_as),
            Err(error) if error.is_of_device() => {
                let unread = Some(UnreadDrain { evicts_as, error });
                recorder.update(row, |report| report.unread = unread);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads every open drain once, reports what is new, and evicts where it is time to.
pub(in crate::fleet) async fn poll(
    fleet: &Fleet,
    recorder: &Recorder,
    interval: Duration,
    tolerance: &mut OutageTolerance,
) -> Result<(), FleetError> {
    read_unread(fleet, recorder).await?;
    let client = fleet.client();
    let now = client.ledger().now().await?.time;
    let open: Vec<(usize, Pubkey)> = recorder.read(|reports| {
        let rows = reports.iter().enumerate();
        let open = rows.filter(|(_, report)| report.drain.as_ref().is_some_and(Drain::is_open));
        open.map(|(row, report)| (row, report.address)).collect()
    });
    let addresses: Vec<Pubkey> = open.iter().map(|(_, address)| *address).collect();
    let found = client.devices_at(&addresses).await?;
    tolerance.renew();
    let mut due = vec![];
    for ((row, address), found) in open.into_iter().zip(found) {
        let head = found.map(|found| found.account.head);
        let drain = observe(recorder, row, head.as_ref(), now);
        let Some(drain) = drain.filter(Drain::is_open) else {
            continue;
        };
        recorder.emit_of(row, |device| RunEvent::Draining {
            device,
            at: now,
            sessions: drain.progress.last().sessions,
            interval: interval.as_secs(),
        });
        due.extend(evictable(row, address, &drain, now));
    }
    evict_due(fleet, recorder, &due).await?;
    recorder.emit(RunEvent::Surveyed {
        at: now,
        open: recorder.read(|reports| reports.iter().filter(|it| it.is_open()).count()),
        interval: interval.as_secs(),
    });
    Ok(())
}

/// Takes in what is there, and reports what is new.
fn observe(recorder: &Recorder, row: usize, head: Option<&DeviceHead>, now: i64) -> Option<Drain> {
    let observed = recorder.update_drain(row, |drain| {
        drain.seen_at = now;
        (drain.progress.observe(head, now), drain.clone())
    });
    let (changes, drain): (Vec<DrainChange>, Drain) = observed?;
    for change in changes {
        recorder.emit_of(row, |device| RunEvent::Changed {
            device,
            at: now,
            change,
        });
    }
    Some(drain)
}

/// The device of a drain whose sessions this run is to evict now.
fn evictable(row: usize, address: Pubkey, drain: &Drain, now: i64) -> Option<DueDevice> {
    let (credential, head) = (drain.evicts_as?, drain.progress.last());
    is_evictable(head, now).then(|| DueDevice::new(row, address, head, credential))
}

async fn evict_due(
    fleet: &Fleet,
    recorder: &Recorder,
    due: &[DueDevice],
) -> Result<(), FleetError> {
    for (row, failure) in evict(fleet, recorder, due).await? {
        // The next poll evicts what it finds open.
        if failure.is_lost() {
            continue;
        }
        recorder.update_drain(row, |drain| drain.failure = Some(failure.clone()));
        recorder.emit_of(row, |device| RunEvent::Failed { device, failure });
    }
    Ok(())
}

/// How long until sessions of a device may be evicted that may not now, which no account says when it comes.
pub(in crate::fleet) fn due<'a>(drains: impl Iterator<Item = &'a Drain>) -> Option<Duration> {
    let waits = drains.filter(|drain| drain.is_open()).filter_map(|drain| {
        let device = drain.progress.last();
        let deadline = Some(device.drain.deadline).filter(|at| *at != 0);
        let death = device.death_confirmed_at().filter(|at| *at > drain.seen_at);
        let next = deadline.into_iter().chain(death).min()?;
        Some(u64::try_from(next.saturating_sub(drain.seen_at)).unwrap_or_default())
    });
    waits.min().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::{
            fleet::DrainProgress,
            state::{Health, ProvisioningStatus},
        },
    };

    fn drain(deadline: i64) -> Drain {
        let key = Pubkey::new_from_array([1; 32]);
        let mut head = DeviceHead::new(key, key, key, 3, 255);
        head.provisioning_status = ProvisioningStatus::Draining;
        head.sessions = 1;
        head.drain.deadline = deadline;
        Drain {
            evicts_as: None,
            progress: DrainProgress::new(&head, 100),
            seen_at: 100,
            failure: None,
        }
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
            drain.progress = DrainProgress::new(&head, 100);
            due([drain].iter()).map(|due| due.as_secs())
        };
        assert_eq!(seconds(0, 90), Some(50));
        assert_eq!(seconds(500, 90), Some(50));
        assert_eq!(seconds(110, 90), Some(10));
        assert_eq!(seconds(500, 40), Some(400));
        assert_eq!(seconds(0, 40), None);
    }
}
