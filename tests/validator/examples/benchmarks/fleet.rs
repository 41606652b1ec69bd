//! A validator with a fleet.

use {
    base64::{prelude::BASE64_STANDARD, Engine},
    ebb_sdk::{
        client::{Client, DeviceFilter},
        instruction::{
            activate_device, create_contributor, create_location, undrain_device,
            CreateContributor, CreateLocation, Expect,
        },
        ledger::Ledger,
        pda,
        state::{Device, DeviceHead, ProvisioningStatus},
        EbbError, ID,
    },
    ebb_validator_tests::{preloaded_with, Ebb, Options, Validator},
    futures_util::{StreamExt, TryStreamExt},
    serde_json::json,
    solana_sdk::{instruction::Instruction, pubkey::Pubkey, signature::Keypair, signer::Signer},
    std::{collections::BTreeMap, fs, path::Path, sync::Arc},
    tempfile::TempDir,
};

/// Who owns what is drained, and who owns what is only listed.
pub const CONTRIBUTOR: &str = "co01";
const OTHERS: &str = "co02";
const LOCATION: &str = "ams";
/// How many devices one transaction of the preparation moves, and how many are on their way.
const AT_ONCE: usize = 10;
const PARALLEL: usize = 16;

/// A validator with devices that are to be imported, and others that drain already.
pub struct Fleet {
    pub validator: Validator,
    pub ebb: Ebb,
    /// Signs everything.
    key: Keypair,
    /// What [`Fleet::activate`] moves.
    codes: Vec<String>,
    /// The accounts that the validator starts with, and the file to import.
    folder: TempDir,
}

impl Fleet {
    /// Starts a validator with so many devices to import and so many others.
    pub async fn found(imported: usize, others: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder for files");
        let accounts = folder.path().join("accounts");
        fs::create_dir(&accounts).expect("a folder for accounts");
        for number in 0..others {
            write_draining(&accounts, &format!("old-{number:05}"));
        }
        let options = Options::default().accounts(&accounts);
        let (validator, key) = preloaded_with(&ID, options);
        validator.fund(&key.pubkey()).await;
        let ebb = Ebb::new(&validator, &ID, &key);
        let codes = (0..imported).map(|number| format!("new-{number:05}"));
        let fleet = Self {
            validator,
            ebb,
            key,
            codes: codes.collect(),
            folder,
        };
        let init = fleet.ebb.run(&["init"]).await;
        assert_eq!(init.code, Some(0), "{init:?}");
        fleet.create_parents().await;
        fleet.write_sheet();
        fleet
    }

    /// How many devices are imported and drained.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// The file to import.
    pub fn sheet(&self) -> String {
        let file = self.folder.path().join("devices.csv");
        file.to_str().expect("the path is UTF-8").to_owned()
    }

    /// A client with connections of its own.
    pub fn client(&self) -> Client {
        Client::new(Arc::new(self.validator.ledger()), ID)
    }

    /// The devices that were imported and have a status, with their sequences.
    pub async fn sequences(&self, status: Option<ProvisioningStatus>) -> BTreeMap<String, u64> {
        let filter = DeviceFilter {
            contributor: Some(pda::contributor(&ID, CONTRIBUTOR).0),
            status,
            ..DeviceFilter::default()
        };
        let found = self.client().devices(&filter).await;
        let devices = found.expect("the validator lists").items.into_iter();
        devices
            .map(|device| (device.account.code, device.account.head.sequence))
            .collect()
    }

    /// Activates what was imported.
    pub async fn activate(&self) {
        let authority = self.key.pubkey();
        self.each(|device, location, contributor| {
            let expect = Expect::default();
            activate_device(&ID, &authority, device, location, contributor, expect)
        })
        .await;
    }

    /// Brings what was drained back into service.
    pub async fn undrain(&self) {
        let authority = self.key.pubkey();
        self.each(|device, location, contributor| {
            let expect = Expect::default();
            undrain_device(&ID, &authority, device, location, contributor, expect)
        })
        .await;
    }

    /// Sends an instruction for each device that was imported.
    async fn each(
        &self,
        instruction: impl Fn(&Pubkey, &Pubkey, &Pubkey) -> Result<Instruction, EbbError>,
    ) {
        let (location, contributor) = (
            pda::location(&ID, LOCATION).0,
            pda::contributor(&ID, CONTRIBUTOR).0,
        );
        let all: Result<Vec<Instruction>, EbbError> = self
            .codes
            .iter()
            .map(|code| instruction(&pda::device(&ID, code).0, &location, &contributor))
            .collect();
        let all = all.expect("the builder takes these values");
        let chunks: Vec<Vec<Instruction>> = all.chunks(AT_ONCE).map(<[_]>::to_vec).collect();
        let client = self.client();
        let (client, key) = (&client, &self.key);
        let sent: Result<Vec<_>, _> = futures_util::stream::iter(chunks)
            .map(|chunk| async move { client.send(&chunk, &[key]).await })
            .buffer_unordered(PARALLEL)
            .try_collect()
            .await;
        sent.expect("the program accepts it");
    }

    async fn create_parents(&self) {
        let key = self.key.pubkey();
        let contributor = |code: &str| {
            let args = CreateContributor {
                code: code.into(),
                authority: key,
            };
            create_contributor(&ID, &key, &key, args)
        };
        let location = CreateLocation {
            code: LOCATION.into(),
            name: "Amsterdam".into(),
            country: *b"NL",
            latitude: 52_300_000,
            longitude: 4_940_000,
            min_activated: 0,
        };
        let all = [
            contributor(CONTRIBUTOR),
            contributor(OTHERS),
            create_location(&ID, &key, &key, location),
        ];
        let all: Result<Vec<Instruction>, EbbError> = all.into_iter().collect();
        let all = all.expect("the builder takes these values");
        let sent = self.validator.ledger().send(&all, &[&self.key]).await;
        sent.expect("the program accepts it");
    }

    fn write_sheet(&self) {
        let key = self.key.pubkey();
        let head = "code,contributor,location,device_type,public_ip,max_sessions,agent".to_owned();
        let row = |code| format!("{code},{CONTRIBUTOR},{LOCATION},hybrid,195.219.138.50,128,{key}");
        let lines: Vec<String> = [head]
            .into_iter()
            .chain(self.codes.iter().map(row))
            .collect();
        fs::write(self.sheet(), lines.join("\n")).expect("the sheet is written");
    }
}

/// Writes the account of a draining device for the validator to start with.
fn write_draining(folder: &Path, code: &str) {
    let (address, bump) = pda::device(&ID, code);
    let mut head = DeviceHead::new(
        pda::contributor(&ID, OTHERS).0,
        pda::location(&ID, LOCATION).0,
        Pubkey::default(),
        1,
        bump,
    );
    head.provisioning_status = ProvisioningStatus::Draining;
    head.public_ip = [195, 219, 138, 50];
    head.max_sessions = 128;
    let code = code.to_owned();
    let data = borsh::to_vec(&Device { head, code }).expect("it encodes");
    let account = json!({
        "pubkey": address.to_string(),
        "account": {
            "lamports": 10_000_000,
            "data": [BASE64_STANDARD.encode(&data), "base64"],
            "owner": ID.to_string(),
            "executable": false,
            "rentEpoch": u64::MAX,
            "space": data.len(),
        },
    });
    let file = folder.join(format!("{address}.json"));
    fs::write(file, account.to_string()).expect("the account is written");
}
