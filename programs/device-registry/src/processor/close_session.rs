use {
    crate::{
        account::{close, head_mut, same_key, take_with_optional},
        credential,
        event::{count, emit},
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::Expect,
        lifecycle::check_close_session,
        state::{DeviceHead, Session},
        EbbError,
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
    let ([signer, account, session_account, recipient], optional) = take_with_optional(accounts)?;
    let mut device = head_mut::<DeviceHead>(program_id, account)?;
    let session = *head_mut::<Session>(program_id, session_account)?;
    if !same_key(&session.device, device.address()) {
        return Err(EbbError::WrongDevice.into());
    }
    let role = credential::role(program_id, signer, optional.first(), &device)?;
    expect.check(&device)?;

    let now = Clock::get()?;
    check_close_session(&device, role, now.unix_timestamp)?;

    let from = device.sessions;
    device.sessions = from.checked_sub(1).ok_or(EbbError::Overflow)?;

    let mut event = Event::new(
        EventKind::SessionClosed,
        device.address(),
        signer.address(),
        role,
    );
    event.from = from.into();
    event.to = device.sessions.into();
    event.related = session.user;
    emit(&mut event, count(&mut device.sequence)?, &now);
    close(session_account, recipient, &session.payer)
}
