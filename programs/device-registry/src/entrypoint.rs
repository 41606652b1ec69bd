//! The program's entrypoint.

use {
    crate::{
        input::{Input, MAX_ACCOUNTS},
        processor::process_instruction,
    },
    core::mem::MaybeUninit,
    solana_program::{custom_heap_default, custom_panic_default, entrypoint::SUCCESS},
};

/// # Safety
/// `input` is the serialised input that the loader hands to a program.
#[no_mangle]
pub unsafe extern "C" fn entrypoint(input: *mut u8) -> u64 {
    let mut places = [MaybeUninit::uninit(); MAX_ACCOUNTS];
    // SAFETY: the loader's contract. It calls once for each input, and the input outlives the call.
    let input = unsafe { Input::read(input, &mut places) };
    match process_instruction(input.program_id, input.accounts, input.data) {
        Ok(()) => SUCCESS,
        Err(error) => error.into(),
    }
}

custom_heap_default!();
custom_panic_default!();
