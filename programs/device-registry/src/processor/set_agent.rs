use {
    super::registry::replace_key,
    crate::{
        account::{head_mut, same_key, take_with_optional},
        credential,
        event::{count, emit},
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::Expect,
        lifecycle::check_set_agent,
        state::DeviceHead,
        value,
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
    agent: &Pubkey,
) -> ProgramResult {
    let ([signer, account, credential], optional) = take_with_optional(accounts)?;
    let mut device = head_mut::<DeviceHead>(program_id, account)?;
    let role = credential::role(program_id, signer, Some(credential), &device)?;
    let old_agent_signed = optional
        .first()
        .is_some_and(|old| old.is_signer() && same_key(old.address(), &device.agent));
    expect.check(&device)?;
    value::check_key(agent)?;

    check_set_agent(&device, role, old_agent_signed)?;
    replace_key(&mut device.agent, agent)?;
    device.void_health_proof();

    let mut event = Event::new(
        EventKind::AgentSet,
        device.address(),
        signer.address(),
        role,
    );
    event.related = *agent;
    emit(&mut event, count(&mut device.sequence)?, &Clock::get()?);
    Ok(())
}
