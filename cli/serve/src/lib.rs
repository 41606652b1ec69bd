//! Ebb's devices, what happened to them, and metrics, over HTTP.
//!
//! The ledger is the only truth. A server reads it again and again, keeps what it found in memory, and answers from that:
//! any number of servers may run side by side, and each may be killed at any time.

mod descriptors;
mod http;
pub mod ingest;
mod metrics;
mod server;
pub mod store;
mod view;

pub use {
    http::{openapi, Token},
    server::{Notice, ServeError, ServeOptions, Server, LAST_REQUESTS},
};
