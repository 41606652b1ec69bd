use {
    super::{
        readonly, signer, system_program, writable, writable_signer, EbbInstruction, Expect,
        ShortString,
    },
    crate::{
        error::EbbError,
        pda,
        state::{DeviceType, Health, Reason},
        value::{
            check_code, check_deadline, check_key, check_max_sessions, check_planned_return,
            check_public_ip,
        },
    },
    borsh::{BorshDeserialize, BorshSerialize},
    solana_program::{instruction::Instruction, pubkey::Pubkey},
};

/// Arguments of [`EbbInstruction::CreateDevice`].
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct CreateDevice {
    /// Unique by address.
    pub code: ShortString,
    /// What it does in the network.
    pub device_type: DeviceType,
    /// Its IPv4 address, in network order.
    pub public_ip: [u8; 4],
    /// The most sessions it takes; at least one.
    pub max_sessions: u32,
    /// The key of the controller that runs for it; zero for none yet.
    pub agent: Pubkey,
}

impl CreateDevice {
    /// # Errors
    /// [`EbbError::InvalidCode`], [`EbbError::InvalidPublicIp`], [`EbbError::InvalidMaxSessions`]
    pub fn check(&self) -> Result<(), EbbError> {
        check_code(&self.code)?;
        check_public_ip(self.public_ip.into())?;
        check_max_sessions(self.max_sessions)
    }
}

/// Arguments of [`EbbInstruction::UpdateDevice`]. `None` leaves as it is. The location changes if
/// two location accounts are passed.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct UpdateDevice {
    /// What is believed of the device.
    pub expect: Expect,
    /// Its IPv4 address, in network order.
    pub public_ip: Option<[u8; 4]>,
    /// The most sessions it takes; at least one, and not below its open sessions.
    pub max_sessions: Option<u32>,
}

impl UpdateDevice {
    /// # Errors
    /// [`EbbError::InvalidPublicIp`], [`EbbError::InvalidMaxSessions`]
    pub fn check(&self) -> Result<(), EbbError> {
        self.public_ip
            .map_or(Ok(()), |ip| check_public_ip(ip.into()))?;
        self.max_sessions.map_or(Ok(()), check_max_sessions)
    }
}

/// Arguments of [`EbbInstruction::DrainDevice`]. The program adds the durations to its Clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct DrainDevice {
    /// What is believed of the device.
    pub expect: Expect,
    /// Seconds until sessions may be evicted: 0 for never, else at least 60 and at most 365 days.
    pub deadline_seconds: u32,
    /// Seconds until the device is planned to be back: 0 for unknown, at most 365 days.
    pub planned_return_seconds: u32,
    /// Pass holds and budget. The authority only.
    pub force: bool,
    /// Why: up to 64 bytes.
    pub reason: ShortString,
}

/// Arguments of [`EbbInstruction::UpdateDrain`]. `None` leaves as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct UpdateDrain {
    /// What is believed of the device.
    pub expect: Expect,
    /// Seconds from now until sessions may be evicted: 0 for never, else at least 60.
    pub deadline_seconds: Option<u32>,
    /// Seconds from now until the device is planned to be back: 0 for unknown.
    pub planned_return_seconds: Option<u32>,
    /// Why: up to 64 bytes.
    pub reason: Option<ShortString>,
}

impl UpdateDrain {
    /// # Errors
    /// [`EbbError::NothingToChange`], else as [`DrainDevice::check`].
    pub fn check(&self) -> Result<(), EbbError> {
        if self.deadline_seconds.is_none()
            && self.planned_return_seconds.is_none()
            && self.reason.is_none()
        {
            return Err(EbbError::NothingToChange);
        }
        self.deadline_seconds.map_or(Ok(()), check_deadline)?;
        self.planned_return_seconds
            .map_or(Ok(()), check_planned_return)?;
        self.reason.as_deref().map_or(Ok(()), Reason::check)
    }
}

/// [`EbbInstruction::CreateDevice`]
///
/// # Errors
/// As [`CreateDevice::check`].
pub fn create_device(
    program_id: &Pubkey,
    contributor_authority: &Pubkey,
    payer: &Pubkey,
    contributor: &Pubkey,
    location: &Pubkey,
    args: CreateDevice,
) -> Result<Instruction, EbbError> {
    args.check()?;
    let device = pda::device(program_id, &args.code).0;
    Ok(EbbInstruction::CreateDevice(args).build(
        program_id,
        vec![
            signer(contributor_authority),
            writable_signer(payer),
            writable(contributor),
            writable(location),
            writable(&device),
            system_program(),
        ],
    ))
}

/// [`EbbInstruction::UpdateDevice`]. `relocation` is the location it leaves and the one it enters.
///
/// # Errors
/// As [`UpdateDevice::check`]; [`EbbError::NothingToChange`] if it would change nothing,
/// [`EbbError::DuplicateAccount`] if it would move where it is.
pub fn update_device(
    program_id: &Pubkey,
    contributor_authority: &Pubkey,
    device: &Pubkey,
    contributor: &Pubkey,
    relocation: Option<(&Pubkey, &Pubkey)>,
    args: UpdateDevice,
) -> Result<Instruction, EbbError> {
    args.check()?;
    if args.public_ip.is_none() && args.max_sessions.is_none() && relocation.is_none() {
        return Err(EbbError::NothingToChange);
    }
    let mut accounts = vec![
        signer(contributor_authority),
        writable(device),
        readonly(contributor),
    ];
    if let Some((from, to)) = relocation {
        if from == to {
            return Err(EbbError::DuplicateAccount);
        }
        accounts.extend([writable(from), writable(to)]);
    }
    Ok(EbbInstruction::UpdateDevice(args).build(program_id, accounts))
}

/// [`EbbInstruction::ActivateDevice`]
pub fn activate_device(
    program_id: &Pubkey,
    authority: &Pubkey,
    device: &Pubkey,
    location: &Pubkey,
    contributor: &Pubkey,
    expect: Expect,
) -> Instruction {
    EbbInstruction::ActivateDevice(expect).build(
        program_id,
        vec![
            signer(authority),
            writable(device),
            writable(location),
            readonly(contributor),
            readonly(&pda::registry(program_id).0),
        ],
    )
}

/// [`EbbInstruction::DrainDevice`]. `credential` is the device's contributor or the registry.
///
/// # Errors
/// As [`DrainDevice::check`].
pub fn drain_device(
    program_id: &Pubkey,
    drainer: &Pubkey,
    device: &Pubkey,
    location: &Pubkey,
    credential: &Pubkey,
    args: DrainDevice,
) -> Result<Instruction, EbbError> {
    args.check()?;
    Ok(EbbInstruction::DrainDevice(args).build(
        program_id,
        vec![
            signer(drainer),
            writable(device),
            writable(location),
            readonly(credential),
        ],
    ))
}

/// [`EbbInstruction::UpdateDrain`]. `credential` is the device's contributor or the registry.
///
/// # Errors
/// As [`UpdateDrain::check`].
pub fn update_drain(
    program_id: &Pubkey,
    drainer: &Pubkey,
    device: &Pubkey,
    credential: &Pubkey,
    args: UpdateDrain,
) -> Result<Instruction, EbbError> {
    args.check()?;
    Ok(EbbInstruction::UpdateDrain(args).build(
        program_id,
        vec![signer(drainer), writable(device), readonly(credential)],
    ))
}

/// [`EbbInstruction::UndrainDevice`]
pub fn undrain_device(
    program_id: &Pubkey,
    drainer: &Pubkey,
    device: &Pubkey,
    location: &Pubkey,
    contributor: &Pubkey,
    expect: Expect,
) -> Instruction {
    EbbInstruction::UndrainDevice(expect).build(
        program_id,
        vec![
            signer(drainer),
            writable(device),
            writable(location),
            readonly(contributor),
            readonly(&pda::registry(program_id).0),
        ],
    )
}

/// [`EbbInstruction::RetireDevice`]. `credential` is the device's contributor or the registry.
pub fn retire_device(
    program_id: &Pubkey,
    owner: &Pubkey,
    device: &Pubkey,
    location: &Pubkey,
    credential: &Pubkey,
    expect: Expect,
) -> Instruction {
    EbbInstruction::RetireDevice(expect).build(
        program_id,
        vec![
            signer(owner),
            writable(device),
            writable(location),
            readonly(credential),
        ],
    )
}

/// [`EbbInstruction::RemoveDevice`]. `rent_recipient` is the device's recorded payer; `credential`
/// is the device's contributor or the registry.
#[allow(clippy::too_many_arguments)]
pub fn remove_device(
    program_id: &Pubkey,
    owner: &Pubkey,
    device: &Pubkey,
    location: &Pubkey,
    contributor: &Pubkey,
    rent_recipient: &Pubkey,
    credential: &Pubkey,
    expect: Expect,
) -> Instruction {
    EbbInstruction::RemoveDevice(expect).build(
        program_id,
        vec![
            signer(owner),
            writable(device),
            writable(location),
            writable(contributor),
            writable(rent_recipient),
            readonly(credential),
        ],
    )
}

/// [`EbbInstruction::SetAgent`]. `credential` is the device's contributor or the registry;
/// `old_agent` signs too, if the contributor replaces it while sessions are open.
///
/// # Errors
/// [`EbbError::InvalidKey`]
pub fn set_agent(
    program_id: &Pubkey,
    owner: &Pubkey,
    device: &Pubkey,
    credential: &Pubkey,
    old_agent: Option<&Pubkey>,
    agent: &Pubkey,
    expect: Expect,
) -> Result<Instruction, EbbError> {
    check_key(agent)?;
    let mut accounts = vec![signer(owner), writable(device), readonly(credential)];
    accounts.extend(old_agent.map(signer));
    Ok(EbbInstruction::SetAgent {
        expect,
        agent: *agent,
    }
    .build(program_id, accounts))
}

/// [`EbbInstruction::ReportHealth`]. `by_agent` leaves the registry out.
pub fn report_health(
    program_id: &Pubkey,
    reporter: &Pubkey,
    device: &Pubkey,
    by_agent: bool,
    health: Health,
    expect: Expect,
) -> Instruction {
    let mut accounts = vec![signer(reporter), writable(device)];
    if !by_agent {
        accounts.push(readonly(&pda::registry(program_id).0));
    }
    EbbInstruction::ReportHealth { expect, health }.build(program_id, accounts)
}
