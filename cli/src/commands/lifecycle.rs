//! `ebb lifecycle`

use crate::{
    error::{CliError, Exit},
    input::{options::GlobalOptions, signing::output_with},
    render::lifecycle::print_rules,
    terminal::Output,
};

/// Print the rules of the lifecycle: who may do what, and when
///
/// Every allowed transition, who signs it, and what must hold. They are the very rules that the program enforces. Every other transition is refused. A retiring device also
/// becomes retired by itself, when its last disk key is destroyed.
#[derive(clap::Args, Debug)]
#[command(args = output_with(&[Output::Mermaid, Output::Dot]), after_long_help = "\
Examples:
  ebb lifecycle
  ebb lifecycle --output mermaid
  ebb lifecycle --output dot | dot -Tsvg > lifecycle.svg")]
pub struct Args {}

pub fn run(_: Args, options: &GlobalOptions) -> Result<Exit, CliError> {
    print_rules(options.output)
}
