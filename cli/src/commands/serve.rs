//! `ebb serve`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::{store::HistoryArgs, token, value},
        stop::stopped,
        terminal::status,
        workflow::serve::{report, site},
    },
    ebb_serve::{ServeOptions, Server, Token, LAST_REQUESTS},
    std::{cell::Cell, net::SocketAddr, path::PathBuf, time::Duration},
};

/// How long the server has after a signal: what its last requests have, and a little more.
pub const GRACE: Duration = LAST_REQUESTS.saturating_add(Duration::from_secs(1));

const EXAMPLES: &str = "\
Examples:
  ebb serve
  curl 'http://127.0.0.1:8080/api/v1/devices?status=draining'
  ebb serve --listen 0.0.0.0:8080 --token-file /etc/ebb/token
  curl -N http://127.0.0.1:8080/api/v1/watch";

/// Serve devices, their changes and metrics over HTTP
///
/// Controllers, monitoring and people read from it; it reads the ledger, which alone is the truth. Any number of servers
/// may run side by side. Signed transactions of this program are relayed; no key is read. It ends with Ctrl-C or SIGTERM.
#[derive(clap::Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct Args {
    /// Where to listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,

    /// A file with the token that requests must carry
    ///
    /// They carry it as `Authorization: Bearer TOKEN`.
    #[arg(long, value_name = "FILE", value_parser = value::path_parser())]
    token_file: Option<PathBuf>,

    /// From which lag on /readyz is 503
    ///
    /// How far what is served may be behind the ledger.
    #[arg(long, value_name = "DUR", default_value = "1m", value_parser = value::duration)]
    max_lag: Duration,

    /// How often to read the ledger at least
    ///
    /// While the ledger reports changes by itself, once a minute is enough.
    #[arg(long, value_name = "DUR", default_value = "1s", value_parser = value::duration)]
    interval: Duration,

    /// Devices with metrics of their own
    #[arg(long, value_name = "N", default_value = "20000", value_parser = value::number)]
    device_series: u32,

    /// Changes kept for slow streams
    ///
    /// And for those that go on where they were.
    #[arg(long, value_name = "N", default_value = "20000", value_parser = value::number)]
    kept_changes: u32,

    #[command(flatten)]
    store: HistoryArgs,

    /// Keep no history
    #[arg(long)]
    no_history: bool,
}

/// Serves until a signal ends it.
pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let token = args.token_file.as_deref();
    let token = token.map(|file| token::read("--token-file", file));
    let token = token.transpose()?.map(|token| Token::new(&token));
    let is_open = token.is_none() && !args.listen.ip().is_loopback();
    let options = ServeOptions {
        listen: args.listen,
        token,
        max_lag: args.max_lag,
        interval: args.interval,
        device_series: usize::try_from(args.device_series).unwrap_or(usize::MAX),
        kept_changes: usize::try_from(args.kept_changes).unwrap_or(usize::MAX),
        ledger_options: context.ledger_options(),
        history: (!args.no_history).then(|| site(&args.store)).flatten(),
        ..ServeOptions::default()
    };
    let server = Server::bind(context.client.clone(), options).await?;
    let address = server.address();
    status(format_args!("serving on http://{address}"));
    if is_open {
        status(format_args!(
            "warning: whoever reaches {address} reads all of it and sends transactions through it; --token-file asks for \
             a token"
        ));
    }
    let ended_by = Cell::new(None);
    let shutdown = async { ended_by.set(Some(stopped().await)) };
    server.run(shutdown, report).await?;
    match ended_by.get() {
        Some(signal) => Err(CliError::interrupted(signal)),
        None => Ok(Exit::DONE),
    }
}
