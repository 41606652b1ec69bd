use {
    super::{readonly, signer, system_program, writable, writable_signer, EbbInstruction, Expect},
    crate::{error::EbbError, pda, value::check_key},
    solana_program::{instruction::Instruction, pubkey::Pubkey},
};

/// [`EbbInstruction::OpenSession`]
///
/// # Errors
/// [`EbbError::InvalidKey`]
pub fn open_session(
    program_id: &Pubkey,
    agent: &Pubkey,
    payer: &Pubkey,
    device: &Pubkey,
    user: &Pubkey,
    expect: Expect,
) -> Result<Instruction, EbbError> {
    check_key(user)?;
    Ok(EbbInstruction::OpenSession {
        expect,
        user: *user,
    }
    .build(
        program_id,
        vec![
            signer(agent),
            writable_signer(payer),
            writable(device),
            writable(&pda::session(program_id, device, user).0),
            system_program(),
        ],
    ))
}

/// [`EbbInstruction::CloseSession`]. `rent_recipient` is the session's recorded payer; `credential`
/// is `None` for the agent, else the device's contributor or the registry.
pub fn close_session(
    program_id: &Pubkey,
    closer: &Pubkey,
    device: &Pubkey,
    user: &Pubkey,
    rent_recipient: &Pubkey,
    credential: Option<&Pubkey>,
    expect: Expect,
) -> Instruction {
    let mut accounts = vec![
        signer(closer),
        writable(device),
        writable(&pda::session(program_id, device, user).0),
        writable(rent_recipient),
    ];
    accounts.extend(credential.map(readonly));
    EbbInstruction::CloseSession(expect).build(program_id, accounts)
}
