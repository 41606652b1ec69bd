//! `ebb device retire`

use {
    super::{
        retirement::{Missing, Retirement},
        several, step,
    },
    crate::{
        confirm::confirm,
        context::Context,
        drain::{lookout::Lookout, parallel, patience::Patience, pulse::Pulse},
        error::{CliError, Exit, Kind},
        output::{status, Report},
        stop::stopped,
        value::{self, Identifier},
        view::time::span,
    },
    ebb_sdk::lifecycle::Action,
    futures_util::stream::{self, StreamExt},
    std::{
        future::Future,
        time::{Duration, Instant},
    },
};

const EXAMPLES: &str = "\
Examples:
  ebb device retire ams-dz001
  ebb device retire ams-dz001 --wait
  ebb device retire ams-dz001 ld4-dz01 --yes --output json";

/// Take devices out of service for good
///
/// No user is cut off: a device with sessions is refused, and this verb never starts a drain. A drained device
/// goes to Retiring, and on to Retired when it has no disk key; else each custodian first attests that their
/// disk keys are destroyed, and with the last one the device is Retired by itself. Signed by the contributor or
/// the authority; a dead device that is still activated by the authority only. There is no way back.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The devices
    #[arg(value_name = "CODE", required = true, value_parser = value::identifier)]
    devices: Vec<Identifier>,

    /// Wait for what is missing: sessions to leave, pending tasks to end, disk keys to be destroyed
    #[arg(long)]
    wait: bool,

    /// How long to wait at most
    #[arg(long, value_name = "DUR", allow_hyphen_values = true, value_parser = value::duration, requires = "wait")]
    timeout: Option<Duration>,
}

/// Retires.
pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let devices = step::distinct(args.devices.clone());
    let is_single = devices.len() == 1 && !args.wait;
    context.require_single(
        is_single,
        "several devices, or --wait, may take several transactions",
    )?;
    let mut all = several::prepare(context, Action::Retire, &devices, async {
        let mut all = vec![];
        for device in &devices {
            all.push(Retirement::begin(context, device, args.wait).await?);
        }
        let open: Vec<&str> = all
            .iter()
            .filter(|one| !one.is_over())
            .map(Retirement::code)
            .collect();
        if !open.is_empty() {
            let consequence = format!("{} will be taken out of service for good.", open.join(", "));
            confirm(context, &consequence)?;
            context.prepare_to_send().await?;
        }
        Ok(all)
    })
    .await?;
    let signal = tokio::select! {
        biased;
        signal = stopped() => Some(signal),
        walked = walk(context, &args, &mut all) => walked.map(|()| None)?,
    };
    let mut report = Report::new(context);
    for one in all {
        report.push(match signal {
            Some(signal) => one.cut_short(signal),
            None => one.item(),
        })?;
    }
    match signal {
        Some(signal) => report.cut_short(CliError::interrupted(signal)),
        None => report.finish(),
    }
}

/// Takes every step that is open, and waits for those that are not if asked to.
async fn walk(context: &Context, args: &Args, all: &mut [Retirement<'_>]) -> Result<(), CliError> {
    // Who does not wait has nothing to listen for.
    let waiting = all.iter().filter(|_| args.wait);
    let addresses = waiting.map(|one| one.address(context.program_id()));
    let mut lookout = Lookout::new(context.client.ledger(), addresses.collect());
    let mut pulse = Pulse::new(all.len());
    let mut patience = Patience::new();
    let started = Instant::now();
    loop {
        let steps: Vec<_> = all
            .iter_mut()
            .map(|one| one.step(context, args.wait))
            .collect();
        let mut steps = stream::iter(steps).buffer_unordered(parallel::DEFAULT.into());
        while let Some(step) = steps.next().await {
            step?;
            // A ledger that answers at once leaves no other moment to hear a signal.
            tokio::task::yield_now().await;
        }
        drop(steps);
        let next = span(lookout.pace().as_secs());
        for (row, missing) in all.iter().map(Retirement::missing).enumerate() {
            if let Some(Missing {
                sequence, error, ..
            }) = missing
            {
                pulse.say(row, *sequence, || {
                    status(format_args!("waiting: {error}; looks again in {next}"));
                });
            }
        }
        if all.iter().all(Retirement::is_over) {
            return Ok(());
        }
        let due = all.iter().filter_map(|one| one.missing()?.due).min();
        let left = args
            .timeout
            .map(|most| most.saturating_sub(started.elapsed()));
        let again = async {
            lookout.next(due).await;
            look_again(context, all, &mut patience).await
        };
        match in_time(left, again).await {
            Some(looked) => looked?,
            None => return Ok(()),
        }
    }
}

/// Looks at the devices again. While the cluster is out of reach they stay as they were, and for too long they fail.
async fn look_again(
    context: &Context,
    all: &mut [Retirement<'_>],
    patience: &mut Patience,
) -> Result<(), CliError> {
    let looked: Result<(), CliError> = async {
        for one in all.iter_mut().filter(|one| !one.is_over()) {
            one.look(context, true).await?;
            patience.renew();
        }
        Ok(())
    }
    .await;
    let Err(error) = looked else {
        return Ok(());
    };
    let borne = patience.bear(error, |error| {
        status(format_args!("{error}; looking again"));
    });
    match borne {
        Err(error) if error.kind() == Kind::Unreachable => {
            let open = all.iter_mut().filter(|one| !one.is_over());
            open.for_each(|one| one.fail(error.clone()));
            Ok(())
        }
        borne => borne,
    }
}

/// What something comes to, if it ends before the time runs out.
async fn in_time<T>(left: Option<Duration>, end: impl Future<Output = T>) -> Option<T> {
    match left {
        Some(left) => tokio::time::timeout(left, end).await.ok(),
        None => Some(end.await),
    }
}
