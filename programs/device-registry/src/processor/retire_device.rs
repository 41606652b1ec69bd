use {
    super::transition::{enter, location_of, status},
    crate::{
        account::{head_mut, take},
        credential,
        event::emit,
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::Expect,
        lifecycle::{evaluate, target, Action, Facts},
        state::{DeviceHead, ProvisioningStatus},
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
    let mut to = target(Action::Retire, Some(from))?;
    evaluate(Some(from), to, role, &facts)?;
    // A device without disk keys has nothing to wait for in Retiring.
    if to == Some(ProvisioningStatus::Retiring) {
        let next = target(Action::Retire, to)?;
        if evaluate(to, next, role, &facts).is_ok() {
            to = next;
        }
    }

    let to = status(to)?;
    let sequence = enter(&mut device, &mut location, to, &now)?;

    let mut event = Event::new(
        EventKind::DeviceRetired,
        device.address(),
        signer.address(),
        role,
    );
    event.from = from as i64;
    event.to = to as i64;
    event.related = device.location;
    emit(&mut event, sequence, &now);
    Ok(())
}
