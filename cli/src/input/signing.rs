//! The options of verbs that sign. They may stand before the verb too; only verbs that have a use for them show and
//! take them.

use {
    super::{offline::SIGNING, options::GlobalOptions},
    crate::terminal::Output,
    clap::{
        builder::{PossibleValuesParser, TypedValueParser},
        error::ErrorKind,
        parser::ValueSource,
        Arg, ArgMatches, Args, Command, ValueEnum,
    },
};

/// The options of a verb that sends transactions.
pub fn signing() -> Vec<Arg> {
    shown(|_| true)
}

/// The options of a verb that signs and sends transactions as long as it runs.
#[cfg(feature = "agent")]
pub fn service() -> Vec<Arg> {
    shown(|id| matches!(id, "keypair" | "fee_payer" | "with_compute_unit_price"))
}

/// The options of a verb that asks who signs, and sends no transaction.
pub fn own_key() -> Vec<Arg> {
    shown(|id| matches!(id, "keypair" | "yes"))
}

/// The option of a verb that changes something without a signature.
pub fn confirmation() -> Vec<Arg> {
    shown(|id| id == "yes")
}

/// The signing options that a verb takes.
fn shown(is_taken: impl Fn(&str) -> bool) -> Vec<Arg> {
    let options = copies(|arg| is_signing(arg) && is_taken(arg.get_id().as_str()));
    options.into_iter().map(|arg| arg.hide(false)).collect()
}

fn is_signing(arg: &Arg) -> bool {
    arg.get_help_heading() == Some(SIGNING)
}

/// Copies of global options, for verbs that show them otherwise: a verb's own option goes before the global one.
pub fn copies(is_chosen: impl Fn(&Arg) -> bool) -> Vec<Arg> {
    let options = GlobalOptions::augment_args(Command::new("options"));
    let chosen = options.get_arguments().filter(|arg| is_chosen(arg));
    chosen.cloned().collect()
}

/// `--output` with formats that only this verb has.
pub fn output_with(own: &[Output]) -> Vec<Arg> {
    let formats = Output::value_variants().iter().filter_map(|format| {
        let value = format.to_possible_value()?;
        let is_hidden = value.is_hide_set() && !own.contains(format);
        (!is_hidden).then(|| value.hide(false))
    });
    let parser = PossibleValuesParser::new(formats)
        .try_map(|format| <Output as ValueEnum>::from_str(&format, false));
    let option = copies(|arg| arg.get_id() == "output").into_iter();
    let shown = option.map(|arg| arg.help("Its format").hide_short_help(false));
    shown.map(|arg| arg.value_parser(parser.clone())).collect()
}

/// Fails if an option is given to a verb that has no use for it: one of those that sign, or ask a server.
pub fn check(command: &mut Command, matches: &ArgMatches) -> Result<(), clap::Error> {
    let (mut verb, mut matches) = (command, matches);
    while let Some((name, below)) = matches.subcommand() {
        let Some(found) = verb.find_subcommand_mut(name) else {
            return Ok(());
        };
        (verb, matches) = (found, below);
    }
    let is_given = |arg: &&Arg| {
        let source = matches.value_source(arg.get_id().as_str());
        arg.is_hide_set() && source == Some(ValueSource::CommandLine)
    };
    let given = verb.get_arguments().filter(is_given);
    let (signing, asking): (Vec<&Arg>, Vec<&Arg>) = given.partition(|arg| is_signing(arg));
    if signing.is_empty() && asking.is_empty() {
        return Ok(());
    }
    let is_signing_given = !signing.is_empty();
    let given = if is_signing_given { signing } else { asking };
    let given = given.into_iter().filter_map(Arg::get_long);
    let given: Vec<String> = given.map(|long| format!("--{long}")).collect();
    let name = verb.get_bin_name().unwrap_or_else(|| verb.get_name());
    let is_shown = |id: &str| {
        let mut arguments = verb.get_arguments();
        arguments.any(|arg| arg.get_id() == id && !arg.is_hide_set())
    };
    let why = match is_signing_given {
        true if is_shown("with_compute_unit_price") => "signs and sends as long as it runs",
        true => "signs no transaction",
        false => "asks no server",
    };
    let text = format!("`{name}` {why}: leave out {}", given.join(" and "));
    Err(verb.error(ErrorKind::ArgumentConflict, text))
}
