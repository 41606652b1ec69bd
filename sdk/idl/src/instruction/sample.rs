//! One call of each builder, or two where accounts may be left out.

use {
    crate::pda::{key, CODE, PATH},
    anyhow::{ensure, Result},
    ebb_sdk::{
        instruction::*,
        state::{DeviceType, Health, HoldKind},
        EbbError, ID,
    },
    solana_program::instruction::Instruction,
};

pub struct Sample {
    /// With every account.
    pub full: Instruction,
    /// Without those that may be left out.
    least: Instruction,
}

impl Sample {
    /// What the builder makes, with or without the accounts that may be left out.
    fn new(build: impl Fn(bool) -> Result<Instruction, EbbError>) -> Result<Self> {
        let (full, least) = (build(true)?, build(false)?);
        ensure!(
            full.accounts.starts_with(&least.accounts),
            "an account that may be left out stands before one that may not"
        );
        Ok(Self { full, least })
    }

    pub fn number(&self) -> Option<u8> {
        self.full.data.first().copied()
    }

    pub fn is_optional(&self, position: usize) -> bool {
        position >= self.least.accounts.len()
    }

    pub fn has_optional(&self) -> bool {
        self.least.accounts.len() < self.full.accounts.len()
    }
}

/// A sample of every instruction. The keys' names become the accounts'.
pub fn all() -> Result<Vec<Sample>> {
    let authority = &key("authority");
    let contributor_authority = &key("contributorAuthority");
    let nominee = &key("nominee");
    let drainer = &key("drainer");
    let owner = &key("owner");
    let custodian = &key("custodian");
    let payer = &key("payer");
    let contributor = &key("contributor");
    let location = &key("location");
    let device = &key("device");
    let credential = &key("credential");
    let rent_recipient = &key("rentRecipient");
    let argument = key("argument");
    let expect = Expect::default();

    [
        Sample::new(|_| {
            let args = Initialize {
                authority: argument,
                health_oracle: argument,
                require_healthy: false,
            };
            initialize(&ID, &key("upgradeAuthority"), payer, args)
        }),
        Sample::new(|_| Ok(set_policy(&ID, authority, false))),
        Sample::new(|_| set_health_oracle(&ID, authority, &argument)),
        Sample::new(|_| nominate_authority(&ID, authority, None)),
        Sample::new(|_| Ok(accept_authority(&ID, nominee))),
        Sample::new(|_| {
            let args = CreateContributor {
                code: CODE.into(),
                authority: argument,
            };
            // Not `authority`, which is an argument's name here.
            create_contributor(&ID, &key("registryAuthority"), payer, args)
        }),
        Sample::new(|_| Ok(suspend_contributor(&ID, authority, contributor))),
        Sample::new(|_| Ok(resume_contributor(&ID, authority, contributor))),
        Sample::new(|_| set_operator(&ID, contributor_authority, contributor, None)),
        Sample::new(|_| {
            nominate_contributor_authority(&ID, authority, contributor, credential, None)
        }),
        Sample::new(|_| Ok(accept_contributor_authority(&ID, nominee, contributor))),
        Sample::new(|_| {
            let args = CreateLocation {
                code: CODE.into(),
                name: "Sample".into(),
                country: *b"NL",
                latitude: 0,
                longitude: 0,
                min_activated: 0,
            };
            create_location(&ID, authority, payer, args)
        }),
        Sample::new(|_| Ok(set_budget(&ID, authority, location, 0))),
        Sample::new(|_| {
            let args = CreateDevice {
                code: CODE.into(),
                device_type: DeviceType::Hybrid,
                public_ip: [10, 0, 0, 1],
                max_sessions: 1,
                agent: argument,
            };
            create_device(
                &ID,
                contributor_authority,
                payer,
                contributor,
                location,
                args,
            )
        }),
        Sample::new(|moves| {
            let args = UpdateDevice {
                max_sessions: Some(1),
                ..Default::default()
            };
            let (from, to) = (key("fromLocation"), key("toLocation"));
            let relocation = moves.then_some((&from, &to));
            update_device(
                &ID,
                contributor_authority,
                device,
                contributor,
                relocation,
                args,
            )
        }),
        Sample::new(|_| {
            Ok(activate_device(
                &ID,
                authority,
                device,
                location,
                contributor,
                expect,
            ))
        }),
        Sample::new(|_| {
            drain_device(
                &ID,
                drainer,
                device,
                location,
                credential,
                Default::default(),
            )
        }),
        Sample::new(|_| {
            let args = UpdateDrain {
                deadline_seconds: Some(0),
                ..Default::default()
            };
            update_drain(&ID, drainer, device, credential, args)
        }),
        Sample::new(|_| {
            Ok(undrain_device(
                &ID,
                drainer,
                device,
                location,
                contributor,
                expect,
            ))
        }),
        Sample::new(|_| {
            Ok(retire_device(
                &ID, owner, device, location, credential, expect,
            ))
        }),
        Sample::new(|_| {
            Ok(remove_device(
                &ID,
                owner,
                device,
                location,
                contributor,
                rent_recipient,
                credential,
                expect,
            ))
        }),
        Sample::new(|signs| {
            let old_agent = key("oldAgent");
            let old_agent = signs.then_some(&old_agent);
            set_agent(&ID, owner, device, credential, old_agent, &argument, expect)
        }),
        Sample::new(|by_other| {
            let reporter = key("reporter");
            Ok(report_health(
                &ID,
                &reporter,
                device,
                !by_other,
                Health::Healthy,
                expect,
            ))
        }),
        Sample::new(|by_other| {
            let args = PlaceHold {
                expect,
                kind: HoldKind::PendingTask,
                duration_seconds: 1,
                reason: "".into(),
            };
            let credential = by_other.then_some(credential);
            place_hold(&ID, &key("placer"), device, credential, args)
        }),
        Sample::new(|by_other| {
            let credential = by_other.then_some(credential);
            Ok(release_hold(
                &ID,
                &key("releaser"),
                device,
                credential,
                1,
                expect,
            ))
        }),
        Sample::new(|_| open_session(&ID, &key("agent"), payer, device, &key("user"), expect)),
        Sample::new(|by_other| {
            let (closer, user) = (key("closer"), key("user"));
            let credential = by_other.then_some(credential);
            Ok(close_session(
                &ID,
                &closer,
                device,
                &user,
                rent_recipient,
                credential,
                expect,
            ))
        }),
        Sample::new(|by_other| {
            let args = RegisterDiskKey {
                expect,
                path: PATH.into(),
                commitment: [1; 32],
            };
            let contributor = by_other.then_some(contributor);
            register_disk_key(&ID, custodian, owner, payer, device, contributor, args)
        }),
        Sample::new(|_| {
            Ok(destroy_disk_key(
                &ID,
                custodian,
                device,
                PATH,
                rent_recipient,
                expect,
            ))
        }),
        Sample::new(|_| reassign_custodian(&ID, authority, device, PATH, &argument, expect)),
    ]
    .into_iter()
    .collect()
}
