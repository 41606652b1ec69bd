//! The command line: the verbs, and how errors in it are reported.

use {
    super::{
        completions, contributor, demo, device, disk_key, init, ledger, lifecycle, location, man,
        program, registry, session,
    },
    crate::{
        input::{
            options::GlobalOptions,
            secret::{has_phrase, shown, KeyArg, REFUSAL},
        },
        terminal::{Output, Terminal},
    },
    clap::{
        builder::Resettable,
        error::{ContextKind, ContextValue, ErrorKind},
        ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum,
    },
    std::{env, ffi::OsString},
};

/// Takes network devices out of service without cutting anyone off.
///
/// A Solana program holds every device's lifecycle and decides who may move it. With `ebb`, contributors drain a
/// device, watch it empty, and bring it back or retire it.
#[derive(Parser, Debug)]
#[command(name = "ebb", version, arg_required_else_help = true, after_help = AFTER_HELP)]
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
        let mut command = forgiving(Self::command());
        if let Some(width) = Terminal::detect().width {
            command = command.term_width(width);
        }
        if has_phrase(args.iter().cloned()) {
            return Err(command.error(ErrorKind::ValueValidation, REFUSAL));
        }
        let mut matches = command
            .try_get_matches_from_mut(args)
            .map_err(|error| name_invalid_text(error, &mut command))?;
        let keys = named_keys(&matches);
        let mut cli =
            Self::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))?;
        cli.options.named_keys = keys;
        Ok(cli)
    }
}

/// The keys that options name, those of the verb too, each with its option.
fn named_keys(matches: &ArgMatches) -> Vec<(String, KeyArg)> {
    let mut keys = vec![];
    let mut matches = Some(matches);
    let mut verb = None;
    // Global options stand at the verb too.
    while let Some(at) = matches {
        verb = Some(at);
        matches = at.subcommand().map(|(_, at)| at);
    }
    let Some(verb) = verb else { return keys };
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
fn forgiving(command: clap::Command) -> clap::Command {
    let command = command.mut_args(|arg| {
        let variable = arg.get_env().and_then(env::var_os);
        let arg = match variable.is_some_and(|value| value.is_empty()) {
            true => arg.env(Resettable::Reset),
            false => arg,
        };
        match arg.get_action().takes_values() {
            true => arg.allow_negative_numbers(true),
            false => arg,
        }
    });
    command.mut_subcommands(forgiving)
}

const AFTER_HELP: &str = "\
Values:
  CODE  a code, as in ams-dz001; anything else is taken for an account's address
  DUR   90s, 30m, 2h, 7d, 1h30m: s, m, h, d and w are seconds, minutes, hours, days and weeks
  TIME  2026-01-02T15:00:00Z, 2026-01-02T16:00:00+01:00, or a DUR from now

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

#[cfg(test)]
mod tests {
    use {super::*, clap::CommandFactory};

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    /// The words up to every option and positional argument that takes a value.
    fn places(command: &clap::Command, words: &[String], found: &mut Vec<Vec<String>>) {
        for arg in command.get_arguments() {
            if arg.get_action().takes_values() {
                let option = arg.get_long().map(|name| format!("--{name}"));
                found.push(words.iter().cloned().chain(option).collect());
            }
        }
        for verb in command.get_subcommands() {
            let words = [words, &[verb.get_name().to_owned()]].concat();
            places(verb, &words, found);
        }
    }

    #[test]
    fn no_usage_error_repeats_a_secret() {
        const PIECE: usize = 8;
        let key = solana_sdk::signature::Keypair::new();
        let secrets = [
            key.to_base58_string(),
            format!("{:?}", key.to_bytes()),
            "pill tomorrow foster begin walnut borrow virtual kick shift mutual".to_owned(),
            "htps://S3cretUser:S3cretWord@host/S3cretPath?key=S3cretKey".to_owned(),
        ];
        let mut command = Cli::command();
        command.build();
        let mut found = vec![];
        places(&command, &["ebb".to_owned()], &mut found);
        assert!(found.len() > 100, "{}", found.len());
        for (words, secret) in found
            .iter()
            .flat_map(|words| secrets.iter().map(move |secret| (words, secret)))
        {
            let args = words.iter().chain([secret]).map(OsString::from).collect();
            let Err(error) = Cli::parse_args(args).map_err(redacted) else {
                continue;
            };
            let text = error.to_string().replace("htps://host", "");
            for at in 0..=secret.len() - PIECE {
                let piece = &secret[at..at + PIECE];
                assert!(!text.contains(piece), "{words:?}: {piece} in {text}");
            }
        }
    }

    #[test]
    fn the_keys_that_options_name_are_known_with_their_options() {
        let named = |text: &str| {
            let args = text.split(' ').map(OsString::from).collect();
            let cli = Cli::parse_args(args).unwrap();
            let mut named: Vec<_> = cli
                .options
                .named_keys
                .iter()
                .map(|it| it.0.clone())
                .collect();
            named.sort();
            named
        };
        assert_eq!(
            named("ebb -k a --fee-payer b disk-key register ams sda --custodian c --owner d"),
            ["--custodian", "--fee-payer", "--keypair", "--owner"]
        );
        assert_eq!(
            named("ebb device set-agent ams EBBpwAwPHD5dSWgKQU9PBqwek1UcTLtHUcidJRquxpic --old-agent a --nonce-authority b"),
            ["--nonce-authority", "--old-agent"]
        );
    }

    #[test]
    fn every_verb_takes_yes() {
        fn check(command: &clap::Command, verbs: &mut usize) {
            let verbs_below = command.get_subcommands();
            for verb in verbs_below.filter(|verb| verb.get_name() != "help") {
                check(verb, verbs);
            }
            if command.has_subcommands() {
                return;
            }
            *verbs += 1;
            let yes = command.get_arguments().find(|arg| arg.get_id() == "yes");
            let yes = yes.map(|arg| (arg.get_short(), arg.get_long()));
            let name = command.get_bin_name();
            assert_eq!(yes, Some((Some('y'), Some("yes"))), "{name:?}");
        }
        let mut command = Cli::command();
        command.build();
        let mut verbs = 0;
        check(&command, &mut verbs);
        assert!(verbs > 45, "{verbs}");
    }

    #[test]
    fn the_output_format_is_found_in_raw_arguments() {
        let output = |args: &[&str]| output_of(args.iter().map(OsString::from));
        assert_eq!(output(&["device", "--output", "json"]), Some(Output::Json));
        assert_eq!(
            output(&["--output=json-compact"]),
            Some(Output::JsonCompact)
        );
        assert_eq!(output(&["--output-x", "json"]), None);
        assert_eq!(output(&["--output"]), None);
    }
}
