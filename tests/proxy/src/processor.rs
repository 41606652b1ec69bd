use {
    crate::call::{seeds, vault, Call, TOUCH},
    solana_program::{
        account_info::AccountInfo,
        entrypoint::ProgramResult,
        instruction::{AccountMeta, Instruction},
        log::sol_log_data,
        program::{invoke, invoke_signed},
        program_error::ProgramError,
        pubkey::Pubkey,
    },
};

pub fn process(program_id: &Pubkey, accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
    if let [TOUCH, addend] = data {
        return touch(accounts, *addend);
    }
    let call = Call::unpack(data).ok_or(ProgramError::InvalidInstructionData)?;
    let (callee, passed) = accounts
        .split_first()
        .ok_or(ProgramError::NotEnoughAccountKeys)?;

    log(call.log);
    match call.vault {
        None => invoke(&instruction(callee, passed, call.data, None), passed)?,
        Some(number) => {
            let (address, bump) = vault(program_id, number);
            let [seed, number] = seeds(&number);
            let signed = instruction(callee, passed, call.data, Some(&address));
            invoke_signed(&signed, passed, &[&[seed, number, &[bump]]])?;
        }
    }
    log(call.log);
    Ok(())
}

/// Adds to the first byte of an account's data. A runtime that maps read-only data as such refuses even
/// to add 0; one that compares afterwards finds that nothing changed.
fn touch(accounts: &[AccountInfo], addend: u8) -> ProgramResult {
    let account = accounts.first().ok_or(ProgramError::NotEnoughAccountKeys)?;
    let mut data = account.try_borrow_mut_data()?;
    let first = data.first_mut().ok_or(ProgramError::AccountDataTooSmall)?;
    *first = first.wrapping_add(addend);
    Ok(())
}

fn log(bytes: &[u8]) {
    if !bytes.is_empty() {
        sol_log_data(&[bytes]);
    }
}

/// The instruction as this program passes it on: with the vault as one more signer.
fn instruction(
    callee: &AccountInfo,
    passed: &[AccountInfo],
    data: &[u8],
    vault: Option<&Pubkey>,
) -> Instruction {
    let meta = |account: &AccountInfo| AccountMeta {
        pubkey: *account.key,
        is_signer: account.is_signer || vault == Some(account.key),
        is_writable: account.is_writable,
    };
    Instruction::new_with_bytes(*callee.key, data, passed.iter().map(meta).collect())
}
