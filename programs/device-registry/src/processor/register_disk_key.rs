use {
    crate::{
        account::{check_payer, check_signer, head_mut, take, Vacancy},
        credential,
        event::{count, emit},
        input::Account,
        sysvar::Now,
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::RegisterDiskKey,
        lifecycle::check_register_disk_key,
        pda::DISK_KEY_SEED,
        state::{DeviceHead, DiskKeyHead},
        EbbError, Role,
    },
    solana_program::{entrypoint::ProgramResult, hash::hash, pubkey::Pubkey},
};

#[inline(never)]
pub fn process(program_id: &Pubkey, accounts: &[Account], args: &RegisterDiskKey) -> ProgramResult {
    let [custodian, owner, payer, account, disk_key, system] = take(accounts)?;
    let mut device = head_mut::<DeviceHead>(program_id, account)?;
    check_signer(custodian)?;
    let owner_role = credential::role(program_id, owner, accounts.get(6), &device)?;
    check_payer(payer, system)?;
    args.expect.check(&device)?;
    args.check()?;

    check_register_disk_key(&device, owner_role)?;
    let path = hash(args.path.as_bytes());
    let seeds = [DISK_KEY_SEED, account.key().as_ref(), path.as_ref()];
    let vacancy = Vacancy::check(program_id, disk_key, &seeds, EbbError::DiskKeyExists)?;

    let now = Now::get()?;
    let from = device.disk_keys;
    device.disk_keys = from.checked_add(1).ok_or(EbbError::Overflow)?;
    let head = DiskKeyHead::new(
        *account.key(),
        *custodian.key(),
        *payer.key(),
        args.commitment,
        vacancy.bump,
        now.slot,
        now.time,
    );
    vacancy.fill(program_id, payer, system, &head, &[&args.path])?;

    let mut event = Event::new(
        EventKind::DiskKeyRegistered,
        account.key(),
        custodian.key(),
        Role::Custodian,
    );
    event.from = from.into();
    event.to = device.disk_keys.into();
    event.related = *disk_key.key();
    emit(&mut event, count(&mut device.sequence)?, &now);
    Ok(())
}
