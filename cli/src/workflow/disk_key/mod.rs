//! Keys between the custodian's store and the chain.

pub mod destruction;
pub mod disk;
pub mod key_source;
pub mod plan;
pub mod store;
pub mod store_error;
