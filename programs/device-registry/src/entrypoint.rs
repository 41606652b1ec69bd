//! The program's entrypoint.

use {crate::processor::process_instruction, pinocchio::entrypoint};

/// The most accounts that an instruction takes. Those beyond are passed over.
const MAX_ACCOUNTS: usize = 7;

entrypoint!(process_instruction, MAX_ACCOUNTS);
