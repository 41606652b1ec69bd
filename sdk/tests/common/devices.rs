//! Devices of one contributor at one location, created several to a transaction.

use {
    super::{open, wait},
    ebb_sdk::{
        client::Client,
        embedded::EmbeddedLedger,
        instruction::{
            create_contributor, create_device, create_location, initialize, CreateContributor,
            CreateDevice, CreateLocation, Initialize,
        },
        ledger::{Ledger, LedgerError, Receipt},
        pda,
        state::{DeviceType, ProvisioningStatus},
        ID,
    },
    solana_program::{instruction::Instruction, pubkey::Pubkey},
    solana_sdk::signer::Signer,
    std::{collections::BTreeSet, fs, path::Path, sync::Arc},
};

/// Sets up what devices need, with the ledger's default key in every part.
pub fn set_up(ledger: &EmbeddedLedger) {
    let key = ledger.default_key();
    let me = &key.pubkey();
    let registry = Initialize {
        authority: *me,
        health_oracle: *me,
        require_healthy: false,
    };
    let contributor = CreateContributor {
        code: "co01".into(),
        authority: *me,
    };
    let location = CreateLocation {
        code: "ams".into(),
        name: "Amsterdam".into(),
        country: *b"NL",
        latitude: 52_300_000,
        longitude: 4_940_000,
        min_activated: 0,
    };
    let instructions = [
        initialize(&ID, me, me, registry).unwrap(),
        create_contributor(&ID, me, me, contributor).unwrap(),
        create_location(&ID, me, me, location).unwrap(),
    ];
    wait(ledger.send(&instructions, &[&key])).unwrap();
}

/// What creates the device of a code.
pub fn creation(me: &Pubkey, code: &str) -> Instruction {
    let args = CreateDevice {
        code: code.into(),
        device_type: DeviceType::Hybrid,
        public_ip: [195, 219, 138, 50],
        max_sessions: 64,
        agent: *me,
    };
    let [contributor, location] = [pda::contributor(&ID, "co01").0, pda::location(&ID, "ams").0];
    create_device(&ID, me, me, &contributor, &location, args).unwrap()
}

/// Creates devices in one transaction.
pub async fn create(ledger: &EmbeddedLedger, codes: &[String]) -> Result<Receipt, LedgerError> {
    let key = ledger.default_key();
    let creations = codes.iter().map(|code| creation(&key.pubkey(), code));
    ledger.send(&creations.collect::<Vec<_>>(), &[&key]).await
}

/// The codes of a ledger's devices, each of which is asserted to be whole.
pub fn existing(dir: &Path) -> BTreeSet<String> {
    let ledger = open(dir);
    let me = ledger.default_key().pubkey();
    let client = Client::new(Arc::new(ledger), ID);
    let listing = wait(client.devices(&Default::default())).unwrap();
    assert!(listing.unreadable.is_empty());
    let devices = listing.items.into_iter().map(|found| found.account);
    let codes = devices.map(|device| {
        assert_eq!(device.head.agent, me);
        assert_eq!(device.head.provisioning_status, ProvisioningStatus::Pending);
        device.code
    });
    codes.collect()
}

/// How often the ledger's state was written: each time with three syncs of the disk.
pub fn writes(dir: &Path) -> u64 {
    let state = fs::read(dir.join("state")).unwrap();
    u64::from_le_bytes(state[12..20].try_into().unwrap())
}
