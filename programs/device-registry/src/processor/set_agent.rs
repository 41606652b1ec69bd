use {
    super::registry::replace_key,
    crate::{
        account::{head_mut, same_key, take},
        credential,
        event::{count, emit},
        input::Account,
        sysvar::Now,
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::Expect,
        lifecycle::check_set_agent,
        state::DeviceHead,
        value,
    },
    solana_program::{entrypoint::ProgramResult, pubkey::Pubkey},
};

#[inline(never)]
pub fn process(
    program_id: &Pubkey,
    accounts: &[Account],
    expect: &Expect,
    agent: &Pubkey,
) -> ProgramResult {
    let [signer, account, credential] = take(accounts)?;
    let mut device = head_mut::<DeviceHead>(program_id, account)?;
    let role = credential::role(program_id, signer, Some(credential), &device)?;
    let old_agent_signed = accounts
        .get(3)
        .is_some_and(|old| old.is_signer() && same_key(old.key(), &device.agent));
    expect.check(&device)?;
    value::check_key(agent)?;

    check_set_agent(&device, role, old_agent_signed)?;
    replace_key(&mut device.agent, agent)?;

    let mut event = Event::new(EventKind::AgentSet, account.key(), signer.key(), role);
    event.related = *agent;
    emit(&mut event, count(&mut device.sequence)?, &Now::get()?);
    Ok(())
}
