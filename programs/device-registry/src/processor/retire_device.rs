use {
    super::transition::{enter, location_of},
    crate::{
        account::{head_mut, take},
        credential,
        event::emit,
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::Expect,
        lifecycle::{permit, Action, Facts},
        state::DeviceHead,
    },
    pinocchio::{
        sysvars::{clock::Clock, Sysvar},
        AccountView,
    },
    solana_program::{entrypoint::ProgramResult, pubkey::Pubkey},
};

#[inline(never)]
pub fn process(
    program_id: &Pubkey,
    accounts: &mut [AccountView],
    expect: &Expect,
) -> ProgramResult {
    let [signer, account, location, credential] = take(accounts)?;
    let mut device = head_mut::<DeviceHead>(program_id, account)?;
    let mut location = location_of(program_id, location, &device)?;
    let role = credential::role(program_id, signer, Some(credential), &device)?;
    expect.check(&device)?;

    let now = Clock::get()?;
    let from = device.provisioning_status;
    let facts = Facts::of(&device, now.unix_timestamp);
    let to = permit(Action::Retire, Some(from), role, &facts)?;

    let sequence = enter(&mut device, &mut location, from, to, &now)?;

    let mut event = Event::new(
        EventKind::DeviceRetired,
        device.address(),
        signer.address(),
        role,
    );
    event.from = from as i64;
    event.to = device.provisioning_status as i64;
    event.related = device.location;
    emit(&mut event, sequence, &now);
    Ok(())
}
