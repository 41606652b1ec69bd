use {
    super::{readonly, signer, writable, EbbInstruction, Expect, ShortString},
    crate::{
        error::EbbError,
        state::{CheckedHoldReason, HoldKind, HoldReason},
        value::check_hold_duration,
    },
    borsh::{BorshDeserialize, BorshSerialize},
    solana_program::{instruction::Instruction, pubkey::Pubkey},
};

/// In place of a hold's id, which is never 0: every hold that the signer may release.
pub const ALL_HOLDS: u32 = 0;

/// Arguments of [`EbbInstruction::PlaceHold`].
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct PlaceHold {
    /// What is believed of the device.
    pub expect: Expect,
    /// What it blocks. Not [`HoldKind::None`].
    pub kind: HoldKind,
    /// How long, in seconds: 1 to 7 days.
    pub duration_seconds: u32,
    /// Why: up to 32 bytes.
    pub reason: ShortString,
}

impl PlaceHold {
    /// The reason, checked.
    ///
    /// # Errors
    /// [`EbbError::InvalidInstruction`] for no kind, [`EbbError::InvalidDuration`],
    /// [`EbbError::DurationTooLong`], [`EbbError::InvalidReason`]
    pub fn check(&self) -> Result<CheckedHoldReason<'_>, EbbError> {
        if self.kind == HoldKind::None {
            return Err(EbbError::InvalidInstruction);
        }
        check_hold_duration(self.duration_seconds)?;
        HoldReason::checked(&self.reason)
    }
}

/// [`EbbInstruction::PlaceHold`]. `credential` is `None` for the agent, else the device's
/// contributor or the registry.
///
/// # Errors
/// As [`PlaceHold::check`].
pub fn place_hold(
    program_id: &Pubkey,
    placer: &Pubkey,
    device: &Pubkey,
    credential: Option<&Pubkey>,
    args: PlaceHold,
) -> Result<Instruction, EbbError> {
    args.check()?;
    let mut accounts = vec![signer(placer), writable(device)];
    accounts.extend(credential.map(readonly));
    Ok(EbbInstruction::PlaceHold(args).build(program_id, accounts))
}

/// [`EbbInstruction::ReleaseHold`]. `credential` is `None` for the agent, else the device's
/// contributor or the registry. Before a drain in the same transaction, [`ALL_HOLDS`] leaves nobody
/// the time to place another.
pub fn release_hold(
    program_id: &Pubkey,
    releaser: &Pubkey,
    device: &Pubkey,
    credential: Option<&Pubkey>,
    id: u32,
    expect: Expect,
) -> Instruction {
    let mut accounts = vec![signer(releaser), writable(device)];
    accounts.extend(credential.map(readonly));
    EbbInstruction::ReleaseHold { expect, id }.build(program_id, accounts)
}
