//! Opening and closing the sessions of one device as its agent, several to a transaction.

use {
    super::{
        bulk::{Job, Packing, Precheck, Task},
        Fleet, FleetError, Recorder, Reports,
    },
    crate::{
        client::{Client, Closing, Keyed},
        instruction::{close_session, open_session, Expect},
        ledger::Receipt,
        pda,
        state::{Device, Session},
    },
    async_trait::async_trait,
    solana_program::pubkey::Pubkey,
    std::sync::{Mutex, PoisonError},
    tokio::sync::mpsc::unbounded_channel,
};

/// What the agent of a device changes about its sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionChanges {
    /// The sessions to close.
    pub close: Vec<Keyed<Session>>,
    /// The users whose sessions to open.
    pub open: Vec<Pubkey>,
    /// Whether the device must still be in the status in which it was read. By default any will do.
    pub same_status: bool,
}

/// How changes of sessions ended.
#[derive(Clone, Debug, Default)]
pub struct SessionOutcome {
    /// How many are as asked, by this or by another party.
    pub done: usize,
    /// How many transactions were accepted.
    pub transactions: usize,
    /// The users whose sessions are not as asked, or are not known to be, each with why.
    pub failed: Vec<(Pubkey, FleetError)>,
}

impl Fleet {
    /// Closes and opens sessions of a device as its agent, as many to a transaction as fit. It may be asked for the same
    /// again.
    ///
    /// # Errors
    /// Nothing can be sent: there is no signer, or no program.
    pub async fn change_sessions(
        &self,
        device: &Keyed<Device>,
        changes: &SessionChanges,
    ) -> Result<SessionOutcome, FleetError> {
        // Nobody listens, and there are no rows of devices.
        let recorder = Recorder::new(Reports::default(), unbounded_channel().0);
        let sender = self.sender(&recorder).await?;
        let change = Change {
            client: self.client(),
            device: device.address,
            rows: rows(changes),
            outcome: Mutex::default(),
        };
        let head = &device.account.head;
        let expect = if changes.same_status {
            Expect::in_status(head)
        } else {
            Expect::registration(head)
        };
        let mut jobs = vec![];
        for (place, row) in change.rows.iter().enumerate() {
            match self.job(place, row, device, expect) {
                Ok(job) => jobs.push(job),
                Err(error) => change.failed(place, error),
            }
        }
        sender.send_all(jobs, Packing::Always, &change).await?;
        let outcome = change.outcome.into_inner();
        Ok(outcome.unwrap_or_else(PoisonError::into_inner))
    }

    fn job(
        &self,
        place: usize,
        row: &SessionChange,
        device: &Keyed<Device>,
        expect: Expect,
    ) -> Result<Job, FleetError> {
        let (program_id, agent) = (self.program_id(), self.signer_key()?);
        let (address, user) = (&device.address, &row.user);
        let Some(session) = &row.open_session else {
            let payer = self.fee_payer_key()?;
            let open = open_session(program_id, &agent, &payer, address, user, expect)?;
            return Ok(Job::new(place, vec![open]));
        };
        let recipient = session.account.payer;
        let close = close_session(program_id, &agent, address, user, &recipient, None, expect);
        let closing = Closing {
            account: session.address,
            recipient,
        };
        Ok(Job {
            closings: vec![closing],
            ..Job::new(place, vec![close])
        })
    }
}

/// A session to change.
struct SessionChange {
    user: Pubkey,
    /// The session to close; `None` to open one.
    open_session: Option<Keyed<Session>>,
}

/// Those to close come first, as they make room on a device that is full.
fn rows(changes: &SessionChanges) -> Vec<SessionChange> {
    let close = changes.close.iter().map(|session| SessionChange {
        user: session.account.user,
        open_session: Some(session.clone()),
    });
    let open = changes.open.iter().map(|user| SessionChange {
        user: *user,
        open_session: None,
    });
    close.chain(open).collect()
}

/// A row for each session.
struct Change<'a> {
    client: &'a Client,
    device: Pubkey,
    rows: Vec<SessionChange>,
    outcome: Mutex<SessionOutcome>,
}

impl Change<'_> {
    fn update(&self, change: impl FnOnce(&mut SessionOutcome)) {
        change(&mut self.outcome.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

#[async_trait]
impl Task for Change<'_> {
    fn sending(&self, _: &[usize]) {}

    async fn accepted(&self, rows: &[usize], _: &Receipt) {
        self.update(|outcome| {
            outcome.done += rows.len();
            outcome.transactions += 1;
        });
    }

    async fn recheck(&self, row: usize, _: &FleetError) -> Result<Precheck, FleetError> {
        let row = self.rows.get(row).ok_or(FleetError::Removed)?;
        let address = pda::session(self.client.program_id(), &self.device, &row.user).0;
        let is_open = self.client.session(&address).await?.is_some();
        if is_open == row.open_session.is_some() {
            return Ok(Precheck::Pending);
        }
        self.update(|outcome| outcome.done += 1);
        Ok(Precheck::AlreadyDone)
    }

    fn failed(&self, row: usize, error: FleetError) {
        if let Some(row) = self.rows.get(row) {
            self.update(|outcome| outcome.failed.push((row.user, error)));
        }
    }
}
