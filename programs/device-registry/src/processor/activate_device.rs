use {
    super::undrain_device::enter_service,
    crate::{credential, input::Account},
    ebb_sdk::{event::EventKind, instruction::Expect, lifecycle::Action},
    solana_program::{entrypoint::ProgramResult, pubkey::Pubkey},
};

#[inline(never)]
pub fn process(program_id: &Pubkey, accounts: &[Account], expect: &Expect) -> ProgramResult {
    enter_service(
        program_id,
        accounts,
        expect,
        Action::Activate,
        EventKind::DeviceActivated,
        |signer, _, registry| credential::authority(signer, registry),
    )
}
