use {
    crate::{
        account::{check_payer, head_mut, take, Vacancy},
        credential,
        event::{count, emit},
        input::Account,
        sysvar::Now,
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::Expect,
        lifecycle::check_open_session,
        pda::SESSION_SEED,
        state::{DeviceHead, Session},
        value, EbbError,
    },
    solana_program::{entrypoint::ProgramResult, pubkey::Pubkey},
};

#[inline(never)]
pub fn process(
    program_id: &Pubkey,
    accounts: &[Account],
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
    let seeds = [SESSION_SEED, account.key().as_ref(), user.as_ref()];
    let vacancy = Vacancy::check(program_id, session, &seeds, EbbError::SessionExists)?;

    let now = Now::get()?;
    let from = device.sessions;
    device.sessions = from.checked_add(1).ok_or(EbbError::Overflow)?;
    let head = Session::new(
        *account.key(),
        *user,
        *payer.key(),
        vacancy.bump,
        now.slot,
        now.time,
    );
    vacancy.fill(program_id, payer, system, &head, &[])?;

    let mut event = Event::new(EventKind::SessionOpened, account.key(), signer.key(), role);
    event.from = from.into();
    event.to = device.sessions.into();
    event.related = *user;
    emit(&mut event, count(&mut device.sequence)?, &now);
    Ok(())
}
