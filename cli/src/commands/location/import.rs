//! `ebb location import`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::{
            location_row::{self, COLUMNS},
            parallel::ParallelArgs,
            source, value,
        },
        workflow::{
            import::import,
            location::{create::ACTION, import::LocationLines},
        },
    },
    std::path::PathBuf,
};

/// Create the locations of a CSV file
///
/// The first line is code,name,country,lat,lng[,min_activated]; semicolons or tabs may stand for the commas. The text is
/// UTF-8 or UTF-16. A line that is wrong or refused is reported by its number and the others go on. What is there already
/// stays, so a file can be imported again.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = "\
Examples:
  ebb location import locations.csv

  code,name,country,lat,lng,min_activated
  ams,Amsterdam,NL,52.3,4.94,1")]
pub struct Args {
    /// The file, or `-` for stdin
    #[arg(value_name = "FILE.csv", value_parser = value::path_parser())]
    file: PathBuf,

    #[command(flatten)]
    parallel: ParallelArgs,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    context.require_single(false, "an import may take several transactions")?;
    let lines = source::read(&args.file, &COLUMNS, location_row::parse)?;
    let readable = lines.iter().filter_map(|line| line.content.as_ref().ok());
    let fleet = context.fleet().parallel(args.parallel.into());
    let run = fleet.import_locations(readable.cloned().collect());
    import(context, ACTION, &lines, run, &LocationLines(context)).await
}
