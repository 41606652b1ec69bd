//! `ebb device import`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::{
            device_row::{DeviceRow, COLUMNS},
            parallel::ParallelArgs,
            source, value,
        },
        workflow::{
            device::{create::ACTION, import::DeviceLines},
            import::import,
        },
    },
    std::path::PathBuf,
};

const EXAMPLES: &str = "\
Examples:
  ebb device import devices.csv

The file:
  code,contributor,location,device_type,public_ip,max_sessions,agent
  ams-dz001,co01,ams,hybrid,195.219.138.50,128,";

/// Register the devices of a CSV file
///
/// Users notice nothing until a device is activated.
///
/// The columns are code, contributor, location, device_type, public_ip, max_sessions and, if you like, agent, separated
/// by commas, semicolons or tabs, in UTF-8 or UTF-16. A bad line is reported and the others go on. Lines whose device
/// exists as written change nothing, so a file may be imported again; the code of a device that is retiring or retired is
/// refused until that is removed. Several devices go into a transaction, and several transactions are in flight at a
/// time. Signed by the contributor.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = EXAMPLES)]
pub struct Args {
    /// The file, or `-` for stdin
    #[arg(value_name = "FILE.csv", value_parser = value::path_parser())]
    file: PathBuf,

    #[command(flatten)]
    parallel: ParallelArgs,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    context.require_single(false, "an import may take several transactions")?;
    let lines = source::read(&args.file, &COLUMNS, DeviceRow::parse)?;
    let program_id = context.program_id();
    let readable = lines.iter().filter_map(|line| line.content.as_ref().ok());
    let devices = readable.map(|row| row.device(program_id)).collect();
    let fleet = context.fleet().parallel(args.parallel.into());
    let run = fleet.import_devices(devices);
    import(context, ACTION, &lines, run, &DeviceLines(context)).await
}
