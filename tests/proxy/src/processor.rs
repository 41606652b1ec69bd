use {
    crate::call::{seeds, vault, Call},
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
