//! `ebb device drain`

use {
    crate::{
        context::Context,
        error::{CliError, Exit, Kind},
        input::{
            filter::FilterArgs,
            parallel::ParallelArgs,
            value::{self, Identifier, Time},
        },
        render::{
            drain::{announce::announce, text::named},
            warn_unreadable,
        },
        terminal::{paragraph, status, status_table, stderr_colour},
        workflow::{
            device::{select::select, targets::Targets},
            drain::{
                dry_run,
                preview::preview,
                run::{perform, DrainRun},
            },
        },
    },
    clap::ArgGroup,
    ebb_sdk::{
        fleet::{DrainOptions, DrainPlan, Found, PlannedDrain, RunOptions},
        lifecycle::Action,
        state::ProvisioningStatus,
        EbbError,
    },
    std::time::Duration,
};

const EXAMPLES: &str = "\
Examples:
  ebb device drain ams-dz001 --reason 'rack power' --until 2026-01-02T15:00:00Z
  ebb device drain ams-dz001 --deadline 30m --evict --yes
  ebb device drain ams-dz001 ld4-dz01 --dry-run
  ebb device drain ams-dz001 --update --deadline 2h
  ebb device drain ams-dz001 --release-holds
  ebb device drain --location ams --contributor co01 --yes
  ebb device drain --all --contributor co01 --rolling --max-parallel 2 --evict --deadline 30m
  ebb device drain --location ams --overdue --evict
  ebb device drain ams-dz001 --wait        (it drains already: watch it)";

/// Take devices out of service without cutting users off
///
/// A draining device stays reachable and keeps the sessions that are open, but opens no new ones: users leave it
/// by themselves. It is drained once no session is left. After the deadline (1 h unless you name one) the
/// sessions that are left may be evicted: with --evict by this command, else by a later one. Then bring the
/// device back with `ebb device undrain`, or take it out for good with `ebb device retire`.
///
/// A live hold or the location's disruption budget forbids a drain; `--dry-run` shows what blocks it, and
/// `--release-holds` releases the holds with the drain, so that nobody has the time to place them anew. On a device that is draining already nothing is changed without --update; with --wait it is watched, which needs no
/// key.
///
/// Devices are named by their codes, or chosen: all of a contributor (--all), or those at a location, and of these
/// the ones that pass the filters; without --status, those that are activated or draining. What would happen to each
/// is shown first. A refusal does not stop the others. Run again, the same command goes on where it was: a device
/// that drains already is left as it is.
///
/// With --rolling a device is started only when an earlier one is drained. A device that a live hold or the
/// location's disruption budget stops is waited for, and those behind it go first; as a drained device stays
/// draining until it is undrained, a budget may free up only by `ebb device undrain`.
#[derive(clap::Args, Debug)]
#[command(
    args = crate::input::signing::signing(),
    after_long_help = EXAMPLES,
    group = ArgGroup::new("which").required(true).args(["devices", "all", "location"])
)]
pub struct Args {
    /// The devices
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    devices: Vec<Identifier>,

    /// All devices of a contributor
    #[arg(long, requires = "contributor")]
    all: bool,

    /// Why, for all to read: up to 64 bytes
    #[arg(long, value_name = "TEXT", value_parser = value::drain_reason)]
    reason: Option<String>,

    /// How long users have to leave by themselves [default: 1h]
    ///
    /// At least 60s, at most 365d.
    #[arg(long, value_name = "DUR", allow_hyphen_values = true, value_parser = value::deadline, conflicts_with = "no_deadline")]
    deadline: Option<u32>,

    /// Never evict: users have all the time they need
    #[arg(long)]
    no_deadline: bool,

    /// When the device is planned to be back: at most 365d ahead
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, value_parser = value::time)]
    until: Option<Time>,

    /// Pass live holds and the disruption budget, as the authority
    #[arg(long)]
    force: bool,

    /// Release every hold that you may, with the drain
    ///
    /// The drain starts in the same transaction.
    #[arg(long, conflicts_with_all = ["force", "update"])]
    release_holds: bool,

    /// Change deadline, reason or return of a drain that runs
    ///
    /// What is not given stays.
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
    #[arg(long, value_name = "DUR", allow_hyphen_values = true, value_parser = value::duration, conflicts_with = "detach")]
    timeout: Option<Duration>,

    /// Start a device only when an earlier one is drained
    #[arg(long, conflicts_with_all = ["detach", "update", "dry_run"])]
    rolling: bool,

    /// How many devices drain at a time, with --rolling
    #[arg(
        long,
        value_name = "N",
        requires = "rolling",
        default_value = "1",
        value_parser = value::parallel
    )]
    max_parallel: u16,

    #[command(flatten)]
    parallel: ParallelArgs,

    /// Send nothing; show what would be done and what forbids it
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    filter: FilterArgs,
}

impl Args {
    fn waits(&self, context: &Context) -> bool {
        let default = context.terminal.interactive;
        !self.detach && (self.wait || self.evict || self.timeout.is_some() || default)
    }

    fn run(&self, context: &Context, has_table: bool) -> DrainRun {
        DrainRun {
            options: RunOptions {
                wait: self.waits(context),
                timeout: self.timeout,
                rolling: self.rolling.then_some(self.max_parallel.into()),
            },
            parallel: self.parallel.into(),
            has_table,
        }
    }

    /// What is asked for; `now` is the chain's time in Unix seconds.
    fn options(&self, now: i64) -> Result<DrainOptions, CliError> {
        let deadline_seconds = match self.no_deadline {
            true => Some(0),
            false => self.deadline,
        };
        let until_seconds = self
            .until
            .map(|until| until.seconds_from(now))
            .transpose()
            .map_err(|error| CliError::usage(format!("--until: {error}")))?;
        Ok(DrainOptions {
            reason: self.reason.clone(),
            deadline_seconds,
            until_seconds,
            force: self.force,
            release_holds: self.release_holds,
            update: self.update,
            evict: self.evict,
        })
    }
}

/// Drains.
pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    if context.is_sign_only() && (args.wait || args.timeout.is_some()) {
        return Err(
            CliError::usage("--sign-only sends nothing, so there is nothing to wait for")
                .hint("leave out --wait and --timeout"),
        );
    }
    let options = args.options(context.now().await?.time)?;
    check(&options)?;
    let (targets, found) = read(&args, context).await?;
    let plan = context.fleet().plan_drain(found, &options);
    let plan = plan.map_err(|error| context.explain_run(error))?;
    let fleet = args.devices.is_empty() || plan.devices().len() > 1;
    if plan.devices().is_empty() {
        status("no device passes: nothing to drain");
        return perform(context, &targets, plan, args.run(context, false)).await;
    }
    if args.dry_run {
        return dry_run::report(context, &targets, plan, fleet).await;
    }
    let is_single = plan.devices().len() == 1 && !args.evict && !args.rolling;
    context.require_single(
        is_single,
        "a drain of several devices, --rolling or --evict takes several transactions",
    )?;
    announce_plan(&targets, &plan, args.rolling, fleet).await;
    confirm_plan(&args, context, &targets, &plan)?;
    perform(context, &targets, plan, args.run(context, fleet)).await
}

/// Checks the values as the program would, before anything is read or sent.
fn check(options: &DrainOptions) -> Result<(), CliError> {
    match options.check() {
        Err(EbbError::NothingToChange) => {
            Err(CliError::usage("--update: nothing to change is named")
                .hint("name what to change: --deadline, --no-deadline, --until or --reason"))
        }
        checked => Ok(checked?),
    }
}

/// Shows what will happen to the users.
async fn announce_plan(targets: &Targets<'_>, plan: &DrainPlan, rolling: bool, fleet: bool) {
    if fleet {
        let preview = preview(targets, plan, rolling).await;
        status_table(&preview.table(stderr_colour()));
        if let Some(consequence) = preview.consequence() {
            status("");
            paragraph(consequence);
        }
        return;
    }
    let starts = plan.to_start(rolling).find(|device| device.starts());
    if let Some(subject) = starts.and_then(|device| device.subject.as_deref()) {
        paragraph(announce(subject, plan.options()));
    }
}

/// Asks whether to start the drains.
fn confirm_plan(
    args: &Args,
    context: &Context,
    targets: &Targets<'_>,
    plan: &DrainPlan,
) -> Result<(), CliError> {
    let codes: Vec<String> = plan
        .to_start(args.rolling)
        .map(PlannedDrain::code)
        .collect();
    if codes.is_empty() {
        return Ok(());
    }
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    let at_a_time = match args.rolling {
        true => format!(", {} at a time", args.max_parallel),
        false => String::new(),
    };
    let consequence = format!("{} will be drained{at_a_time}.", named(&codes, ", "));
    context
        .confirm(&consequence)
        .map_err(|error| match error.kind() {
            Kind::Interrupted(_) => {
                let codes = targets.planned_codes(plan).into_iter();
                targets.never_started(codes, error)
            }
            _ => error,
        })
}

/// Reads each device that is named or chosen, each once.
async fn read<'a>(
    args: &Args,
    context: &'a Context,
) -> Result<(Targets<'a>, Vec<Found>), CliError> {
    if args.devices.is_empty() {
        let mut filter = args.filter.clone();
        if filter.status.is_empty() {
            filter.status = vec![ProvisioningStatus::Activated, ProvisioningStatus::Draining];
        }
        let selected = select(context, &filter).await?;
        warn_unreadable(&selected.unreadable);
        let found = selected.found(&context.fleet()).await?;
        return Ok((Targets::chosen(context, Action::Drain), found));
    }
    if args.filter != FilterArgs::default() {
        return Err(CliError::usage("devices named by CODE are not filtered")
            .hint("choose them with --all or --location instead"));
    }
    let targets = Targets::named(context, Action::Drain, args.devices.clone());
    let found = targets.read().await;
    Ok((targets, found))
}
