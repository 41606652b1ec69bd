//! `ebb device retire`

use {
    super::{retirement::Retirement, step},
    crate::{
        confirm::confirm,
        context::Context,
        drain::pulse::Pulse,
        error::{CliError, Exit},
        output::{status, Report},
        value::{self, Identifier},
    },
    std::time::{Duration, Instant},
};

const EXAMPLES: &str = "\
Examples:
  ebb device retire ams-dz001
  ebb device retire ams-dz001 --wait
  ebb device retire ams-dz001 ld4-dz01 --yes --output json";

/// How often a wait looks again.
const LOOK_EVERY: Duration = Duration::from_secs(1);

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

    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Retires.
pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let devices = step::distinct(args.devices.clone());
    let is_single = devices.len() == 1 && !args.wait;
    context.require_single(
        is_single,
        "several devices, or --wait, may take several transactions",
    )?;
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
        confirm(context, args.yes, &consequence)?;
    }
    walk(context, &args, &mut all).await?;
    let mut report = Report::new(context);
    for one in all {
        report.push(one.item())?;
    }
    report.finish()
}

/// Takes every step that is open, and waits for those that are not if asked to.
async fn walk(context: &Context, args: &Args, all: &mut [Retirement<'_>]) -> Result<(), CliError> {
    let mut pulse = Pulse::new(all.len());
    let started = Instant::now();
    loop {
        for (row, one) in all.iter_mut().enumerate() {
            one.step(context, args.wait).await?;
            if let Some((sequence, missing)) = one.missing() {
                pulse.say(row, sequence, || {
                    status(format_args!("waiting: {missing}; looks again in 1s"));
                });
            }
        }
        let timed_out = args.timeout.is_some_and(|most| started.elapsed() >= most);
        if timed_out || all.iter().all(Retirement::is_over) {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
        for one in all.iter_mut().filter(|one| !one.is_over()) {
            one.look(context, args.wait).await?;
        }
    }
}
