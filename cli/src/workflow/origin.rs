//! Where a verb reads: the ledger itself, or a server of it.

#[cfg(feature = "top")]
use crate::render::top::NamedLedger;
use {
    super::{reader::Reader, server::Server},
    crate::{context::Context, error::CliError, terminal::Format},
};

/// What a verb is run on.
#[derive(Clone, Copy)]
pub enum Origin<'a> {
    /// The ledger.
    Ledger(&'a Context),
    /// A server, which can answer verbs that only read.
    Server(&'a Server),
    /// The ledger, and a server that is compared with it.
    Compared(&'a Context, &'a Server),
}

impl<'a> Origin<'a> {
    /// The ledger.
    ///
    /// # Errors
    /// It is a server.
    pub fn ledger(self) -> Result<&'a Context, CliError> {
        match self {
            Self::Ledger(context) | Self::Compared(context, _) => Ok(context),
            Self::Server(_) => Err(CliError::usage(
                "no server answers this verb: leave out --server",
            )),
        }
    }

    /// The server, where one is named that the verb asks.
    #[cfg(feature = "serve")]
    pub fn server(self) -> Option<&'a Server> {
        match self {
            Self::Ledger(_) => None,
            Self::Server(server) | Self::Compared(_, server) => Some(server),
        }
    }

    /// What is read from.
    pub fn reader(self) -> &'a dyn Reader {
        match self {
            Self::Ledger(context) => context,
            Self::Server(server) | Self::Compared(_, server) => server,
        }
    }

    /// What it is.
    #[cfg(feature = "top")]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Ledger(_) => "ledger",
            Self::Server(_) | Self::Compared(..) => "server",
        }
    }

    /// Which ledger it is, as far as that is known.
    #[cfg(feature = "top")]
    pub async fn named_ledger(self) -> NamedLedger {
        match self {
            Self::Ledger(context) => NamedLedger {
                options: context.given.clone(),
                program_id: Some(context.program_id().to_string()),
                genesis: context.client.ledger().genesis().await.ok(),
            },
            Self::Server(server) | Self::Compared(_, server) => NamedLedger {
                options: server.given.clone(),
                ..NamedLedger::default()
            },
        }
    }

    /// How the result is written.
    pub fn format(self) -> Format {
        match self {
            Self::Ledger(context) | Self::Compared(context, _) => context.into(),
            Self::Server(server) => server.format(),
        }
    }
}
