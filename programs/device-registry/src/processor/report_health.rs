use {
    crate::{
        account::{head, head_mut, same_key, take_with_optional},
        credential,
        event::{count, emit},
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::Expect,
        lifecycle::check_report_health,
        state::{DeviceHead, Health, Registry},
        EbbError, Role,
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
    health: Health,
) -> ProgramResult {
    let ([signer, account], optional) = take_with_optional(accounts)?;
    let mut device = head_mut::<DeviceHead>(program_id, account)?;
    let role = match optional.first() {
        None => credential::agent(signer, &device)?,
        Some(registry) => reporter(signer, &*head::<Registry>(program_id, registry)?)?,
    };
    expect.check(&device)?;

    check_report_health(&device, role, health)?;

    let now = Clock::get()?;
    let from = device.health;
    let sequence = count(&mut device.sequence)?;
    if health != Health::Dead || from != Health::Dead {
        device.health_reported_slot = now.slot;
        device.health_reported_at = now.unix_timestamp;
    }
    device.health = health;
    device.health_reported_sequence = sequence;
    device.health_reported_by = role;

    let mut event = Event::new(
        EventKind::HealthReported,
        device.address(),
        signer.address(),
        role,
    );
    event.from = from as i64;
    event.to = health as i64;
    emit(&mut event, sequence, &now);
    Ok(())
}

/// The registry gives two roles that report health.
fn reporter(signer: &AccountView, registry: &Registry) -> Result<Role, EbbError> {
    match credential::authority(signer, registry) {
        Err(EbbError::Unauthorized) if same_key(signer.address(), &registry.health_oracle) => {
            Ok(Role::HealthOracle)
        }
        role => role,
    }
}
