//! The SDK's RPC client on a validator that all of these tests share.

mod deploy;
mod instructions;
mod lists;
mod proxy;
mod refusals;
mod sends;
mod shared;
mod verify;

pub use shared::{shared, Shared, NEWER};
