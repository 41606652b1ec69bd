//! The on-chain program: it stores devices and validates every transition of their
//! `provisioning_status` and the signer's authority.
//!
//! Accounts, instructions, errors, events and the lifecycle's rules are defined in [`ebb_sdk`]; this
//! crate checks accounts, asks the rules, writes, and logs one event.

#![deny(unsafe_code)]

mod account;
mod clock;
mod credential;
mod entrypoint;
mod event;
mod processor;
mod security_txt;

#[cfg(all(target_os = "solana", feature = "compiler-builtins"))]
use solana_compiler_builtins as _;
