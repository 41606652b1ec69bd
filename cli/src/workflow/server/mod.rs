//! Reading from a server: `/api/v1` of an `ebb serve`.

mod documents;
mod events;
#[cfg(feature = "serve")]
mod export;
mod history;
mod http;
mod problem;
mod query;
mod reader;
mod watch;

#[cfg(feature = "serve")]
pub use export::export;
pub use http::Server;
