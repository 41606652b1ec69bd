//! Reading from a server: `/api/v1` of an `ebb serve`.

mod documents;
mod events;
mod history;
mod http;
mod problem;
mod query;
mod reader;
mod watch;

pub use http::Server;
