//! The options of a drain.

use {
    crate::{
        error::CliError,
        input::value::{self, Time},
    },
    clap::Arg,
    ebb_sdk::{
        fleet::{DrainOptions, RunOptions},
        EbbError,
    },
    std::time::Duration,
};

/// What a drain is started with, or what is changed of one that runs.
#[derive(clap::Args, Clone, Debug)]
pub struct DrainArgs {
    /// Why, for all to read: up to 64 bytes
    #[arg(long, value_name = "TEXT", value_parser = value::drain_reason)]
    reason: Option<String>,

    /// How long users have to leave [default: 1h]
    ///
    /// At least 60s, at most 365d.
    #[arg(long, value_name = "DUR", allow_hyphen_values = true, value_parser = value::deadline, conflicts_with = "no_deadline")]
    deadline: Option<u32>,

    /// Never evict: users have all the time they need
    #[arg(long, hide_short_help = true)]
    no_deadline: bool,

    /// When it is planned to be back: at most 365d ahead
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, value_parser = value::time)]
    until: Option<Time>,

    /// As the authority, pass live holds and the budget
    #[arg(long)]
    force: bool,

    /// Release every hold that you may, with the drain
    ///
    /// The drain starts in the same transaction.
    #[arg(long, conflicts_with_all = ["force", "update"])]
    release_holds: bool,

    /// Change the deadline, reason or return of a drain
    ///
    /// What is not given stays.
    #[arg(long, conflicts_with = "force")]
    update: bool,
}

/// Whether to wait for drains, and how.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct WaitArgs {
    /// Wait, and evict what is left at the deadline
    #[arg(long, conflicts_with = "detach")]
    pub evict: bool,

    /// Wait until drained; the default on a terminal
    #[arg(long, conflicts_with = "detach")]
    pub wait: bool,

    /// Return at once; the default off a terminal
    #[arg(long, hide_short_help = true)]
    pub detach: bool,

    /// How long to wait at most; the drain goes on after it
    #[arg(long, hide_short_help = true, value_name = "DUR", allow_hyphen_values = true, value_parser = value::duration, conflicts_with = "detach")]
    pub timeout: Option<Duration>,

    /// Start a device only when an earlier one is drained
    #[arg(long, conflicts_with_all = ["detach", "update", "dry_run"])]
    pub rolling: bool,

    /// How many devices drain at a time, with --rolling
    #[arg(
        long,
        value_name = "N",
        requires = "rolling",
        default_value = "1",
        value_parser = value::parallel
    )]
    pub max_parallel: u16,
}

/// An option of a drain as short help has it, which leaves out what fewer drains take.
pub fn shown_shortly(arg: Arg) -> Arg {
    let is_seldom = matches!(
        arg.get_id().as_str(),
        "status"
            | "without_status"
            | "health"
            | "draining_longer_than"
            | "overdue"
            | "blocked"
            | "parallel"
            | "max_parallel"
    );
    let is_hidden = is_seldom || arg.is_hide_short_help_set();
    arg.hide_short_help(is_hidden)
}

impl DrainArgs {
    /// What is asked for; `now` is the chain's time in Unix seconds.
    ///
    /// # Errors
    /// The program would refuse a value.
    pub fn options(&self, now: i64, evict: bool) -> Result<DrainOptions, CliError> {
        let deadline_seconds = if self.no_deadline {
            Some(0)
        } else {
            self.deadline
        };
        let until_seconds = self
            .until
            .map(|until| value::seconds_until(until, now))
            .transpose()
            .map_err(|error| CliError::usage(format!("--until: {error}")))?;
        check(DrainOptions {
            reason: self.reason.clone(),
            deadline_seconds,
            until_seconds,
            force: self.force,
            release_holds: self.release_holds,
            update: self.update,
            evict,
        })
    }
}

/// Checks the values as the program would, before anything is read or sent.
fn check(options: DrainOptions) -> Result<DrainOptions, CliError> {
    match options.check() {
        Err(EbbError::NothingToChange) => {
            Err(CliError::usage("--update: nothing to change is named")
                .hint("name what to change: --deadline, --no-deadline, --until or --reason"))
        }
        checked => Ok(checked.map(|()| options)?),
    }
}

impl WaitArgs {
    /// How the drains are run; on a terminal they are waited for unless an option says otherwise.
    pub fn run_options(&self, is_interactive: bool) -> RunOptions {
        let is_named = self.wait || self.evict || self.timeout.is_some();
        RunOptions {
            wait: !self.detach && (is_named || is_interactive),
            timeout: self.timeout,
            rolling: self.rolling.then_some(self.max_parallel.into()),
        }
    }
}
