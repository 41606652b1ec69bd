//! Starting drains, many at a time and each once, whatever the cluster drops.

use {
    super::{
        outcome::{attached, cut_short, failed, is_ours, started, started_unread, Done},
        pack::pack,
        parallel::{send_all, Outage},
        plan::over_budget,
        request::{Request, Wish},
        screen::Meter,
        watch::{stopped, Wait},
    },
    crate::{
        command::device::{refusal::explain_sent, selection::Selection, subject::Subject},
        context::Context,
        error::{CliError, Kind},
        role::Credential,
    },
    ebb_sdk::{lifecycle::Action, state::ProvisioningStatus, EbbError},
    futures_util::stream::{self, StreamExt},
    solana_sdk::{instruction::Instruction, pubkey::Pubkey, signature::Signature},
    std::{cell::Cell, collections::HashMap, pin::pin, time::Duration},
};

/// How often a drain is sent whose transaction the cluster may have lost.
const ATTEMPTS: u32 = 3;

/// A drain to start or to change.
struct Job {
    slot: usize,
    subject: Subject,
    credential: Credential,
    instructions: Vec<Instruction>,
}

/// Sends what many requests ask for.
struct Starter<'a> {
    context: &'a Context,
    wish: &'a Wish,
    signer: Pubkey,
    /// Which slots' instructions may have been sent.
    begun: Vec<Cell<bool>>,
    outage: Outage,
}

/// Sends what requests ask for, so many transactions at a time, and tells what became of each in their
/// order. Ends early at Ctrl-C or when the time runs out, with what was done until then.
pub async fn start_all(
    context: &Context,
    requests: Vec<Request>,
    wish: &Wish,
    parallel: usize,
    timeout: Option<Duration>,
) -> Result<(Vec<Done>, Wait), CliError> {
    let codes: Vec<String> = requests.iter().map(Request::code).collect();
    let mut done: Vec<Option<Done>> = requests.iter().map(|_| None).collect();
    let late = over_budget(&requests, wish);
    let (mut jobs, mut later) = (vec![], vec![]);
    for ((slot, request), late) in requests.into_iter().enumerate().zip(late) {
        match Job::of(context, slot, request, wish)? {
            Planned::Job(job) if late => later.push((slot, job.subject.device.address)),
            Planned::Job(job) => jobs.push(*job),
            Planned::Done(one) => fill(&mut done, slot, *one),
        }
    }
    let mut ended = Wait::Over;
    if !jobs.is_empty() || !later.is_empty() {
        context.prepare_to_send().await?;
        let starter = Starter {
            context,
            wish,
            signer: context.signer()?.pubkey(),
            begun: codes.iter().map(|_| Cell::new(false)).collect(),
            outage: Outage::default(),
        };
        let mut stop = pin!(stopped(timeout));
        let work = starter.work(jobs, later, parallel, &mut done);
        ended = tokio::select! {
            biased;
            stopped = &mut stop => stopped,
            worked = work => worked.map(|()| Wait::Over)?,
        };
        for (slot, code) in codes.iter().enumerate() {
            if done.get(slot).is_some_and(Option::is_none) {
                fill(
                    &mut done,
                    slot,
                    cut_short(code, ended, starter.has_begun(slot)),
                );
            }
        }
    }
    Ok((done.into_iter().flatten().collect(), ended))
}

enum Planned {
    Job(Box<Job>),
    Done(Box<Done>),
}

impl Job {
    fn of(
        context: &Context,
        slot: usize,
        request: Request,
        wish: &Wish,
    ) -> Result<Planned, CliError> {
        let instructions = request.instructions(context, wish)?;
        match request {
            Request::Failed(item, _) => Ok(Planned::Done(Box::new(Done {
                item,
                drain: None,
                unread: None,
            }))),
            Request::Attach(subject, credential) => {
                Ok(Planned::Done(Box::new(attached(&subject, credential))))
            }
            Request::Start(subject, credential) | Request::Update(subject, credential) => {
                Ok(Planned::Job(Box::new(Self {
                    slot,
                    subject,
                    credential,
                    instructions,
                })))
            }
        }
    }
}

impl Starter<'_> {
    async fn work(
        &self,
        jobs: Vec<Job>,
        later: Vec<(usize, Pubkey)>,
        parallel: usize,
        done: &mut [Option<Done>],
    ) -> Result<(), CliError> {
        let mut meter = Meter::new(
            self.context.terminal.bars,
            jobs.len().saturating_add(later.len()),
        );
        let runs = self.runs(jobs, parallel)?;
        let started = |slot, one| fill(done, slot, one);
        send_all(runs, parallel, &mut meter, |run| self.run(run), started).await;
        // The location had no device to spare for these when they were read: the rules are asked anew.
        let slots: HashMap<Pubkey, usize> = later
            .iter()
            .map(|(slot, address)| (*address, *slot))
            .collect();
        let addresses: Vec<Pubkey> = later.into_iter().map(|(_, address)| address).collect();
        let subjects = match addresses.is_empty() {
            true => vec![],
            false => {
                let selection = Selection::at(self.context, &addresses).await?;
                selection.subjects(self.context).await?
            }
        };
        let subjects = subjects.into_iter().filter_map(|subject| {
            let slot = *slots.get(&subject.device.address)?;
            Some(self.ask_again(slot, subject))
        });
        let mut asking = stream::iter(subjects).buffer_unordered(parallel);
        while let Some((slot, one)) = asking.next().await {
            fill(done, slot, one?);
            meter.step();
        }
        Ok(())
    }

    /// One transaction each; several drains to a transaction only where there are more than may be on
    /// their way at a time.
    fn runs(&self, jobs: Vec<Job>, parallel: usize) -> Result<Vec<Vec<Job>>, CliError> {
        if jobs.len() <= parallel {
            return Ok(jobs.into_iter().map(|job| vec![job]).collect());
        }
        let payer = self.context.fee_payer()?.pubkey();
        Ok(pack(jobs, |job| &job.instructions, &payer))
    }

    /// Sends several drains in one transaction. If that fails each goes by itself, as one refusal must
    /// not spoil the others; what was written all the same is found then.
    async fn run(&self, jobs: Vec<Job>) -> Vec<(usize, Done)> {
        if jobs.len() > 1 && self.outage.error().is_none() {
            let all: Vec<Instruction> = jobs
                .iter()
                .flat_map(|job| job.instructions.clone())
                .collect();
            jobs.iter().for_each(|job| self.begin(job.slot));
            match self.context.send(&all).await {
                Ok(receipt) => return self.accepted(jobs, &receipt.signature).await,
                // What was to be signed only is.
                Err(error) if error.kind() == Kind::SignedOnly => {
                    let signed = |job: &Job| (job.slot, failed(&job.subject, error.clone()));
                    return jobs.iter().map(signed).collect();
                }
                Err(error) => self.outage.note(&error),
            }
        }
        let mut ended = Vec::with_capacity(jobs.len());
        for job in jobs {
            ended.push((job.slot, self.one(job).await));
        }
        ended
    }

    async fn accepted(&self, jobs: Vec<Job>, signature: &Signature) -> Vec<(usize, Done)> {
        let addresses: Vec<Pubkey> = jobs.iter().map(|job| job.subject.device.address).collect();
        let client = &self.context.client;
        let read = async {
            let found = client.devices_at(&addresses).await?;
            Ok::<_, CliError>((found, self.context.now().await?.time))
        };
        let (found, now) = match read.await {
            Ok(read) => read,
            Err(error) => {
                let unread = |job: Job| {
                    (
                        job.slot,
                        started_unread(&job.subject, signature, error.clone()),
                    )
                };
                return jobs.into_iter().map(unread).collect();
            }
        };
        let jobs = jobs.into_iter().zip(found);
        jobs.map(|(job, found)| {
            let done = match found {
                Some(found) => {
                    self.started(&job, &job.subject.seen_again(found, now), Some(signature))
                }
                None => started_unread(
                    &job.subject,
                    signature,
                    CliError::not_found("another party removed it"),
                ),
            };
            (job.slot, done)
        })
        .collect()
    }

    /// Sends one drain until it is known what became of it. It expects the device as it was read, so
    /// that it cannot run twice.
    async fn one(&self, job: Job) -> Done {
        let subject = &job.subject;
        let mut lost = None;
        for _ in 0..ATTEMPTS {
            if let Some(error) = self.outage.error() {
                return failed(subject, error.at(subject.code()));
            }
            self.begin(job.slot);
            let error = match self.context.send(&job.instructions).await {
                Ok(receipt) => match self.fresh(subject).await {
                    Ok(fresh) => return self.started(&job, &fresh, Some(&receipt.signature)),
                    Err(error) => return started_unread(subject, &receipt.signature, error),
                },
                Err(error) => error,
            };
            self.outage.note(&error);
            let passed = error.is_refusal(EbbError::StatusMismatch)
                || error.is_refusal(EbbError::AlreadyInStatus);
            let may_be_so = match subject.status() {
                ProvisioningStatus::Draining => error.is_refusal(EbbError::NothingToChange),
                _ => error.is_lost() || passed,
            };
            if !may_be_so {
                return self.refused(subject, error).await;
            }
            match self.fresh(subject).await {
                Ok(fresh) if is_ours(subject, &fresh, &self.signer) => {
                    return self.started(&job, &fresh, None)
                }
                Ok(fresh) if fresh.status() == ProvisioningStatus::Draining => {
                    let credential = self.wish.evict.then_some(job.credential);
                    return attached(&fresh, credential);
                }
                Ok(fresh)
                    if error.is_lost() && fresh.head().sequence == subject.head().sequence =>
                {
                    lost = Some(error);
                }
                Ok(_) => return self.refused(subject, error).await,
                Err(_) => return failed(subject, error.at(subject.code())),
            }
        }
        let error = lost.unwrap_or_else(|| CliError::other("it was not sent"));
        failed(subject, error.at(subject.code()))
    }

    async fn refused(&self, subject: &Subject, error: CliError) -> Done {
        let action = Some(Action::Drain);
        failed(
            subject,
            explain_sent(self.context, subject, action, error).await,
        )
    }

    async fn ask_again(&self, slot: usize, subject: Subject) -> (usize, Result<Done, CliError>) {
        let asked = async {
            let request = Request::of(self.context, subject, self.wish).await?;
            Ok(match Job::of(self.context, slot, request, self.wish)? {
                Planned::Job(job) => self.one(*job).await,
                Planned::Done(done) => *done,
            })
        };
        (slot, asked.await)
    }

    async fn fresh(&self, subject: &Subject) -> Result<Subject, CliError> {
        let found = self.context.client.device(&subject.device.address).await?;
        let gone = || CliError::not_found(format!("{} is gone since", subject.code()));
        let now = self.context.now().await?.time;
        Ok(subject.seen_again(found.ok_or_else(gone)?, now))
    }

    /// The drain that a job started or changed, and the device as it is now.
    fn started(&self, job: &Job, fresh: &Subject, signature: Option<&Signature>) -> Done {
        let credential = self.wish.evict.then_some(job.credential);
        started(&job.subject, fresh, credential, signature)
    }

    fn has_begun(&self, slot: usize) -> bool {
        self.begun.get(slot).is_some_and(Cell::get)
    }

    fn begin(&self, slot: usize) {
        if let Some(begun) = self.begun.get(slot) {
            begun.set(true);
        }
    }
}

/// Starts the drain of one device that the rules let go now.
pub async fn start_one(
    context: &Context,
    request: Request,
    wish: &Wish,
) -> Result<Option<Done>, CliError> {
    let (mut done, _) = start_all(context, vec![request], wish, 1, None).await?;
    Ok(done.pop())
}

fn fill(done: &mut [Option<Done>], slot: usize, one: Done) {
    if let Some(place) = done.get_mut(slot) {
        *place = Some(one);
    }
}
