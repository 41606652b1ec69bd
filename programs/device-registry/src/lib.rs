//! The on-chain program: it stores devices and validates every transition of their
//! `provisioning_status` and the signer's authority.
//!
//! Accounts, instructions, errors, events and the lifecycle's rules are defined in [`ebb_sdk`]; this
//! crate checks accounts, asks the rules, writes, and logs one event.

mod account;
mod borrow;
mod credential;
mod entrypoint;
mod event;
mod input;
mod processor;
mod security_txt;
mod sysvar;

#[cfg(all(target_os = "solana", feature = "compiler-builtins"))]
use solana_compiler_builtins as _;
