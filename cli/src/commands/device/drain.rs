//! `ebb device drain`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::{
            drain::{DrainArgs, WaitArgs},
            filter::FilterArgs,
            parallel::ParallelArgs,
            value::{self, Identifier},
        },
        terminal::status,
        workflow::drain::{
            dry_run,
            run::{perform, DrainRun},
            start::{announce_plan, confirm_plan, read},
        },
    },
    clap::ArgGroup,
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
    mut_args(crate::input::drain::shown_shortly),
    group = ArgGroup::new("which").required(true).args(["devices", "all", "location"])
)]
pub struct Args {
    /// The devices
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    devices: Vec<Identifier>,

    /// All devices of a contributor
    #[arg(long, requires = "contributor")]
    all: bool,

    #[command(flatten)]
    drain: DrainArgs,

    #[command(flatten)]
    wait: WaitArgs,

    #[command(flatten)]
    parallel: ParallelArgs,

    /// Send nothing; show what would be done
    ///
    /// And what forbids it, for each device.
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    filter: FilterArgs,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    if context.is_sign_only() && (args.wait.wait || args.wait.timeout.is_some()) {
        return Err(
            CliError::usage("--sign-only sends nothing, so there is nothing to wait for")
                .hint("leave out --wait and --timeout"),
        );
    }
    let WaitArgs { evict, rolling, .. } = args.wait;
    let options = args.drain.options(context.now().await?.time, evict)?;
    let is_chosen = args.devices.is_empty();
    let (targets, found) = read(args.devices, args.filter, context).await?;
    let plan = context.fleet().plan_drain(found, &options);
    let plan = plan.map_err(|error| context.explain_run(error))?;
    let fleet = is_chosen || plan.devices().len() > 1;
    let run = DrainRun {
        options: args.wait.run_options(context.terminal.interactive),
        parallel: args.parallel.into(),
        has_table: fleet && !plan.devices().is_empty(),
    };
    if plan.devices().is_empty() {
        status("no device passes: nothing to drain");
        return perform(context, &targets, plan, run).await;
    }
    if args.dry_run {
        return dry_run::report(context, &targets, plan, fleet).await;
    }
    let is_single = plan.devices().len() == 1 && !evict && !rolling;
    context.require_single(
        is_single,
        "a drain of several devices, --rolling or --evict takes several transactions",
    )?;
    announce_plan(&targets, &plan, rolling, fleet).await;
    confirm_plan(run.options, context, &targets, &plan)?;
    perform(context, &targets, plan, run).await
}
