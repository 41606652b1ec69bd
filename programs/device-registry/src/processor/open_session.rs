use {
    crate::{
        account::{check_payer, head_mut, take, Vacancy},
        credential,
        event::{count, emit},
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::Expect,
        lifecycle::check_open_session,
        pda::SESSION_SEED,
        state::{DeviceHead, Session},
        value, EbbError,
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
    user: &Pubkey,
) -> ProgramResult {
    let [signer, payer, account, session, system] = take(accounts)?;
    let mut device = head_mut::<DeviceHead>(program_id, account)?;
    let role = credential::agent(signer, &device)?;
    check_payer(payer, system)?;
    expect.check(&device)?;
    value::check_key(user)?;

    check_open_session(&device)?;
    let seeds = [SESSION_SEED, device.address().as_ref(), user.as_ref()];
    let vacancy = Vacancy::check(program_id, session, &seeds, EbbError::SessionExists)?;

    let now = Clock::get()?;
    let head = Session::new(
        *device.address(),
        *user,
        *payer.address(),
        vacancy.bump,
        now.slot,
        now.unix_timestamp,
    );
    vacancy.fill(program_id, payer, &head, &[])?;
    let from = device.sessions;
    device.sessions = from.checked_add(1).ok_or(EbbError::Overflow)?;

    let mut event = Event::new(
        EventKind::SessionOpened,
        device.address(),
        signer.address(),
        role,
    );
    event.from = from.into();
    event.to = device.sessions.into();
    event.related = *user;
    emit(&mut event, count(&mut device.sequence)?, &now);
    Ok(())
}
