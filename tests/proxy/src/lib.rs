//! A program that calls another one and signs with an address of its own, as the program of a
//! multisig or a DAO does once its members have agreed.
//!
//! For tests only: nobody has to agree. Its vaults sign whatever anybody asks.

mod call;
mod processor;

pub use call::{call, touch, vault};

use processor::process;

/// The program, compiled.
#[cfg(not(target_os = "solana"))]
pub const ELF: &[u8] = include_bytes!("../ebb_proxy.so");

#[cfg(all(target_os = "solana", feature = "compiler-builtins"))]
use solana_compiler_builtins as _;

solana_program::entrypoint!(process);
