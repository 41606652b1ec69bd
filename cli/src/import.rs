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
        stop::{stopped, Signal},
    },
    ebb_sdk::ledger::{LedgerError, Receipt},
    serde_json::Value,
    solana_sdk::{instruction::Instruction, signer::Signer},
    std::{
        cell::{Cell, RefCell},
        slice,
    },
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

/// What is known of each line, however early the import ends.
struct Board {
    settled: RefCell<Vec<Option<Settled>>>,
    /// Whether the line's instruction may have been sent.
    is_sent: Vec<Cell<bool>>,
}

impl Board {
    fn new(lines: usize) -> Self {
        Self {
            settled: RefCell::new((0..lines).map(|_| None).collect()),
            is_sent: vec![Cell::new(false); lines],
        }
    }

    fn settle(&self, place: usize, one: Settled) {
        if let Some(slot) = self.settled.borrow_mut().get_mut(place) {
            *slot = Some(one);
        }
    }

    fn begin(&self, pack: &[Job]) {
        let sent = pack.iter().filter_map(|job| self.is_sent.get(job.place));
        sent.for_each(|sent| sent.set(true));
    }

    /// The program's refusal of a line, if it is settled by one.
    fn refusal(&self, place: usize) -> Option<CliError> {
        let settled = self.settled.borrow();
        let error = settled.get(place)?.as_ref()?.as_ref().err()?;
        (error.kind() == Kind::Refused).then(|| error.clone())
    }

    fn is_sent(&self, place: usize) -> bool {
        self.is_sent.get(place).is_some_and(Cell::get)
    }
}

/// Plans each line, sends what is to be sent, and tells what became of each in the order of the file. A refusal takes its
/// line out of its transaction, and the rest of that is tried again; a cluster out of reach ends it. A signal ends it at
/// once, and each line that it left is reported as such.
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
    let board = Board::new(lines.len());
    let signal = tokio::select! {
        biased;
        signal = stopped() => Some(signal),
        worked = work(context, lines, parallel, &look, &board) => worked.map(|()| None)?,
    };
    let settled = board.settled.take();
    let mut report = Report::new(context);
    for (place, (line, settled)) in lines.iter().zip(settled).enumerate() {
        report.push(match (settled, signal) {
            (Some(settled), _) => settled.unwrap_or_else(|error| failed(action, line, error)),
            (None, Some(signal)) => cut_short(action, line, board.is_sent(place), signal),
            (None, None) => failed(action, line, CliError::other("it was not sent")),
        })?;
    }
    match signal {
        Some(signal) => report.cut_short(CliError::interrupted(signal)),
        None => report.finish(),
    }
}

async fn work<T>(
    context: &Context,
    lines: &[Line<T>],
    parallel: usize,
    look: &impl AsyncFn(&[&T]) -> Result<Vec<Result<Plan, CliError>>, CliError>,
    board: &Board,
) -> Result<(), CliError> {
    let jobs = plan(lines, look, board).await?;
    if jobs.is_empty() {
        return Ok(());
    }
    let sent: Vec<usize> = jobs.iter().map(|job| job.place).collect();
    send(context, jobs, parallel, board).await?;
    look_again(lines, &sent, board, look).await;
    Ok(())
}

/// Settles the lines for which nothing is to be sent, and returns what is to be sent for the others.
async fn plan<T>(
    lines: &[Line<T>],
    look: &impl AsyncFn(&[&T]) -> Result<Vec<Result<Plan, CliError>>, CliError>,
    board: &Board,
) -> Result<Vec<Job>, CliError> {
    let readable = lines.iter().filter_map(|line| line.content.as_ref().ok());
    let readable: Vec<&T> = readable.collect();
    let mut plans = look(&readable).await?.into_iter();
    let mut jobs = vec![];
    for (place, line) in lines.iter().enumerate() {
        if let Err(error) = &line.content {
            board.settle(place, Err(error.clone().into()));
            continue;
        }
        match plans.next() {
            Some(Ok(Look::Open((instruction, told)))) => jobs.push(Job {
                place,
                instruction: *instruction,
                told,
            }),
            Some(Ok(Look::Already(item))) => board.settle(place, Ok(*item)),
            // Where the command line is wrong, no line will do better.
            Some(Err(error)) if error.kind() == Kind::Usage => return Err(error),
            Some(Err(error)) => board.settle(place, Err(error)),
            None => {}
        }
    }
    Ok(jobs)
}

/// Looks once more for the lines that were refused: another party may have done what they ask for.
async fn look_again<T>(
    lines: &[Line<T>],
    sent: &[usize],
    board: &Board,
    look: &impl AsyncFn(&[&T]) -> Result<Vec<Result<Plan, CliError>>, CliError>,
) {
    let refused = sent.iter().filter_map(|&place| {
        let wanted = lines.get(place)?.content.as_ref().ok()?;
        Some(((place, board.refusal(place)?), wanted))
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
        board.settle(place, race::look_again(refusal, plan));
    }
}

async fn send(
    context: &Context,
    jobs: Vec<Job>,
    parallel: usize,
    board: &Board,
) -> Result<(), CliError> {
    context.prepare_to_send().await?;
    let sender = Sender {
        context,
        signers: [context.fee_payer()?, context.signer()?],
        outage: Outage::default(),
        board,
    };
    let mut meter = Meter::new(context.terminal.bars, jobs.len());
    let packs = pack(
        jobs,
        |job| slice::from_ref(&job.instruction),
        &context.fee_payer()?.pubkey(),
    );
    let send = |pack| sender.send(pack);
    send_all(packs, parallel, &mut meter, send, |_, ()| {}).await;
    Ok(())
}

struct Sender<'a> {
    context: &'a Context,
    signers: [&'a (dyn Signer + Sync); 2],
    outage: Outage,
    board: &'a Board,
}

impl Sender<'_> {
    /// Sends a pack, without those of it that are refused, and settles each. Returns their places.
    async fn send(&self, mut pack: Vec<Job>) -> Vec<(usize, ())> {
        let places = pack.iter().map(|job| (job.place, ())).collect();
        while !pack.is_empty() {
            if let Some(error) = self.outage.error() {
                self.fail(pack, &error);
                break;
            }
            let instructions: Vec<Instruction> =
                pack.iter().map(|job| job.instruction.clone()).collect();
            self.board.begin(&pack);
            match self.context.client.send(&instructions, &self.signers).await {
                Ok(receipt) => {
                    for job in &pack {
                        self.board.settle(job.place, Ok((job.told)(&receipt)));
                    }
                    break;
                }
                Err(LedgerError::Refused {
                    instruction, error, ..
                }) if instruction < pack.len() => {
                    let refused = pack.remove(instruction);
                    self.board.settle(refused.place, Err(error.into()));
                }
                Err(error) => {
                    let error = CliError::from(error);
                    self.outage.note(&error);
                    self.fail(pack, &error);
                    break;
                }
            }
        }
        places
    }

    fn fail(&self, pack: Vec<Job>, error: &CliError) {
        for job in pack {
            self.board.settle(job.place, Err(error.clone()));
        }
    }
}

fn cut_short<T>(action: &'static str, line: &Line<T>, is_sent: bool, signal: Signal) -> Item {
    let error = CliError::interrupted(signal).at(format_args!("line {}", line.number));
    let look = "import the file again: what is there already stays";
    Item::cut_short(action, &line.code, is_sent, error, look)
}

fn failed<T>(action: &'static str, line: &Line<T>, error: CliError) -> Item {
    let code = (!line.code.is_empty()).then(|| line.code.clone());
    let error = error.at(format_args!("line {}", line.number));
    Item::failed(action, code, Value::Null, error)
}
