//! Closing the sessions that a drain's deadline, or the death of their device, left open.

use {
    super::{
        bulk::{Job, Packing, Precheck, Task},
        Fleet, FleetError, Recorder, RunEvent,
    },
    crate::{
        client::{Client, Closing, Keyed, Listing},
        instruction::{close_session, Expect},
        ledger::{LedgerError, Receipt},
        lifecycle::is_evictable,
        state::{DeviceHead, Session},
    },
    async_trait::async_trait,
    futures_util::stream::{self, StreamExt},
    solana_program::pubkey::Pubkey,
    std::{
        collections::{BTreeMap, HashSet},
        sync::{Mutex, MutexGuard, PoisonError},
    },
};

/// A device whose sessions others than its agent may close.
pub(super) struct DueDevice {
    /// Its row.
    pub row: usize,
    /// Its address.
    pub address: Pubkey,
    /// What proves the role in which they are closed.
    credential: Pubkey,
    expect: Expect,
}

impl DueDevice {
    /// A device as it was read. Its sessions are closed as long as it stays in its status.
    pub fn new(row: usize, address: Pubkey, head: &DeviceHead, credential: Pubkey) -> Self {
        Self {
            row,
            address,
            credential,
            expect: Expect {
                status: Some(head.provisioning_status),
                generation: Some(head.generation),
                // The sessions are the device's, and most go by the hundred: what no session can outlive is left out.
                ..Expect::default()
            },
        }
    }

    /// The closing of one of its sessions.
    fn job(&self, fleet: &Fleet, row: usize, session: &Keyed<Session>) -> Result<Job, FleetError> {
        let payer = session.account.payer;
        let close = close_session(
            fleet.program_id(),
            &fleet.signer_key()?,
            &self.address,
            &session.account.user,
            &payer,
            Some(&self.credential),
            self.expect,
        );
        let closing = Closing {
            account: session.address,
            recipient: payer,
        };
        Ok(Job {
            closings: vec![closing],
            ..Job::new(row, vec![close])
        })
    }
}

/// Evicts every session of devices, several to a transaction, and counts them in their drains. What another party closes
/// first is left out; a device that may no longer be evicted ends it without an error. Returns the rows of which a session
/// was not closed, or is not known to be, each with why.
///
/// # Errors
/// The cluster is out of reach, or nothing can be sent.
pub(super) async fn evict(
    fleet: &Fleet,
    recorder: &Recorder,
    due: &[DueDevice],
) -> Result<Vec<(usize, FleetError)>, FleetError> {
    if due.is_empty() {
        return Ok(vec![]);
    }
    let sender = fleet.sender(recorder).await?;
    let mut eviction = Eviction {
        client: fleet.client(),
        recorder,
        due,
        sessions: vec![],
        states: Mutex::new(due.iter().map(|_| EvictionState::default()).collect()),
    };
    let mut jobs = vec![];
    for (place, (device, listed)) in due.iter().zip(sessions(fleet, due).await).enumerate() {
        match listed.map_err(FleetError::from) {
            Ok(listed) => {
                for session in &listed.items {
                    jobs.push(device.job(fleet, jobs.len(), session)?);
                    eviction.sessions.push((place, session.address));
                }
            }
            Err(error) if error.is_outage() => return Err(error),
            Err(error) => eviction.update(place, |state| state.failure = Some(error)),
        }
    }
    let sent = sender.send_all(jobs, Packing::Always, &eviction).await;
    for device in due {
        recorder.update_drain(device.row, |drain| drain.progress.evicting(0));
    }
    sent?;
    eviction.failures()
}

/// The sessions of each device.
async fn sessions(fleet: &Fleet, due: &[DueDevice]) -> Vec<Result<Listing<Session>, LedgerError>> {
    let client = fleet.client();
    let lists = due.iter().map(|it| client.sessions(Some(&it.address)));
    let lists: Vec<_> = lists.collect();
    let lists = stream::iter(lists).buffered(fleet.parallel.max(1));
    lists.collect().await
}

/// The eviction of the sessions of several devices. Its rows are the sessions.
struct Eviction<'a> {
    client: &'a Client,
    recorder: &'a Recorder,
    due: &'a [DueDevice],
    /// Which of the devices each session is of, and its address.
    sessions: Vec<(usize, Pubkey)>,
    /// How far each of the devices is.
    states: Mutex<Vec<EvictionState>>,
}

#[derive(Default)]
struct EvictionState {
    /// The sessions whose eviction is in flight.
    in_flight: HashSet<usize>,
    failure: Option<FleetError>,
}

impl Eviction<'_> {
    fn states(&self) -> MutexGuard<'_, Vec<EvictionState>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rows of which a session could not be closed.
    fn failures(&self) -> Result<Vec<(usize, FleetError)>, FleetError> {
        let states = self.states();
        let failures = self.due.iter().zip(states.iter());
        let failures: Vec<(usize, FleetError)> = failures
            .filter_map(|(device, state)| Some((device.row, state.failure.clone()?)))
            .collect();
        match failures.iter().find(|(_, error)| error.is_outage()) {
            Some((_, outage)) => Err(outage.clone()),
            None => Ok(failures),
        }
    }

    fn update(&self, place: usize, change: impl FnOnce(&mut EvictionState)) {
        let mut states = self.states();
        if let (Some(state), Some(device)) = (states.get_mut(place), self.due.get(place)) {
            change(state);
            let in_flight = u32::try_from(state.in_flight.len()).unwrap_or(u32::MAX);
            self.recorder
                .update_drain(device.row, |drain| drain.progress.evicting(in_flight));
        }
    }

    /// The session of a row is no longer in flight.
    fn ended(&self, row: usize, failure: Option<FleetError>) {
        if let Some((place, _)) = self.sessions.get(row) {
            self.update(*place, |state| {
                state.in_flight.remove(&row);
                state.failure = state.failure.take().or(failure);
            });
        }
    }

    /// The sessions of a transaction, by their devices.
    fn by_device(&self, rows: &[usize]) -> BTreeMap<usize, Vec<usize>> {
        let mut devices = BTreeMap::<usize, Vec<usize>>::new();
        for row in rows {
            if let Some((place, _)) = self.sessions.get(*row) {
                devices.entry(*place).or_default().push(*row);
            }
        }
        devices
    }
}

#[async_trait]
impl Task for Eviction<'_> {
    fn sending(&self, rows: &[usize]) {
        for (place, rows) in self.by_device(rows) {
            let sessions = count(&rows);
            self.update(place, |state| state.in_flight.extend(rows));
            if let Some(device) = self.due.get(place) {
                self.recorder
                    .emit_of(device.row, |device| RunEvent::Evicting { device, sessions });
            }
        }
    }

    async fn accepted(&self, rows: &[usize], receipt: &Receipt) {
        for (place, rows) in self.by_device(rows) {
            let sessions = count(&rows);
            self.update(place, |state| {
                state.in_flight.retain(|row| !rows.contains(row));
            });
            if let Some(device) = self.due.get(place) {
                self.recorder
                    .update_drain(device.row, |drain| drain.progress.evicted(sessions));
                self.recorder
                    .emit_of(device.row, |device| RunEvent::Evicted {
                        device,
                        sessions,
                        signature: receipt.signature,
                    });
            }
        }
    }

    async fn recheck(&self, row: usize, _: &FleetError) -> Result<Precheck, FleetError> {
        let (place, address) = self.sessions.get(row).ok_or(FleetError::Removed)?;
        let due = self.due.get(*place).ok_or(FleetError::Removed)?;
        let is_open = self.client.session(address).await?.is_some();
        let now = self.client.ledger().now().await?.time;
        let device = self.client.device(&due.address).await?;
        let may_go_on = device.is_some_and(|found| {
            let head = &found.account.head;
            due.expect.check(head).is_ok() && is_evictable(head, now)
        });
        if is_open && may_go_on {
            return Ok(Precheck::Pending);
        }
        self.ended(row, None);
        Ok(Precheck::AlreadyDone)
    }

    fn failed(&self, row: usize, error: FleetError) {
        self.ended(row, Some(error));
    }
}

fn count(rows: &[usize]) -> u32 {
    u32::try_from(rows.len()).unwrap_or(u32::MAX)
}

#[cfg(all(test, feature = "embedded"))]
mod tests;
