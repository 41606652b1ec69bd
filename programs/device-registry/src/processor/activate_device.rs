use {
    super::undrain_device::enter_service,
    crate::credential,
    ebb_sdk::{event::EventKind, instruction::Expect, lifecycle::Action},
    pinocchio::AccountView,
    solana_program::{entrypoint::ProgramResult, pubkey::Pubkey},
};

#[inline(never)]
pub fn process(
    program_id: &Pubkey,
    accounts: &mut [AccountView],
    expect: &Expect,
) -> ProgramResult {
    enter_service(
        program_id,
        accounts,
        &expect.into(),
        Action::Activate,
        EventKind::DeviceActivated,
        |signer, _, registry| credential::authority(signer, registry),
    )
}
