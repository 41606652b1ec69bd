//! Doing what the lines of a file ask for: several to a transaction, and several transactions at a time.

mod source;

pub use source::read;

use {
    crate::{
        context::Context,
        csv_file::Line,
        drain::{
            pack::pack,
            parallel::{send_all, Outage},
            screen::Meter,
        },
        error::{CliError, Exit, Kind},
        output::{Item, Report},
        race::{self, Look},
    },
    ebb_sdk::ledger::{LedgerError, Receipt},
    serde_json::Value,
    solana_sdk::{instruction::Instruction, signer::Signer},
};

/// What is to be done for a line: the instruction to send, and what is told of it then.
pub type Plan = Look<(Box<Instruction>, Told)>;

/// What is told of a line once its instruction was accepted.
pub type Told = Box<dyn Fn(&Receipt) -> Item>;

/// An instruction to send, and the place of its line.
struct Job {
    place: usize,
    instruction: Instruction,
    told: Told,
}

type Settled = Result<Item, CliError>;

/// Plans each line, sends what is to be sent, and tells what became of each in the order of the file. A refusal takes its
/// line out of its transaction, and the rest of that is tried again; a cluster out of reach ends it.
///
/// `look` looks at the ledger for lines, and once more for those that were refused.
///
/// # Errors
/// As `look`, and where the command line is wrong.
pub async fn import<T>(
    context: &Context,
    action: &'static str,
    lines: &[Line<T>],
    parallel: usize,
    look: impl AsyncFn(&[&T]) -> Result<Vec<Result<Plan, CliError>>, CliError>,
) -> Result<Exit, CliError> {
    let (mut settled, jobs) = plan(lines, &look).await?;
    if !jobs.is_empty() {
        let sent: Vec<usize> = jobs.iter().map(|job| job.place).collect();
        let settle = |place: usize, one: Settled| {
            if let Some(slot) = settled.get_mut(place) {
                *slot = Some(one);
            }
        };
        send(context, jobs, parallel, settle).await?;
        look_again(lines, &sent, &mut settled, &look).await;
    }
    let mut report = Report::new(context);
    for (line, settled) in lines.iter().zip(settled) {
        let settled = settled.unwrap_or_else(|| Err(CliError::other("it was not sent")));
        report.push(settled.unwrap_or_else(|error| failed(action, line, error)))?;
    }
    report.finish()
}

/// What is settled of each line before anything is sent, and what is to be sent for the others.
async fn plan<T>(
    lines: &[Line<T>],
    look: &impl AsyncFn(&[&T]) -> Result<Vec<Result<Plan, CliError>>, CliError>,
) -> Result<(Vec<Option<Settled>>, Vec<Job>), CliError> {
    let readable = lines.iter().filter_map(|line| line.content.as_ref().ok());
    let readable: Vec<&T> = readable.collect();
    let mut plans = look(&readable).await?.into_iter();
    let (mut settled, mut jobs) = (vec![], vec![]);
    for (place, line) in lines.iter().enumerate() {
        if let Err(error) = &line.content {
            settled.push(Some(Err(error.clone().into())));
            continue;
        }
        settled.push(match plans.next() {
            Some(Ok(Look::Open((instruction, told)))) => {
                jobs.push(Job {
                    place,
                    instruction: *instruction,
                    told,
                });
                None
            }
            Some(Ok(Look::Already(item))) => Some(Ok(*item)),
            // Where the command line is wrong, no line will do better.
            Some(Err(error)) if error.kind() == Kind::Usage => return Err(error),
            Some(Err(error)) => Some(Err(error)),
            None => None,
        });
    }
    Ok((settled, jobs))
}

/// Looks once more for the lines that were refused: another party may have done what they ask for.
async fn look_again<T>(
    lines: &[Line<T>],
    sent: &[usize],
    settled: &mut [Option<Settled>],
    look: &impl AsyncFn(&[&T]) -> Result<Vec<Result<Plan, CliError>>, CliError>,
) {
    let refused = sent.iter().filter_map(|&place| {
        let error = settled.get(place)?.as_ref()?.as_ref().err()?;
        let wanted = lines.get(place)?.content.as_ref().ok()?;
        (error.kind() == Kind::Refused).then(|| ((place, error.clone()), wanted))
    });
    let (refused, wanted): (Vec<(usize, CliError)>, Vec<&T>) = refused.unzip();
    if refused.is_empty() {
        return;
    }
    // Without an answer, the refusals stand.
    let Ok(plans) = look(&wanted).await else {
        return;
    };
    for ((place, refusal), plan) in refused.into_iter().zip(plans) {
        if let Some(slot) = settled.get_mut(place) {
            *slot = Some(race::look_again(refusal, plan));
        }
    }
}

async fn send(
    context: &Context,
    jobs: Vec<Job>,
    parallel: usize,
    settle: impl FnMut(usize, Settled),
) -> Result<(), CliError> {
    let sender = Sender {
        context,
        signers: [context.fee_payer()?, context.signer()?],
        outage: Outage::default(),
    };
    let mut meter = Meter::new(context.terminal.stderr, jobs.len());
    let packs = pack(jobs, |job| &job.instruction, &context.fee_payer()?.pubkey());
    let send = |pack| sender.send(pack);
    send_all(packs, parallel, &mut meter, send, settle).await;
    Ok(())
}

struct Sender<'a> {
    context: &'a Context,
    signers: [&'a (dyn Signer + Sync); 2],
    outage: Outage,
}

impl Sender<'_> {
    /// Sends a pack, without those of it that are refused, and tells what became of each.
    async fn send(&self, mut pack: Vec<Job>) -> Vec<(usize, Settled)> {
        let mut settled = vec![];
        while !pack.is_empty() {
            if let Some(error) = self.outage.error() {
                settled.extend(all_failed(pack, &error));
                break;
            }
            let instructions: Vec<Instruction> =
                pack.iter().map(|job| job.instruction.clone()).collect();
            match self.context.client.send(&instructions, &self.signers).await {
                Ok(receipt) => {
                    let told = pack.iter().map(|job| (job.place, Ok((job.told)(&receipt))));
                    settled.extend(told);
                    break;
                }
                Err(LedgerError::Refused {
                    instruction, error, ..
                }) if instruction < pack.len() => {
                    let refused = pack.remove(instruction);
                    settled.push((refused.place, Err(error.into())));
                }
                Err(error) => {
                    let error = CliError::from(error);
                    self.outage.note(&error);
                    settled.extend(all_failed(pack, &error));
                    break;
                }
            }
        }
        settled
    }
}

fn all_failed(pack: Vec<Job>, error: &CliError) -> Vec<(usize, Settled)> {
    let places = pack.into_iter().map(|job| job.place);
    places.map(|place| (place, Err(error.clone()))).collect()
}

fn failed<T>(action: &'static str, line: &Line<T>, error: CliError) -> Item {
    let code = (!line.code.is_empty()).then(|| line.code.clone());
    let error = error.at(format_args!("line {}", line.number));
    Item::failed(action, code, Value::Null, error)
}
