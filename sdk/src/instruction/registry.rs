use {
    super::{readonly, signer, system_program, writable, writable_signer, EbbInstruction},
    crate::{error::EbbError, pda, value::check_key},
    borsh::{BorshDeserialize, BorshSerialize},
    solana_program::{instruction::Instruction, pubkey::Pubkey},
};

/// Arguments of [`EbbInstruction::Initialize`].
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Initialize {
    /// The network operator's key. Not zero.
    pub authority: Pubkey,
    /// The key that reports the health of any device. Not zero.
    pub health_oracle: Pubkey,
    /// Activation and undraining ask for a healthy device, reported by oracle or authority.
    pub require_healthy: bool,
}

impl Initialize {
    /// # Errors
    /// [`EbbError::InvalidKey`]
    pub fn check(&self) -> Result<(), EbbError> {
        check_key(&self.authority)?;
        check_key(&self.health_oracle)
    }
}

/// [`EbbInstruction::Initialize`]
///
/// # Errors
/// As [`Initialize::check`].
pub fn initialize(
    program_id: &Pubkey,
    upgrade_authority: &Pubkey,
    payer: &Pubkey,
    args: Initialize,
) -> Result<Instruction, EbbError> {
    args.check()?;
    Ok(EbbInstruction::Initialize(args).build(
        program_id,
        vec![
            signer(upgrade_authority),
            writable_signer(payer),
            writable(&pda::registry(program_id).0),
            readonly(program_id),
            readonly(&pda::program_data(program_id)),
            system_program(),
        ],
    ))
}

/// [`EbbInstruction::SetPolicy`]
pub fn set_policy(program_id: &Pubkey, authority: &Pubkey, require_healthy: bool) -> Instruction {
    EbbInstruction::SetPolicy { require_healthy }.build(
        program_id,
        vec![signer(authority), writable(&pda::registry(program_id).0)],
    )
}

/// [`EbbInstruction::SetHealthOracle`]
///
/// # Errors
/// [`EbbError::InvalidKey`]
pub fn set_health_oracle(
    program_id: &Pubkey,
    authority: &Pubkey,
    health_oracle: &Pubkey,
) -> Result<Instruction, EbbError> {
    check_key(health_oracle)?;
    Ok(EbbInstruction::SetHealthOracle {
        health_oracle: *health_oracle,
    }
    .build(
        program_id,
        vec![signer(authority), writable(&pda::registry(program_id).0)],
    ))
}

/// [`EbbInstruction::NominateAuthority`]. `None` clears the nomination.
///
/// # Errors
/// [`EbbError::InvalidKey`]
pub fn nominate_authority(
    program_id: &Pubkey,
    authority: &Pubkey,
    nominee: Option<&Pubkey>,
) -> Result<Instruction, EbbError> {
    Ok(EbbInstruction::NominateAuthority {
        nominee: key_or_none(nominee)?,
    }
    .build(
        program_id,
        vec![signer(authority), writable(&pda::registry(program_id).0)],
    ))
}

/// [`EbbInstruction::AcceptAuthority`]
pub fn accept_authority(program_id: &Pubkey, nominee: &Pubkey) -> Instruction {
    EbbInstruction::AcceptAuthority.build(
        program_id,
        vec![signer(nominee), writable(&pda::registry(program_id).0)],
    )
}

/// The zero key on the wire stands for none; a caller that means none says `None`.
pub(super) fn key_or_none(key: Option<&Pubkey>) -> Result<Pubkey, EbbError> {
    match key {
        Some(key) => check_key(key).map(|()| *key),
        None => Ok(Pubkey::default()),
    }
}
