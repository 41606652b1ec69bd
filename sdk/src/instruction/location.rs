use {
    super::{
        readonly, signer, system_program, writable, writable_signer, EbbInstruction, ShortString,
    },
    crate::{
        error::EbbError,
        pda,
        value::{check_code, check_coordinates, check_country, check_name},
    },
    borsh::{BorshDeserialize, BorshSerialize},
    solana_program::{instruction::Instruction, pubkey::Pubkey},
};

/// Arguments of [`EbbInstruction::CreateLocation`].
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct CreateLocation {
    /// Unique by address.
    pub code: ShortString,
    /// As people call it: 1 to 64 bytes.
    pub name: ShortString,
    /// ISO 3166-1 alpha-2, capital letters.
    pub country: [u8; 2],
    /// Millionths of a degree, north positive.
    pub latitude: i32,
    /// Millionths of a degree, east positive.
    pub longitude: i32,
    /// The disruption budget: the fewest devices to keep activated.
    pub min_activated: u32,
}

impl CreateLocation {
    /// # Errors
    /// [`EbbError::InvalidCode`], [`EbbError::InvalidName`], [`EbbError::InvalidCountry`],
    /// [`EbbError::InvalidCoordinates`]
    pub fn check(&self) -> Result<(), EbbError> {
        check_code(&self.code)?;
        check_name(&self.name)?;
        check_country(&self.country)?;
        check_coordinates(self.latitude, self.longitude)
    }
}

/// [`EbbInstruction::CreateLocation`]
///
/// # Errors
/// As [`CreateLocation::check`].
pub fn create_location(
    program_id: &Pubkey,
    authority: &Pubkey,
    payer: &Pubkey,
    args: CreateLocation,
) -> Result<Instruction, EbbError> {
    args.check()?;
    let location = pda::location(program_id, &args.code).0;
    Ok(EbbInstruction::CreateLocation(args).build(
        program_id,
        vec![
            signer(authority),
            writable_signer(payer),
            writable(&pda::registry(program_id).0),
            writable(&location),
            system_program(),
        ],
    ))
}

/// [`EbbInstruction::SetBudget`]
pub fn set_budget(
    program_id: &Pubkey,
    authority: &Pubkey,
    location: &Pubkey,
    min_activated: u32,
) -> Instruction {
    EbbInstruction::SetBudget { min_activated }.build(
        program_id,
        vec![
            signer(authority),
            writable(location),
            readonly(&pda::registry(program_id).0),
        ],
    )
}
