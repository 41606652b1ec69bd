//! Compute units of every instruction, on the compiled program.
//!
//! Each state is reached through real instructions; the accounts as they were before an instruction
//! are what it is measured on. `cargo bench -p ebb-tests` writes `benches/compute_units.md` anew
//! where a figure changed.

use {
    ebb_sdk::{
        instruction::{self as ix, *},
        pda,
        state::{DeviceType, Health, HoldKind},
        ID,
    },
    mollusk_svm::{program, result::ProgramResult, Mollusk},
    mollusk_svm_bencher::MolluskComputeUnitBencher,
    solana_sdk::{account::Account, instruction::Instruction, pubkey::Pubkey},
    std::collections::HashMap,
};

const ELF: &[u8] = include_bytes!("../../sdk/elf/ebb_device_registry.so");
const LOADER: Pubkey = solana_sdk::pubkey!("BPFLoaderUpgradeab1e11111111111111111111111");

fn key(seed: u8) -> Pubkey {
    Pubkey::new_from_array([seed; 32])
}

/// An instruction under its name, with the accounts as they were before it.
type Measured = (&'static str, Instruction, Vec<(Pubkey, Account)>);

struct Chain {
    mollusk: Mollusk,
    accounts: HashMap<Pubkey, Account>,
    measured: Vec<Measured>,
}

impl Chain {
    fn new() -> Self {
        let mut mollusk = Mollusk::default();
        mollusk.add_program_with_loader_and_elf(&ID, &LOADER, ELF);
        mollusk.sysvars.clock.unix_timestamp = 1_750_000_000;
        mollusk.sysvars.clock.slot = 1_000;
        let mut program_data = vec![3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        program_data.extend_from_slice(AUTHORITY.as_ref());
        let accounts = HashMap::from([
            program::keyed_account_for_system_program(),
            (ID, program::create_program_account_loader_v3(&ID)),
            (
                pda::program_data(&ID),
                Account {
                    lamports: 1_000_000_000,
                    data: program_data,
                    owner: LOADER,
                    ..Account::default()
                },
            ),
            (PAYER, Account::new(100_000_000_000, 0, &Pubkey::default())),
        ]);
        Self {
            mollusk,
            accounts,
            measured: vec![],
        }
    }

    fn run(&mut self, instruction: Result<Instruction, ebb_sdk::EbbError>) {
        let instruction = instruction.unwrap();
        let accounts = self.accounts_of(&instruction);
        let result = self.mollusk.process_instruction(&instruction, &accounts);
        assert_eq!(result.program_result, ProgramResult::Success);
        self.accounts.extend(result.resulting_accounts);
    }

    fn measure(&mut self, name: &'static str, instruction: Result<Instruction, ebb_sdk::EbbError>) {
        let instruction = instruction.unwrap();
        let accounts = self.accounts_of(&instruction);
        self.measured.push((name, instruction.clone(), accounts));
        self.run(Ok(instruction));
    }

    fn accounts_of(&self, instruction: &Instruction) -> Vec<(Pubkey, Account)> {
        instruction
            .accounts
            .iter()
            .map(|meta| {
                let account = self.accounts.get(&meta.pubkey).cloned();
                (meta.pubkey, account.unwrap_or_default())
            })
            .collect()
    }
}

const AUTHORITY: Pubkey = Pubkey::new_from_array([1; 32]);
const PAYER: Pubkey = Pubkey::new_from_array([2; 32]);
const ORACLE: Pubkey = Pubkey::new_from_array([3; 32]);
const OWNER: Pubkey = Pubkey::new_from_array([4; 32]);
const OPERATOR: Pubkey = Pubkey::new_from_array([5; 32]);
const AGENT: Pubkey = Pubkey::new_from_array([6; 32]);
const CUSTODIAN: Pubkey = Pubkey::new_from_array([7; 32]);

fn main() {
    let expect = Expect::default();
    let registry = pda::registry(&ID).0;
    let contributor = pda::contributor(&ID, "co01").0;
    let location = pda::location(&ID, "ams").0;
    let elsewhere = pda::location(&ID, "fra").0;
    let device = pda::device(&ID, "ams-dz001").0;
    let mut chain = Chain::new();

    let args = Initialize {
        authority: AUTHORITY,
        health_oracle: ORACLE,
        require_healthy: false,
    };
    chain.measure("initialize", ix::initialize(&ID, &AUTHORITY, &PAYER, args));
    chain.measure("set_policy", ix::set_policy(&ID, &AUTHORITY, true));
    chain.measure(
        "set_health_oracle",
        ix::set_health_oracle(&ID, &AUTHORITY, &key(9)),
    );
    chain.run(ix::set_health_oracle(&ID, &AUTHORITY, &ORACLE));
    chain.measure(
        "nominate_authority",
        ix::nominate_authority(&ID, &AUTHORITY, Some(&AUTHORITY)),
    );
    chain.measure("accept_authority", ix::accept_authority(&ID, &AUTHORITY));

    let args = CreateContributor {
        code: "co01".into(),
        authority: OWNER,
    };
    chain.measure(
        "create_contributor",
        ix::create_contributor(&ID, &AUTHORITY, &PAYER, args),
    );
    chain.measure(
        "suspend_contributor",
        ix::suspend_contributor(&ID, &AUTHORITY, &contributor),
    );
    chain.measure(
        "resume_contributor",
        ix::resume_contributor(&ID, &AUTHORITY, &contributor),
    );
    chain.measure(
        "set_operator",
        ix::set_operator(&ID, &OWNER, &contributor, Some(&OPERATOR)),
    );
    chain.measure(
        "nominate_contributor_authority",
        ix::nominate_contributor_authority(&ID, &OWNER, &contributor, &contributor, Some(&OWNER)),
    );
    chain.measure(
        "accept_contributor_authority",
        ix::accept_contributor_authority(&ID, &OWNER, &contributor),
    );

    let create_location = |code: &str| CreateLocation {
        code: code.into(),
        name: "Amsterdam".into(),
        country: *b"NL",
        latitude: 52_300_000,
        longitude: 4_940_000,
        min_activated: 0,
    };
    chain.measure(
        "create_location",
        ix::create_location(&ID, &AUTHORITY, &PAYER, create_location("ams")),
    );
    chain.run(ix::create_location(
        &ID,
        &AUTHORITY,
        &PAYER,
        create_location("fra"),
    ));
    chain.measure("set_budget", ix::set_budget(&ID, &AUTHORITY, &location, 1));
    chain.run(ix::set_budget(&ID, &AUTHORITY, &location, 0));

    let args = CreateDevice {
        code: "ams-dz001".into(),
        device_type: DeviceType::Hybrid,
        public_ip: [195, 219, 138, 50],
        max_sessions: 128,
        agent: Pubkey::default(),
    };
    chain.measure(
        "create_device",
        ix::create_device(&ID, &OWNER, &PAYER, &contributor, &location, args),
    );
    let args = UpdateDevice {
        max_sessions: Some(64),
        ..UpdateDevice::default()
    };
    chain.measure(
        "update_device (capacity)",
        ix::update_device(&ID, &OWNER, &device, &contributor, None, args),
    );
    let (there, back) = ((&location, &elsewhere), (&elsewhere, &location));
    chain.measure(
        "update_device (location)",
        ix::update_device(
            &ID,
            &OWNER,
            &device,
            &contributor,
            Some(there),
            Default::default(),
        ),
    );
    chain.run(ix::update_device(
        &ID,
        &OWNER,
        &device,
        &contributor,
        Some(back),
        Default::default(),
    ));
    chain.measure(
        "set_agent",
        ix::set_agent(&ID, &OWNER, &device, &contributor, None, &AGENT, expect),
    );
    chain.measure(
        "report_health (agent)",
        ix::report_health(&ID, &AGENT, &device, true, Health::Healthy, expect),
    );
    chain.measure(
        "report_health (oracle)",
        ix::report_health(&ID, &ORACLE, &device, false, Health::Healthy, expect),
    );
    chain.measure(
        "activate_device",
        ix::activate_device(&ID, &AUTHORITY, &device, &location, &contributor, expect),
    );

    let user = key(20);
    chain.measure(
        "open_session",
        ix::open_session(&ID, &AGENT, &PAYER, &device, &user, expect),
    );
    chain.measure(
        "drain_device (contributor)",
        ix::drain_device(&ID, &OWNER, &device, &location, &contributor, drain("")),
    );
    let args = UpdateDrain {
        deadline_seconds: Some(7_200),
        ..UpdateDrain::default()
    };
    chain.measure(
        "update_drain",
        ix::update_drain(&ID, &OPERATOR, &device, &contributor, args),
    );
    chain.measure(
        "close_session (agent)",
        ix::close_session(&ID, &AGENT, &device, &user, &PAYER, None, expect),
    );
    chain.run(ix::report_health(
        &ID,
        &ORACLE,
        &device,
        false,
        Health::Healthy,
        expect,
    ));
    chain.measure(
        "undrain_device (contributor)",
        ix::undrain_device(&ID, &OWNER, &device, &location, &contributor, expect),
    );
    chain.measure(
        "drain_device (operator, 64-byte reason)",
        ix::drain_device(
            &ID,
            &OPERATOR,
            &device,
            &location,
            &contributor,
            drain(&"r".repeat(64)),
        ),
    );
    chain.run(ix::report_health(
        &ID,
        &ORACLE,
        &device,
        false,
        Health::Healthy,
        expect,
    ));
    chain.measure(
        "undrain_device (authority)",
        ix::undrain_device(&ID, &AUTHORITY, &device, &location, &contributor, expect),
    );

    let hold = |kind, duration_seconds| PlaceHold {
        expect,
        kind,
        duration_seconds,
        reason: "backup".into(),
    };
    chain.measure(
        "place_hold (first)",
        ix::place_hold(
            &ID,
            &OWNER,
            &device,
            Some(&contributor),
            hold(HoldKind::PendingTask, 60),
        ),
    );
    chain.measure(
        "release_hold",
        ix::release_hold(&ID, &OWNER, &device, Some(&contributor), 1, expect),
    );
    let place = || {
        ix::place_hold(
            &ID,
            &OWNER,
            &device,
            Some(&contributor),
            hold(HoldKind::CriticalTraffic, 60),
        )
    };
    let undrain = || ix::undrain_device(&ID, &OWNER, &device, &location, &contributor, expect);
    let healthy = || ix::report_health(&ID, &ORACLE, &device, false, Health::Healthy, expect);
    // What is measured runs at one time, so holds that shall have expired by then are placed before.
    chain.mollusk.sysvars.clock.unix_timestamp -= 61;
    for _ in 0..8 {
        chain.run(place());
    }
    chain.mollusk.sysvars.clock.unix_timestamp += 61;
    chain.measure(
        "drain_device (8 expired holds)",
        ix::drain_device(&ID, &OWNER, &device, &location, &contributor, drain("")),
    );
    chain.run(healthy());
    chain.run(undrain());
    for _ in 0..7 {
        chain.run(place());
    }
    chain.measure("place_hold (eighth)", place());
    let forced = DrainDevice {
        force: true,
        ..drain("")
    };
    chain.measure(
        "drain_device (forced past 8 live holds)",
        ix::drain_device(&ID, &AUTHORITY, &device, &location, &registry, forced),
    );

    let args = |path: &str| RegisterDiskKey {
        expect,
        path: path.into(),
        commitment: [1; 32],
    };
    chain.measure(
        "register_disk_key",
        ix::register_disk_key(
            &ID,
            &CUSTODIAN,
            &AGENT,
            &PAYER,
            &device,
            None,
            args("/dev/sda"),
        ),
    );
    chain.measure(
        "reassign_custodian",
        ix::reassign_custodian(&ID, &AUTHORITY, &device, "/dev/sda", &OPERATOR, expect),
    );
    chain.measure(
        "retire_device (to retiring)",
        ix::retire_device(&ID, &OWNER, &device, &location, &contributor, expect),
    );
    chain.measure(
        "destroy_disk_key (last)",
        ix::destroy_disk_key(&ID, &OPERATOR, &device, "/dev/sda", &PAYER, expect),
    );
    chain.measure(
        "remove_device",
        ix::remove_device(
            &ID,
            &OWNER,
            &device,
            &location,
            &contributor,
            &PAYER,
            &contributor,
            expect,
        ),
    );

    let mut bencher = MolluskComputeUnitBencher::new(chain.mollusk).must_pass(true);
    for (name, instruction, accounts) in &chain.measured {
        bencher = bencher.bench((name, instruction, accounts));
    }
    bencher.execute();
}

fn drain(reason: &str) -> DrainDevice {
    DrainDevice {
        deadline_seconds: 3_600,
        planned_return_seconds: 7_200,
        reason: reason.into(),
        ..DrainDevice::default()
    }
}
