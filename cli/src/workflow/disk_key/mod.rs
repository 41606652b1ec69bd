//! Keys between the custodian's store and the chain.

pub mod destroy;
pub mod destruction;
pub mod disk;
pub mod export;
pub mod key_source;
pub mod list;
pub mod plan;
pub mod reassign;
pub mod register;
pub mod store;
pub mod store_error;
