//! Closing the sessions that a drain's deadline left open.

use {
    super::{
        bulk::{Job, Packing, Precheck, Task},
        drain::Drain,
        Event, Fleet, FleetError, Recorder,
    },
    crate::{
        client::{Client, Closing},
        instruction::{close_session, Expect},
        ledger::Receipt,
        lifecycle::is_evictable,
        state::{DeviceHead, ProvisioningStatus},
    },
    async_trait::async_trait,
    solana_program::pubkey::Pubkey,
    std::{
        collections::HashSet,
        sync::{Mutex, PoisonError},
    },
};

/// Whether others than the agent may close sessions of a draining device at `now` (Unix seconds).
pub fn may_evict(device: &DeviceHead, now: i64) -> bool {
    device.provisioning_status == ProvisioningStatus::Draining && is_evictable(device, now)
}

/// Evicts every session of a device, several to a transaction, and counts them in its drain. What another party closes
/// first is left out; a device that may no longer be evicted ends it without an error.
///
/// # Errors
/// The sessions cannot be read, or a session cannot be closed for a reason that stays.
pub(super) async fn evict(
    fleet: &Fleet,
    recorder: &Recorder,
    (row, device): (usize, &Pubkey),
    credential: &Pubkey,
    drain: &Drain,
) -> Result<(), FleetError> {
    let client = fleet.client();
    let sessions = client.sessions(Some(device)).await?.items;
    let expect = Expect {
        status: Some(ProvisioningStatus::Draining),
        generation: Some(drain.progress.last().generation),
        // The sessions are the device's, and most go by the hundred: what no session can outlive is left out.
        ..Expect::default()
    };
    let signer = fleet.signer_key()?;
    let mut jobs = vec![];
    for (place, session) in sessions.iter().enumerate() {
        let (user, payer) = (&session.account.user, session.account.payer);
        let credential = Some(credential);
        let program_id = client.program_id();
        let close = close_session(
            program_id, &signer, device, user, &payer, credential, expect,
        );
        let closing = Closing {
            account: session.address,
            recipient: payer,
        };
        jobs.push(Job {
            closings: vec![closing],
            ..Job::new(place, vec![close])
        });
    }
    let eviction = Eviction {
        client,
        recorder,
        row,
        device: *device,
        sessions: sessions.iter().map(|session| session.address).collect(),
        state: Mutex::default(),
    };
    let sender = fleet.sender(recorder).await?;
    let sent = sender.send_all(jobs, Packing::Always, &eviction).await;
    recorder.update_drain(row, |drain| drain.progress.evicting(0));
    sent.and(eviction.into_result())
}

/// The eviction of one device's sessions, a row each.
struct Eviction<'a> {
    client: &'a Client,
    recorder: &'a Recorder,
    row: usize,
    device: Pubkey,
    sessions: Vec<Pubkey>,
    state: Mutex<EvictionState>,
}

#[derive(Default)]
struct EvictionState {
    /// The sessions whose eviction is in flight.
    in_flight: HashSet<usize>,
    failure: Option<FleetError>,
}

impl Eviction<'_> {
    fn into_result(self) -> Result<(), FleetError> {
        let state = self.state.into_inner();
        match state.unwrap_or_else(PoisonError::into_inner).failure {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    fn update(&self, change: impl FnOnce(&mut EvictionState)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        let in_flight = u32::try_from(state.in_flight.len()).unwrap_or(u32::MAX);
        self.recorder
            .update_drain(self.row, |drain| drain.progress.evicting(in_flight));
    }
}

#[async_trait]
impl Task for Eviction<'_> {
    fn sending(&self, rows: &[usize]) {
        let sessions = count(rows);
        self.update(|state| state.in_flight.extend(rows));
        self.recorder
            .emit_of(self.row, |device| Event::Evicting { device, sessions });
    }

    async fn accepted(&self, rows: &[usize], receipt: &Receipt) {
        let sessions = count(rows);
        self.update(|state| state.in_flight.retain(|row| !rows.contains(row)));
        self.recorder
            .update_drain(self.row, |drain| drain.progress.evicted(sessions));
        self.recorder.emit_of(self.row, |device| Event::Evicted {
            device,
            sessions,
            signature: receipt.signature,
        });
    }

    async fn recheck(&self, row: usize, _: &FleetError) -> Result<Precheck, FleetError> {
        let address = self.sessions.get(row).ok_or(FleetError::Removed)?;
        let is_open = self.client.session(address).await?.is_some();
        let now = self.client.ledger().now().await?.time;
        let device = self.client.device(&self.device).await?;
        let may_go_on = device.is_some_and(|found| may_evict(&found.account.head, now));
        if is_open && may_go_on {
            return Ok(Precheck::Pending);
        }
        self.update(|state| {
            state.in_flight.remove(&row);
        });
        Ok(Precheck::AlreadyDone)
    }

    fn failed(&self, row: usize, error: FleetError) {
        self.update(|state| {
            state.in_flight.remove(&row);
            // What a later poll finds open is evicted then.
            if !error.is_lost() {
                state.failure.get_or_insert(error);
            }
        });
    }
}

fn count(rows: &[usize]) -> u32 {
    u32::try_from(rows.len()).unwrap_or(u32::MAX)
}

#[cfg(all(test, feature = "embedded"))]
mod tests;
