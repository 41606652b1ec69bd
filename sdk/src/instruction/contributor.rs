use {
    super::{
        readonly, registry::key_or_none, signer, system_program, writable, writable_signer,
        EbbInstruction, ShortString,
    },
    crate::{
        error::EbbError,
        pda,
        value::{check_code, check_key},
    },
    borsh::{BorshDeserialize, BorshSerialize},
    solana_program::{instruction::Instruction, pubkey::Pubkey},
};

/// Arguments of [`EbbInstruction::CreateContributor`].
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct CreateContributor {
    /// Unique by address.
    pub code: ShortString,
    /// The key that signs for the contributor. Not zero.
    pub authority: Pubkey,
}

impl CreateContributor {
    /// # Errors
    /// [`EbbError::InvalidCode`], [`EbbError::InvalidKey`]
    pub fn check(&self) -> Result<(), EbbError> {
        check_code(&self.code)?;
        check_key(&self.authority)
    }
}

/// [`EbbInstruction::CreateContributor`]
///
/// # Errors
/// As [`CreateContributor::check`].
pub fn create_contributor(
    program_id: &Pubkey,
    authority: &Pubkey,
    payer: &Pubkey,
    args: CreateContributor,
) -> Result<Instruction, EbbError> {
    args.check()?;
    let contributor = pda::contributor(program_id, &args.code).0;
    Ok(EbbInstruction::CreateContributor(args).build(
        program_id,
        vec![
            signer(authority),
            writable_signer(payer),
            writable(&pda::registry(program_id).0),
            writable(&contributor),
            system_program(),
        ],
    ))
}

/// [`EbbInstruction::SuspendContributor`]
pub fn suspend_contributor(
    program_id: &Pubkey,
    authority: &Pubkey,
    contributor: &Pubkey,
) -> Instruction {
    EbbInstruction::SuspendContributor.build(
        program_id,
        vec![
            signer(authority),
            writable(contributor),
            readonly(&pda::registry(program_id).0),
        ],
    )
}

/// [`EbbInstruction::ResumeContributor`]
pub fn resume_contributor(
    program_id: &Pubkey,
    authority: &Pubkey,
    contributor: &Pubkey,
) -> Instruction {
    EbbInstruction::ResumeContributor.build(
        program_id,
        vec![
            signer(authority),
            writable(contributor),
            readonly(&pda::registry(program_id).0),
        ],
    )
}

/// [`EbbInstruction::SetOperator`]. `None` clears it.
///
/// # Errors
/// [`EbbError::InvalidKey`]
pub fn set_operator(
    program_id: &Pubkey,
    authority: &Pubkey,
    contributor: &Pubkey,
    operator: Option<&Pubkey>,
) -> Result<Instruction, EbbError> {
    Ok(EbbInstruction::SetOperator {
        operator: key_or_none(operator)?,
    }
    .build(program_id, vec![signer(authority), writable(contributor)]))
}

/// [`EbbInstruction::NominateContributorAuthority`]. `None` clears the nomination.
///
/// `credential` is the contributor itself or the registry.
///
/// # Errors
/// [`EbbError::InvalidKey`]
pub fn nominate_contributor_authority(
    program_id: &Pubkey,
    authority: &Pubkey,
    contributor: &Pubkey,
    credential: &Pubkey,
    nominee: Option<&Pubkey>,
) -> Result<Instruction, EbbError> {
    Ok(EbbInstruction::NominateContributorAuthority {
        nominee: key_or_none(nominee)?,
    }
    .build(
        program_id,
        vec![
            signer(authority),
            writable(contributor),
            readonly(credential),
        ],
    ))
}

/// [`EbbInstruction::AcceptContributorAuthority`]
pub fn accept_contributor_authority(
    program_id: &Pubkey,
    nominee: &Pubkey,
    contributor: &Pubkey,
) -> Instruction {
    EbbInstruction::AcceptContributorAuthority
        .build(program_id, vec![signer(nominee), writable(contributor)])
}
