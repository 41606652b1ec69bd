//! The sender.

use {
    super::{pack, Job, Precheck, Task},
    crate::{
        client::{Client, Closing, TopUp},
        fleet::{FleetError, Key, Recorder, RunEvent},
        ledger::{LedgerError, Submission},
    },
    futures_util::stream::{self, StreamExt},
    solana_program::instruction::Instruction,
    solana_sdk::signer::Signer,
    std::sync::{Mutex, PoisonError},
};

/// How often a job is sent whose transaction the cluster may have lost.
const ATTEMPTS: u32 = 3;

/// When several jobs go in one transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::fleet) enum Packing {
    /// Whenever they fit.
    Always,
    /// Only where there are more jobs than transactions may be in flight at a time.
    WhenMany,
}

/// Sends jobs.
pub(in crate::fleet) struct Sender {
    /// Sends.
    pub client: Client,
    /// Pays the fees.
    pub fee_payer: Key,
    /// Signs.
    pub signer: Key,
    /// How many transactions may be in flight at a time.
    pub parallel: usize,
    /// Whether a transaction is complete from the start, as it cannot be sent a second time.
    pub prepared: bool,
    /// Hears of rent that was added.
    pub recorder: Recorder,
    /// Why nothing more is sent: the cluster is out of reach.
    pub outage: Mutex<Option<FleetError>>,
}

impl Sender {
    /// Sends jobs, so many transactions at a time, until it is known how each ended.
    ///
    /// # Errors
    /// The fee payer's address cannot be had.
    pub async fn send_all(
        &self,
        jobs: Vec<Job>,
        packing: Packing,
        task: &dyn Task,
    ) -> Result<(), FleetError> {
        let packs = if packing == Packing::WhenMany && jobs.len() <= self.parallel {
            jobs.into_iter().map(|job| vec![job]).collect()
        } else {
            let payer = self.fee_payer.try_pubkey().map_err(LedgerError::from)?;
            pack(jobs, |job| &job.instructions, &payer)
        };
        let sends = packs.into_iter().map(|jobs| self.send_pack(jobs, task));
        let mut sending = stream::iter(sends).buffer_unordered(self.parallel.max(1));
        while sending.next().await.is_some() {
            // A ledger that answers at once leaves no other moment to stop the run.
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Sends several jobs in one transaction. Those that are refused are taken out, and the others sent again. If it fails
    /// otherwise each goes by itself, unless reading it again shows that it landed.
    async fn send_pack(&self, mut jobs: Vec<Job>, task: &dyn Task) {
        let mut unconfirmed = None;
        while jobs.len() > 1 && self.outage().is_none() {
            let rows: Vec<usize> = jobs.iter().map(|job| job.row).collect();
            task.sending(&rows);
            let error = match self.submit(&jobs).await {
                Ok(submission) => return submitted(task, &rows, submission).await,
                Err(error) => error,
            };
            if let Some(place) = refused(&jobs, &error) {
                let job = jobs.remove(place);
                self.refused(job.row, error.into(), task).await;
                continue;
            }
            let error = FleetError::from(error);
            self.note(&error);
            if error.is_lost() {
                jobs = still_pending(jobs, &error, task).await;
            }
            unconfirmed = Some(error).filter(FleetError::may_land);
            break;
        }
        for job in jobs {
            self.send_one(job, unconfirmed.clone(), task).await;
        }
    }

    /// Sends one job until it is known how it ended. Where an earlier transaction of it is `unconfirmed`, that may still
    /// land, and is what is reported whatever keeps the later ones from it.
    async fn send_one(&self, job: Job, mut unconfirmed: Option<FleetError>, task: &dyn Task) {
        let row = job.row;
        for attempt in 1..=ATTEMPTS {
            if let Some(outage) = self.outage() {
                return task.failed(row, unconfirmed.unwrap_or(outage));
            }
            task.sending(&[row]);
            let error = match self.submit(std::slice::from_ref(&job)).await {
                Ok(submission) => return submitted(task, &[row], submission).await,
                Err(error) => FleetError::from(error),
            };
            self.note(&error);
            let (is_refused, is_lost) = (error.rule().is_some(), error.is_lost());
            let error = unconfirmed.take().unwrap_or(error);
            if is_refused {
                return self.refused(row, error, task).await;
            }
            if !is_lost {
                return task.failed(row, error);
            }
            match task.recheck(row, &error).await {
                Ok(Precheck::AlreadyDone) => return,
                Ok(Precheck::Pending) if attempt < ATTEMPTS => {
                    unconfirmed = Some(error).filter(FleetError::may_land);
                }
                Ok(Precheck::Pending) | Err(_) => return task.failed(row, error),
            }
        }
    }

    /// Another party may have been faster, or an earlier attempt may have landed, which `error` is then.
    async fn refused(&self, row: usize, error: FleetError, task: &dyn Task) {
        match task.recheck(row, &error).await {
            Ok(Precheck::AlreadyDone) => {}
            // It says how things are now, where the refusal has the rule alone.
            Err(now) if error.rule().is_some() && !matches!(now, FleetError::Ledger(_)) => {
                task.failed(row, now);
            }
            Ok(Precheck::Pending) | Err(_) => task.failed(row, error),
        }
    }

    async fn submit(&self, jobs: &[Job]) -> Result<Submission, LedgerError> {
        let all = instructions(jobs);
        let closings: Vec<Closing> = jobs.iter().flat_map(|job| job.closings.clone()).collect();
        let signers: [&(dyn Signer + Sync); 2] = [&*self.fee_payer, &*self.signer];
        if closings.is_empty() {
            return self.client.submit(&all, &signers).await;
        }
        if !self.prepared {
            let (receipt, added) = self.client.send_closing(&all, &closings, &signers).await?;
            self.topped_up(&added);
            return Ok(Submission::Accepted(receipt));
        }
        let payer = self.fee_payer.try_pubkey()?;
        let (all, added) = self.client.with_top_ups(&all, &closings, &payer).await?;
        self.topped_up(&added);
        self.client.submit(&all, &signers).await
    }

    fn topped_up(&self, added: &[TopUp]) {
        for top_up in added {
            self.recorder.emit(RunEvent::ToppedUp {
                recipient: top_up.recipient,
                lamports: top_up.lamports,
            });
        }
    }

    fn outage(&self) -> Option<FleetError> {
        let outage = self.outage.lock();
        outage.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, error: &FleetError) {
        if error.is_outage() {
            let mut outage = self.outage.lock().unwrap_or_else(PoisonError::into_inner);
            *outage = Some(error.clone());
        }
    }
}

/// Records how the transaction of these rows ended.
async fn submitted(task: &dyn Task, rows: &[usize], submission: Submission) {
    match submission {
        Submission::Accepted(receipt) => task.accepted(rows, &receipt).await,
        Submission::SignedOnly(message) => task.signed(rows, &message.into()),
    }
}

/// The jobs of a lost transaction that reading again shows still to be done.
async fn still_pending(jobs: Vec<Job>, error: &FleetError, task: &dyn Task) -> Vec<Job> {
    let mut pending = vec![];
    for job in jobs {
        match task.recheck(job.row, error).await {
            Ok(Precheck::Pending) => pending.push(job),
            Ok(Precheck::AlreadyDone) => {}
            Err(_) => task.failed(job.row, error.clone()),
        }
    }
    pending
}

fn instructions(jobs: &[Job]) -> Vec<Instruction> {
    let all = jobs.iter().flat_map(|job| &job.instructions);
    all.cloned().collect()
}

/// Which job was refused, if the program refused one.
fn refused(jobs: &[Job], error: &LedgerError) -> Option<usize> {
    let LedgerError::Refused { instruction, .. } = error else {
        return None;
    };
    let mut end = 0;
    jobs.iter().position(|job| {
        end += job.instructions.len();
        *instruction < end
    })
}
