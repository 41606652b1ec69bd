//! Ebb's devices, what happened to them, and metrics, over HTTP.

pub mod ingest;
pub mod store;
