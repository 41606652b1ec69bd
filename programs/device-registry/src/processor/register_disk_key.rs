use {
    crate::{
        account::{check_payer, check_signer, head_mut, take_with_optional, Vacancy},
        credential,
        event::{count, emit},
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::RegisterDiskKey,
        lifecycle::check_register_disk_key,
        pda::DISK_KEY_SEED,
        state::{DeviceHead, DiskKeyHead},
        EbbError, Role,
    },
    pinocchio::{
        sysvars::{clock::Clock, Sysvar},
        AccountView,
    },
    solana_program::{entrypoint::ProgramResult, hash::hash, pubkey::Pubkey},
};

#[inline(never)]
pub fn process(
    program_id: &Pubkey,
    accounts: &mut [AccountView],
    args: &RegisterDiskKey,
) -> ProgramResult {
    let ([custodian, owner, payer, account, disk_key, system], optional) =
        take_with_optional(accounts)?;
    let mut device = head_mut::<DeviceHead>(program_id, account)?;
    check_signer(custodian)?;
    let owner_role = credential::role(program_id, owner, optional.first(), &device)?;
    check_payer(payer, system)?;
    args.expect.check(&device)?;
    args.check()?;

    let suspended = credential::is_suspended(owner_role, optional.first())?;
    check_register_disk_key(&device, owner_role, suspended)?;
    let path = hash(args.path.as_bytes());
    let seeds = [DISK_KEY_SEED, device.address().as_ref(), path.as_ref()];
    let vacancy = Vacancy::check(program_id, disk_key, &seeds, EbbError::DiskKeyExists)?;

    let now = Clock::get()?;
    let head = DiskKeyHead::new(
        *device.address(),
        *custodian.address(),
        *payer.address(),
        args.commitment,
        vacancy.bump,
        now.slot,
        now.unix_timestamp,
    );
    vacancy.fill(program_id, payer, &head, &[&args.path])?;
    let from = device.disk_keys;
    device.disk_keys = from.checked_add(1).ok_or(EbbError::Overflow)?;

    let mut event = Event::new(
        EventKind::DiskKeyRegistered,
        device.address(),
        custodian.address(),
        Role::Custodian,
    );
    event.from = from.into();
    event.to = device.disk_keys.into();
    event.related = *disk_key.address();
    event.detail = owner.address().to_bytes();
    emit(&mut event, count(&mut device.sequence)?, &now);
    Ok(())
}
