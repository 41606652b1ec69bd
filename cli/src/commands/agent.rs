//! `ebb agent`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::{agent::SettingsArgs, value},
        workflow,
    },
    ebb_agent::LAST_SENDS,
    std::{path::PathBuf, time::Duration},
};

/// How long the agent has after a signal: what its last transactions have, and a little more.
pub const GRACE: Duration = LAST_SENDS.saturating_add(Duration::from_secs(1));

const EXAMPLES: &str = "\
Examples:
  ebb agent --device ams-dz001 --sessions frr --manage --keypair agent.json
  ebb agent --device ams-dz001 --sessions exec:/usr/local/bin/users --keypair agent.json
  ebb agent --file /etc/ebb/agent.toml --keypair /etc/ebb/agent.json";

/// Run beside a device: keep its sessions, see its users off
///
/// It opens a session for each user who is connected and closes those of users who have left. With --manage it asks the
/// peers of a draining device to prefer other ways, waits until traffic has moved, ends the connections, and brings them
/// back after an undrain. Signed by the device's agent. While the ledger is out of reach nothing is changed. It ends with
/// Ctrl-C or SIGTERM and leaves the device as it is.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::service(), after_long_help = EXAMPLES)]
pub struct Args {
    /// A TOML file with the same keys; options win
    #[arg(long, value_name = "FILE", value_parser = value::path_parser())]
    file: Option<PathBuf>,

    #[command(flatten)]
    settings: SettingsArgs,
}

/// Reconciles until a signal ends it.
pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let settings = workflow::agent::settings(args.settings.into(), args.file.as_deref())?;
    workflow::agent::run(settings, context).await
}
