//! The compiled program.
//!
//! It is the committed build, unless `EBB_ELF` named another file when this crate was compiled.

/// The program's file on the machine that compiled this crate.
pub const PROGRAM_FILE: &str = env!("EBB_PROGRAM_FILE");

/// The program.
pub const PROGRAM_ELF: &[u8] = include_bytes!(env!("EBB_PROGRAM_FILE"));
