//! `ebb history import`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::{store::HistoryArgs, value},
        render::{self, ImportView},
        workflow::history::{lines, lock, open},
    },
    ebb_serve::store::import,
    std::path::PathBuf,
};

/// Take over the history that `ebb history export` printed
///
/// What the store has already changes nothing, so lines can be imported again. They must be of this ledger and program. A
/// server that writes to the store must be stopped first; it goes on from there.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "\
Examples:
  ebb history import history.jsonl
  zstd -dc history.jsonl.zst | ebb history import -")]
pub struct Args {
    /// The file, or `-` for stdin
    #[arg(value_name = "FILE", value_parser = value::path_parser())]
    file: PathBuf,

    #[command(flatten)]
    store: HistoryArgs,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let mut lines = lines(&args.file)?;
    let store = open(context, &args.store).await?;
    let mut writer = lock(&store).await?;
    let imported = import(&store, &mut writer, &mut lines).await;
    let imported = imported.map_err(|error| CliError::from(error).at(args.file.display()))?;
    writer.close().await;
    let view = ImportView {
        events: imported.events,
        new: imported.new,
    };
    render::show(context, &view)
}
