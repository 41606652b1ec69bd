use {
    crate::{
        account::{close, head_mut, same_key, take},
        credential,
        event::{count, emit},
        input::Account,
        sysvar::Now,
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::Expect,
        lifecycle::check_close_session,
        state::{DeviceHead, Session},
        EbbError,
    },
    solana_program::{entrypoint::ProgramResult, pubkey::Pubkey},
};

#[inline(never)]
pub fn process(program_id: &Pubkey, accounts: &[Account], expect: &Expect) -> ProgramResult {
    let [signer, account, session_account, recipient] = take(accounts)?;
    let mut device = head_mut::<DeviceHead>(program_id, account)?;
    let session = *head_mut::<Session>(program_id, session_account)?;
    if !same_key(&session.device, account.key()) {
        return Err(EbbError::WrongDevice.into());
    }
    let role = credential::role(program_id, signer, accounts.get(4), &device)?;
    expect.check(&device)?;

    let now = Now::get()?;
    check_close_session(&device, role, now.time)?;

    let from = device.sessions;
    device.sessions = from.checked_sub(1).ok_or(EbbError::Overflow)?;

    let mut event = Event::new(EventKind::SessionClosed, account.key(), signer.key(), role);
    event.from = from.into();
    event.to = device.sessions.into();
    event.related = session.user;
    emit(&mut event, count(&mut device.sequence)?, &now);
    close(session_account, recipient, &session.payer)
}
