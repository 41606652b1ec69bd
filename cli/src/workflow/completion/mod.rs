//! Candidates for a shell that completes a command line: codes come from the ledger, or from what it held when it was
//! last read. Whatever fails or takes too long, there are no candidates and nothing is printed.

mod cache;
mod codes;
mod detached;
mod kind;

use {
    crate::input::options::GlobalOptions,
    clap::{Arg, Command, FromArgMatches},
    clap_complete::{
        engine::{ArgValueCandidates, ArgValueCompleter, PathCompleter},
        CompleteEnv, CompletionCandidate,
    },
    ebb_sdk::state::{DeviceType, Health, HoldKind, ProvisioningStatus},
    kind::CodeKind,
    std::{env, ffi::OsString, io},
};

/// Names the shell that asks for candidates or, without a command line, for its script.
const SHELL_VARIABLE: &str = "EBB_COMPLETE";

/// Whether a shell asks.
pub fn is_asked() -> bool {
    env::var_os(SHELL_VARIABLE).is_some_and(|shell| !shell.is_empty())
}

/// Makes the command line that is completed.
type Factory = fn() -> Command;

/// Answers the shell. What goes wrong is not for a prompt to show.
pub fn answer(command: Factory) {
    detached::remember(SHELL_VARIABLE);
    let with_candidates = || with_candidates(command(), command);
    let answer = CompleteEnv::with_factory(with_candidates).var(SHELL_VARIABLE);
    let folder = env::current_dir().ok();
    let _ = answer.try_complete(env::args_os(), folder.as_deref());
}

/// Writes the script that makes a shell ask this program.
pub fn write_script(shell: &str, out: &mut impl io::Write) -> io::Result<()> {
    let shells = clap_complete::env::Shells::builtins();
    let shell = shells.completer(shell).ok_or(io::ErrorKind::NotFound)?;
    shell.write_registration(SHELL_VARIABLE, "ebb", "ebb", "ebb", out)
}

/// The command line, with candidates for the values of its arguments.
fn with_candidates(command: Command, factory: Factory) -> Command {
    let command = command.mut_args(|arg| match candidates(&arg, factory) {
        Some(Candidates::Values(values)) => arg.add(values),
        Some(Candidates::Paths(paths)) => arg.add(paths),
        None => arg,
    });
    command.mut_subcommands(|verb| with_candidates(verb, factory))
}

enum Candidates {
    Values(ArgValueCandidates),
    Paths(ArgValueCompleter),
}

/// What an argument's value may be, as far as its name says.
fn candidates(arg: &Arg, factory: Factory) -> Option<Candidates> {
    let values = |names: Vec<&'static str>| {
        let candidates = move || names.iter().map(CompletionCandidate::new).collect();
        Some(Candidates::Values(ArgValueCandidates::new(candidates)))
    };
    let codes = |kind| {
        let candidates = move || {
            known(kind, factory)
                .into_iter()
                .map(CompletionCandidate::new)
                .collect()
        };
        Some(Candidates::Values(ArgValueCandidates::new(candidates)))
    };
    let paths = |paths| Some(Candidates::Paths(ArgValueCompleter::new(paths)));
    match (arg.get_id().as_str(), value_name(arg)) {
        ("device" | "devices", "CODE") => codes(CodeKind::Devices),
        ("contributor", "CODE") => codes(CodeKind::Contributors),
        ("location", "CODE") => codes(CodeKind::Locations),
        (_, "STATUS") => values(ProvisioningStatus::ALL.map(|it| it.as_str()).to_vec()),
        (_, "HEALTH") => values(Health::ALL.map(|it| it.as_str()).to_vec()),
        (_, "TYPE") => values(DeviceType::ALL.map(|it| it.as_str()).to_vec()),
        (_, "KIND") => values(HoldKind::ALL.map(|it| it.as_str()).to_vec()),
        (_, "FILE" | "FILE.csv" | "KEYPAIR") => paths(PathCompleter::file()),
        (_, "DIR") => paths(PathCompleter::dir()),
        _ => None,
    }
}

fn value_name(arg: &Arg) -> &str {
    let names = arg.get_value_names().unwrap_or_default();
    names.first().map_or("", |name| name.as_str())
}

/// The codes on the ledger that the command line names.
fn known(kind: CodeKind, factory: Factory) -> Vec<String> {
    let args: Vec<OsString> = env::args_os()
        .skip_while(|word| word != "--")
        .skip(1)
        .collect();
    let matches = factory().ignore_errors(true).try_get_matches_from(args);
    let options = matches
        .ok()
        .and_then(|matches| GlobalOptions::from_arg_matches(&matches).ok());
    let codes = options.and_then(|options| codes::read(kind, &options));
    codes.unwrap_or_default()
}
