//! The option of the verb that prints diagrams.

use {
    crate::{input::signing, terminal::Output},
    clap::{
        builder::{PossibleValuesParser, TypedValueParser},
        Arg, ValueEnum,
    },
};

/// `--output` with the diagrams, which are values of this verb only.
pub fn output_option() -> Vec<Arg> {
    let formats = Output::value_variants().iter();
    let formats = formats.filter_map(|format| Some(format.to_possible_value()?.hide(false)));
    let parser = PossibleValuesParser::new(formats)
        .try_map(|format| <Output as ValueEnum>::from_str(&format, false));
    let option = signing::copies(|arg| arg.get_id() == "output").into_iter();
    let shown = option.map(|arg| arg.help("Its format").hide_short_help(false));
    shown.map(|arg| arg.value_parser(parser.clone())).collect()
}
