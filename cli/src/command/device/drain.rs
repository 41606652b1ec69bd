//! `ebb device drain`

use {
    super::step,
    crate::{
        confirm::confirm,
        context::Context,
        drain::{
            announce::announce,
            dry_run,
            perform::perform,
            request::{Request, Wish},
        },
        error::{CliError, Exit},
        output::status,
        value::{self, Identifier, Time},
    },
    std::time::Duration,
};

const EXAMPLES: &str = "\
Examples:
  ebb device drain ams-dz001 --reason 'rack power' --until 2026-01-02T15:00:00Z
  ebb device drain ams-dz001 --deadline 30m --evict --yes
  ebb device drain ams-dz001 ld4-dz01 --dry-run
  ebb device drain ams-dz001 --update --deadline 2h
  ebb device drain ams-dz001 --wait        (it drains already: watch it)";

/// Take devices out of service without cutting users off
///
/// A draining device stays reachable and keeps the sessions that are open, but opens no new ones: users leave it
/// by themselves. It is drained once no session is left. After the deadline (1 h unless you name one) the
/// sessions that are left may be evicted: with --evict by this command, else by a later one. Then bring the
/// device back with `ebb device undrain`, or take it out for good with `ebb device retire`.
///
/// A live hold or the location's disruption budget forbids a drain; `--dry-run` shows what stands in the way. On a
/// device that is draining already nothing is changed without --update; with --wait it is watched, which needs no
/// key.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The devices
    #[arg(value_name = "CODE", required = true, value_parser = value::identifier)]
    devices: Vec<Identifier>,

    /// Why, for all to read: up to 64 bytes
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    /// How long users have to leave by themselves: at least 60s, at most 365d [default: 1h]
    #[arg(long, value_name = "DUR", value_parser = value::duration, conflicts_with = "no_deadline")]
    deadline: Option<Duration>,

    /// Never evict: users have all the time they need
    #[arg(long)]
    no_deadline: bool,

    /// When the device is planned to be back
    #[arg(long, value_name = "TIME", value_parser = value::time)]
    until: Option<Time>,

    /// Pass live holds and the disruption budget, as the authority
    #[arg(long)]
    force: bool,

    /// Change deadline, reason or planned return of a drain that runs; what is not given stays
    #[arg(long, conflicts_with = "force")]
    update: bool,

    /// Wait, and evict what is left at the deadline
    #[arg(long, conflicts_with = "detach")]
    evict: bool,

    /// Wait until drained; the default on a terminal
    #[arg(long, conflicts_with = "detach")]
    wait: bool,

    /// Return at once; the default off a terminal
    #[arg(long)]
    detach: bool,

    /// How long to wait at most; the drain goes on after it
    #[arg(long, value_name = "DUR", value_parser = value::duration, conflicts_with = "detach")]
    timeout: Option<Duration>,

    /// Show what would be done and what stands in the way, and send nothing
    #[arg(long)]
    dry_run: bool,

    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

impl Args {
    fn waits(&self, context: &Context) -> bool {
        let default = context.terminal.interactive && context.terminal.stderr;
        !self.detach && (self.wait || self.evict || self.timeout.is_some() || default)
    }

    /// What is asked for; `now` is the chain's time in Unix seconds.
    fn wish(&self, now: i64) -> Result<Wish, CliError> {
        let deadline_seconds = match (self.no_deadline, self.deadline) {
            (true, _) => Some(0),
            (false, deadline) => deadline.map(value::seconds).transpose()?,
        };
        let until_seconds = match self
            .until
            .map(|until| until.seconds_from(now))
            .transpose()?
        {
            Some(None) => return Err(CliError::usage("--until: that time has passed")),
            until => until.flatten(),
        };
        Ok(Wish {
            reason: self.reason.clone(),
            deadline_seconds,
            until_seconds,
            force: self.force,
            update: self.update,
            evict: self.evict,
        })
    }
}

/// Drains.
pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let wish = args.wish(context.now().await?.time)?;
    wish.check()?;
    let mut requests = vec![];
    for device in &step::distinct(args.devices.clone()) {
        requests.push(Request::prepare(context, device, &wish).await?);
    }
    if args.dry_run {
        return dry_run::report(context, requests, &wish).await;
    }
    let mut starting = vec![];
    for subject in requests.iter().filter_map(Request::to_start) {
        status(announce(subject, &wish));
        starting.push(subject.code());
    }
    if !starting.is_empty() {
        confirm(
            context,
            args.yes,
            &format!("{} will be drained.", starting.join(", ")),
        )?;
    }
    let wait = args.waits(context).then_some(args.timeout);
    perform(context, requests, &wish, wait).await
}
