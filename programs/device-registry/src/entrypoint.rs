//! The program's entrypoint: as the `entrypoint!` macro's, but it leaves the accounts undropped.

use {
    crate::process_instruction,
    core::mem::ManuallyDrop,
    solana_program::{
        custom_heap_default, custom_panic_default,
        entrypoint::{deserialize, SUCCESS},
    },
};

/// # Safety
/// `input` is the serialised input that the loader hands to a program.
#[no_mangle]
pub unsafe extern "C" fn entrypoint(input: *mut u8) -> u64 {
    // SAFETY: the loader's contract.
    let (program_id, accounts, data) = unsafe { deserialize(input) };
    // The heap goes with the invocation, and dropping the accounts one by one costs compute.
    let accounts = ManuallyDrop::new(accounts);
    match process_instruction(program_id, &accounts, data) {
        Ok(()) => SUCCESS,
        Err(error) => error.into(),
    }
}

custom_heap_default!();
custom_panic_default!();
