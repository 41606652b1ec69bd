//! The program on the ledger.

pub mod deploy;
