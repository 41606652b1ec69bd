//! The command line: the verbs, and how errors in it are reported.

pub mod run;
#[cfg(test)]
mod tests;

#[cfg(feature = "agent")]
use crate::commands::agent;
#[cfg(feature = "top")]
use crate::commands::top;
#[cfg(feature = "serve")]
use crate::commands::{history, serve};
use {
    crate::{
        commands::{
            completions, contributor, demo, device, disk_key, init, ledger, lifecycle, location,
            man, program, registry, session,
        },
        input::{
            options::GlobalOptions,
            secret::{has_phrase, shown, KeyArg, REFUSAL},
            server, signing,
        },
        terminal::{Output, Terminal},
    },
    clap::{
        builder::{PossibleValue, Resettable},
        error::{ContextKind, ContextValue, ErrorKind},
        Arg, ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum,
    },
    std::{env, ffi::OsString, time::Duration},
};

/// Takes network devices out of service without cutting anyone off.
///
/// A Solana program holds every device's lifecycle and decides who may move it. With `ebb`, contributors drain a
/// device, watch it empty, and bring it back or retire it.
#[derive(Parser, Debug)]
#[command(name = "ebb", version, arg_required_else_help = true, after_long_help = AFTER_HELP)]
pub struct Cli {
    #[command(flatten)]
    pub options: GlobalOptions,
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Reads the command line. Errors do not repeat a secret that stands there.
    pub fn read() -> Result<Self, clap::Error> {
        Self::parse_args(env::args_os().collect()).map_err(redacted)
    }

    fn parse_args(args: Vec<OsString>) -> Result<Self, clap::Error> {
        let mut command = lenient(command());
        if !args.iter().any(|arg| arg == "--help" || arg == "help") {
            command = with_short_help(command);
        }
        if let Some(width) = Terminal::detect().width {
            command = command.term_width(width);
        }
        if has_phrase(args.iter().cloned()) {
            return Err(command.error(ErrorKind::ValueValidation, REFUSAL));
        }
        let mut matches = command
            .try_get_matches_from_mut(args)
            .map_err(|error| name_invalid_text(error, &mut command))?;
        signing::check(&mut command, &matches)?;
        let keys = named_keys(of_verb(&matches));
        let asks_server = server::is_chosen(of_verb(&matches))
            .map_err(|problem| command.error(ErrorKind::ArgumentConflict, problem))?;
        let mut cli =
            Self::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))?;
        cli.options.named_keys = keys;
        if !asks_server {
            cli.options.server = None;
        }
        Ok(cli)
    }
}

/// The command line as it is parsed, completed and documented.
pub fn command() -> clap::Command {
    with_common_options(Cli::command())
}

/// Short help lists the common options at the verbs, and not at the groups of verbs.
fn with_common_options(command: clap::Command) -> clap::Command {
    if command.has_subcommands() {
        return command.mut_subcommands(with_common_options);
    }
    let is_there = |arg: &Arg| {
        command
            .get_arguments()
            .any(|own| own.get_id() == arg.get_id())
    };
    let common =
        signing::copies(|arg| matches!(arg.get_id().as_str(), "url" | "output") && !is_there(arg));
    command.args(common.into_iter().map(|arg| arg.hide_short_help(false)))
}

/// The same, as its short help is written.
fn with_short_help(command: clap::Command) -> clap::Command {
    if command.has_subcommands() {
        command
            .help_template(SHORT_HELP)
            .mut_subcommands(with_short_help)
    } else {
        fitted(command.mut_args(with_formats_in_text))
    }
}

/// The same; what stands at other verbs too gives way where a verb's own options fill a screen.
fn fitted(command: clap::Command) -> clap::Command {
    let is_own = |arg: &&Arg| arg.get_help_heading().is_none() && !arg.is_hide_short_help_set();
    if command.get_opts().filter(is_own).count() <= MAX_OWN_OPTIONS {
        return command;
    }
    let command = command.mut_args(|arg| {
        let is_common = arg.is_positional() || arg.get_help_heading().is_some();
        let is_hidden = is_common || arg.is_hide_short_help_set();
        arg.hide_short_help(is_hidden)
    });
    command.after_help("Filters, and who signs on which ledger: see --help")
}

/// The same; an option's formats take less room in its text than as clap lists them.
fn with_formats_in_text(arg: Arg) -> Arg {
    if arg.get_id() != "output" {
        return arg;
    }
    let formats = arg.get_possible_values();
    let shown = formats.iter().filter(|format| !format.is_hide_set());
    let names: Vec<&str> = shown.map(PossibleValue::get_name).collect();
    let text = format!("Format: {}", names.join(", "));
    arg.hide_possible_values(true).help(text)
}

/// What was given to the verb. Global options stand there too.
fn of_verb(matches: &ArgMatches) -> &ArgMatches {
    let mut verb = matches;
    while let Some((_, below)) = verb.subcommand() {
        verb = below;
    }
    verb
}

/// The keys that options name, those of the verb too, each with its option.
fn named_keys(verb: &ArgMatches) -> Vec<(String, KeyArg)> {
    let mut keys = vec![];
    for id in verb.ids() {
        let named = verb.try_get_one::<KeyArg>(id.as_str()).ok().flatten();
        let option = || format!("--{}", id.as_str().replace('_', "-"));
        keys.extend(named.map(|key| (option(), key.clone())));
    }
    keys
}

/// The same, without the secrets among the arguments that it repeats.
fn redacted(mut error: clap::Error) -> clap::Error {
    let secrets: Vec<(String, String)> = error
        .context()
        .filter_map(|(_, value)| match value {
            ContextValue::String(text) => Some((text.clone(), shown(text).into_owned())),
            _ => None,
        })
        .filter(|(text, shown)| text != shown)
        .collect();
    if secrets.is_empty() {
        return error;
    }
    error.remove(ContextKind::Suggested);
    let repeated = error.to_string();
    let text = secrets.iter().fold(repeated, |text, (secret, shown)| {
        text.replace(secret, shown)
    });
    clap::Error::raw(error.kind(), text.strip_prefix("error: ").unwrap_or(&text))
}

/// clap does not say which argument or environment variable is not UTF-8.
fn name_invalid_text(error: clap::Error, command: &mut clap::Command) -> clap::Error {
    if error.kind() != ErrorKind::InvalidUtf8 {
        return error;
    }
    match invalid_variable(command).or_else(invalid_argument) {
        Some(what) => command.error(ErrorKind::InvalidUtf8, format!("{what} is not UTF-8")),
        None => error,
    }
}

fn invalid_variable(command: &clap::Command) -> Option<String> {
    let mut names = command.get_arguments().filter_map(clap::Arg::get_env);
    let name = names.find(|name| env::var_os(name).is_some_and(|it| it.to_str().is_none()))?;
    Some(format!("the environment variable {}", name.display()))
}

fn invalid_argument() -> Option<String> {
    let argument = env::args_os().skip(1).find(|it| it.to_str().is_none())?;
    Some(format!("the argument `{}`", argument.display()))
}

/// The same, where a negative number is a value and not an option, and an environment variable that is set to nothing
/// is as good as unset.
fn lenient(command: clap::Command) -> clap::Command {
    let command = command.mut_args(|arg| {
        let variable = arg.get_env().and_then(env::var_os);
        let arg = if variable.is_some_and(|value| value.is_empty()) {
            arg.env(Resettable::Reset)
        } else {
            arg
        };
        if arg.get_action().takes_values() {
            arg.allow_negative_numbers(true)
        } else {
            arg
        }
    });
    command.mut_subcommands(lenient)
}

/// How many options of its own a verb may have beside those of other verbs, for its short help to fit a screen.
const MAX_OWN_OPTIONS: usize = 10;

/// The short help of what has commands lists no options, to fit a screen.
const SHORT_HELP: &str = "\
{about-with-newline}
{usage-heading} {usage}

Commands (`-h` after one explains it, `--help` has more):
{subcommands}";

const AFTER_HELP: &str = "\
Values:
  CODE  a code, as in ams-dz001; anything else is taken for an account's address
  DUR   90s, 30m, 2h, 7d, 1h30m: s, m, h, d and w are seconds, minutes, hours, days and weeks
  TIME  2026-01-02T15:00:00Z, 2026-01-02T16:00:00+01:00, or a DUR from now

Signing:
  Options that say who signs and how (--keypair, --fee-payer, --yes, --sign-only ...) are listed by the verbs that
  sign, and may stand before the verb too.

Exit codes:
  0 done             4 refused by the program    130 Ctrl-C
  1 other failure    5 timed out waiting         143 SIGTERM
  2 usage            6 cluster unreachable       129 SIGHUP
  3 not found";

/// The verbs.
#[derive(Subcommand, Debug)]
pub enum Command {
    #[command(flatten)]
    OnLedger(Box<OnLedger>),
    Lifecycle(lifecycle::Args),
    #[command(subcommand)]
    Ledger(ledger::Command),
    Demo(demo::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// How long most verbs have after a signal to say how things stand.
const GRACE: Duration = Duration::from_millis(100);

impl Command {
    /// How long the verb has after a signal to end by itself.
    pub fn grace(&self) -> Duration {
        match self {
            #[cfg(feature = "agent")]
            Self::OnLedger(verb) if matches!(**verb, OnLedger::Agent(_)) => agent::GRACE,
            #[cfg(feature = "serve")]
            Self::OnLedger(verb) if matches!(**verb, OnLedger::Serve(_)) => serve::GRACE,
            #[cfg(feature = "top")]
            Self::OnLedger(verb) if matches!(**verb, OnLedger::Top(_)) => top::GRACE,
            _ => GRACE,
        }
    }
}

/// The verbs that read or change what is on a ledger.
#[derive(Subcommand, Debug)]
pub enum OnLedger {
    Init(init::Args),
    #[command(subcommand)]
    Program(program::Command),
    #[command(subcommand)]
    Registry(registry::Command),
    #[command(subcommand)]
    Contributor(contributor::Command),
    #[command(subcommand)]
    Location(location::Command),
    #[command(subcommand)]
    Device(device::Command),
    #[command(subcommand)]
    Session(session::Command),
    #[command(subcommand)]
    DiskKey(disk_key::Command),
    #[cfg(feature = "top")]
    Top(top::Args),
    #[cfg(feature = "serve")]
    #[command(subcommand)]
    History(history::Command),
    #[cfg(feature = "serve")]
    Serve(serve::Args),
    #[cfg(feature = "agent")]
    Agent(agent::Args),
}

/// The output format that raw arguments ask for, for errors found before they could be parsed.
pub fn output_of(args: impl Iterator<Item = OsString>) -> Option<Output> {
    let mut args = args.filter_map(|arg| arg.into_string().ok());
    while let Some(arg) = args.next() {
        let value = match arg.strip_prefix("--output") {
            Some("") => args.next(),
            Some(value) => value.strip_prefix('=').map(str::to_owned),
            None => None,
        };
        if let Some(value) = value {
            return Output::from_str(&value, false).ok();
        }
    }
    None
}
