//! The options of an agent.

use {
    super::value,
    clap::ValueEnum,
    ebb_agent::config::{self, DeviceName, Servers, Sessions, Settings},
    std::{net::SocketAddr, path::PathBuf, time::Duration},
};

/// What an agent's file may say too, under the same keys.
#[derive(clap::Args, Clone, Debug)]
pub struct SettingsArgs {
    /// The device
    #[arg(long, value_name = "CODE", value_parser = parsed::<DeviceName>)]
    device: Option<DeviceName>,

    /// Where its users are seen
    ///
    /// frr[:FOLDER], bird[:SOCKET], haproxy:SOCKET, exec:PROGRAM that prints a user a line, or api:SOCKET to which the
    /// device's software puts them.
    #[arg(long, value_name = "PROVIDER", value_parser = parsed::<Sessions>)]
    sessions: Option<Sessions>,

    /// Change its routes' preference and neighbors too
    #[arg(long)]
    manage: bool,

    /// The file that the agent writes for BIRD
    ///
    /// BIRD's configuration includes it. Defaults to /etc/bird/ebb/ebb.conf.
    #[arg(long, hide_short_help = true, value_name = "FILE", value_parser = value::path_parser())]
    bird_include: Option<PathBuf>,

    /// The servers behind HAProxy that are the device
    ///
    /// BACKEND/SERVER, or several with commas between.
    #[arg(long, hide_short_help = true, value_name = "SERVERS", value_parser = parsed::<Servers>)]
    haproxy_servers: Option<Servers>,

    /// How long traffic has to move at least [default: 1m]
    #[arg(long, hide_short_help = true, value_name = "DUR", value_parser = value::duration)]
    converge: Option<Duration>,

    /// Up to how many packets a second count as none [default: 0]
    #[arg(long, hide_short_help = true, value_name = "N", value_parser = value::number)]
    idle_rate: Option<u32>,

    /// How often to look at the device [default: 2s]
    #[arg(long, hide_short_help = true, value_name = "DUR", value_parser = value::duration)]
    interval: Option<Duration>,

    /// How many absences in a row close a session [default: 5]
    ///
    /// A look that fails is none, and begins the row anew.
    #[arg(long, hide_short_help = true, value_name = "N", value_parser = value::number)]
    absences: Option<u32>,

    /// A program to run when the device changes
    ///
    /// On the ledger. It has the device's JSON on stdin, EBB_EVENT and EBB_EVENT_ID. Until it ends with 0 it runs again.
    #[arg(long, value_name = "PROGRAM", value_parser = value::path_parser())]
    hook: Option<PathBuf>,

    /// A program whose exit code is reported as health
    ///
    /// 0 is healthy, any other unhealthy.
    #[arg(long, value_name = "PROGRAM", value_parser = value::path_parser())]
    health_check: Option<PathBuf>,

    /// How often to run it [default: 30s]
    #[arg(long, hide_short_help = true, value_name = "DUR", value_parser = value::duration)]
    health_interval: Option<Duration>,

    /// Where to serve /metrics, /healthz and /readyz
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,

    /// Where the agent keeps its state
    ///
    /// Defaults to $STATE_DIRECTORY, else to the user's data directory.
    #[arg(long, hide_short_help = true, value_name = "DIR", value_parser = value::path_parser())]
    state_directory: Option<PathBuf>,

    /// How to write what happens [default: text]
    #[arg(
        long,
        hide_short_help = true,
        value_name = "FORMAT",
        hide_possible_values = true
    )]
    log: Option<LogFormat>,
}

/// How to write what happens: text or json.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

impl From<SettingsArgs> for Settings {
    fn from(args: SettingsArgs) -> Self {
        Self {
            device: args.device,
            sessions: args.sessions,
            // Without the flag, the file decides.
            manage: args.manage.then_some(true),
            bird_include: args.bird_include,
            haproxy_servers: args.haproxy_servers,
            converge: args.converge,
            idle_rate: args.idle_rate,
            interval: args.interval,
            absences: args.absences,
            hook: args.hook,
            health_check: args.health_check,
            health_interval: args.health_interval,
            listen: args.listen,
            state_directory: args.state_directory,
            log: args.log.map(|format| match format {
                LogFormat::Text => config::LogFormat::Text,
                LogFormat::Json => config::LogFormat::Json,
            }),
        }
    }
}

fn parsed<T: std::str::FromStr<Err = String>>(text: &str) -> Result<T, String> {
    text.trim().parse()
}
