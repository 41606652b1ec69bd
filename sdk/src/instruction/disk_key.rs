use {
    super::{
        readonly, signer, system_program, writable, writable_signer, EbbInstruction, Expect,
        ShortString,
    },
    crate::{
        error::EbbError,
        pda,
        value::{check_key, check_path},
    },
    borsh::{BorshDeserialize, BorshSerialize},
    solana_program::{instruction::Instruction, pubkey::Pubkey},
};

/// Arguments of [`EbbInstruction::RegisterDiskKey`].
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RegisterDiskKey {
    /// What is believed of the device.
    pub expect: Expect,
    /// The disk's path, unique per device: 1 to 64 bytes.
    pub path: ShortString,
    /// SHA-256 of the key material. Not zero.
    pub commitment: [u8; 32],
}

impl RegisterDiskKey {
    /// # Errors
    /// [`EbbError::InvalidPath`], [`EbbError::InvalidCommitment`]
    pub fn check(&self) -> Result<(), EbbError> {
        check_path(&self.path)?;
        if self.commitment == [0; 32] {
            return Err(EbbError::InvalidCommitment);
        }
        Ok(())
    }
}

/// [`EbbInstruction::RegisterDiskKey`]. `contributor` is `None` if `owner` is the device's agent,
/// else the device's contributor, whose authority `owner` is.
///
/// # Errors
/// As [`RegisterDiskKey::check`].
pub fn register_disk_key(
    program_id: &Pubkey,
    custodian: &Pubkey,
    owner: &Pubkey,
    payer: &Pubkey,
    device: &Pubkey,
    contributor: Option<&Pubkey>,
    args: RegisterDiskKey,
) -> Result<Instruction, EbbError> {
    args.check()?;
    let mut accounts = vec![
        signer(custodian),
        signer(owner),
        writable_signer(payer),
        writable(device),
        writable(&pda::disk_key(program_id, device, &args.path).0),
        system_program(),
    ];
    accounts.extend(contributor.map(readonly));
    Ok(EbbInstruction::RegisterDiskKey(args).build(program_id, accounts))
}

/// [`EbbInstruction::DestroyDiskKey`]. `rent_recipient` is the disk key's recorded payer.
pub fn destroy_disk_key(
    program_id: &Pubkey,
    custodian: &Pubkey,
    device: &Pubkey,
    path: &str,
    rent_recipient: &Pubkey,
    expect: Expect,
) -> Instruction {
    EbbInstruction::DestroyDiskKey(expect).build(
        program_id,
        vec![
            signer(custodian),
            writable(device),
            writable(&pda::disk_key(program_id, device, path).0),
            writable(rent_recipient),
        ],
    )
}

/// [`EbbInstruction::ReassignCustodian`]
///
/// # Errors
/// [`EbbError::InvalidKey`]
pub fn reassign_custodian(
    program_id: &Pubkey,
    authority: &Pubkey,
    device: &Pubkey,
    path: &str,
    custodian: &Pubkey,
    expect: Expect,
) -> Result<Instruction, EbbError> {
    check_key(custodian)?;
    Ok(EbbInstruction::ReassignCustodian {
        expect,
        custodian: *custodian,
    }
    .build(
        program_id,
        vec![
            signer(authority),
            writable(device),
            writable(&pda::disk_key(program_id, device, path).0),
            readonly(&pda::registry(program_id).0),
        ],
    ))
}
