//! A validator with a fleet.

use {
    ebb_sdk::{
        client::{Client, DeviceFilter},
        instruction::{
            activate_device, create_contributor, create_location, undrain_device,
            CreateContributor, CreateLocation, Expect,
        },
        ledger::Ledger,
        pda,
        state::ProvisioningStatus,
        EbbError, ID,
    },
    ebb_validator_tests::{Ebb, Options, Validator},
    futures_util::{StreamExt, TryStreamExt},
    solana_sdk::{instruction::Instruction, pubkey::Pubkey, signature::Keypair, signer::Signer},
    std::{collections::BTreeMap, fs, sync::Arc},
    tempfile::TempDir,
};

/// Who owns what is drained by itself, and who owns the rest.
pub const CONTRIBUTOR: &str = "co01";
pub const OTHERS: &str = "co02";
/// So many devices of a contributor in a row stand at one location.
pub const PER_LOCATION: usize = 10_000;
/// How many blocks' shreds the validator keeps: more than there will be.
const KEPT_SHREDS: &str = "1000000000";
/// Where nothing listens.
const NOWHERE: &str = "http://127.0.0.1:9";
/// How many devices one transaction of the preparation moves, and how many are on their way.
const AT_ONCE: usize = 10;
const PARALLEL: usize = 64;
/// How many contributors or locations one transaction creates.
const FEW: usize = 3;

/// A validator, and devices that are to be imported.
pub struct Fleet {
    pub validator: Validator,
    pub ebb: Ebb,
    /// Signs everything.
    pub key: Keypair,
    /// How many devices a contributor is to have.
    sizes: [(&'static str, usize); 2],
    /// The file to import.
    folder: TempDir,
}

impl Fleet {
    /// Starts a validator, and writes a file with so many devices of the contributor and so many others.
    pub async fn found(own: usize, others: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the file");
        let key = Keypair::new();
        let options = Options::default()
            .program(&ID, &key.pubkey())
            .mint(&key.pubkey())
            .argument("--limit-ledger-size", KEPT_SHREDS);
        let validator = Validator::start(options);
        let ebb = Ebb::new(&validator, &ID, &key);
        let fleet = Self {
            validator,
            ebb,
            key,
            sizes: [(CONTRIBUTOR, own), (OTHERS, others)],
            folder,
        };
        let init = fleet.ebb.run(&["init"]).await;
        assert_eq!(init.code, Some(0), "{init:?}");
        fleet.create_parents().await;
        fleet.write_csv();
        fleet
    }

    /// The same `ebb` where there is no validator.
    pub fn ebb_alone(&self) -> Ebb {
        Ebb::new(&self.validator, &ID, &self.key).through(NOWHERE.to_owned())
    }

    /// How many devices a contributor has; all for none.
    pub fn len(&self, contributor: Option<&str>) -> usize {
        let sizes = self.sizes.iter();
        let of = sizes.filter(|(owner, _)| contributor.is_none_or(|it| it == *owner));
        of.map(|(_, devices)| devices).sum()
    }

    /// The file to import.
    pub fn csv(&self) -> String {
        let file = self.folder.path().join("devices.csv");
        file.to_str().expect("the path is UTF-8").to_owned()
    }

    /// A client with connections of its own.
    pub fn client(&self) -> Client {
        Client::new(Arc::new(self.validator.ledger()), ID)
    }

    /// The devices of a contributor that have a status, with their sequences.
    pub async fn sequences(
        &self,
        contributor: &str,
        status: Option<ProvisioningStatus>,
    ) -> BTreeMap<String, u64> {
        let filter = DeviceFilter {
            contributor: Some(pda::contributor(&ID, contributor).0),
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
        for (contributor, _) in self.sizes {
            self.each(contributor, |device, location, contributor| {
                let expect = Expect::default();
                Ok(activate_device(
                    &ID,
                    &authority,
                    device,
                    location,
                    contributor,
                    expect,
                ))
            })
            .await;
        }
    }

    /// Drains the first devices of a contributor, and returns their codes.
    pub async fn drain_some(&self, contributor: &'static str, count: usize) -> Vec<String> {
        let devices = self.devices(contributor).take(count);
        let codes: Vec<String> = devices.map(|(code, _)| code).collect();
        let mut arguments = vec!["device", "drain"];
        arguments.extend(codes.iter().map(String::as_str));
        arguments.extend(["--detach", "--yes", "--no-deadline"]);
        let drained = self.ebb.run(&arguments).await;
        assert_eq!(drained.code, Some(0), "{drained:?}");
        codes
    }

    /// Brings what a contributor drained back into service.
    pub async fn undrain(&self, contributor: &'static str) {
        let authority = self.key.pubkey();
        self.each(contributor, |device, location, contributor| {
            let expect = Expect::default();
            Ok(undrain_device(
                &ID,
                &authority,
                device,
                location,
                contributor,
                expect,
            ))
        })
        .await;
    }

    /// The codes of the locations.
    pub fn locations(&self) -> Vec<String> {
        let most = self.sizes.iter().map(|(_, devices)| *devices).max();
        let last = most.unwrap_or_default().saturating_sub(1) / PER_LOCATION;
        (0..=last)
            .map(|number| location(number * PER_LOCATION))
            .collect()
    }

    /// Each device of a contributor: its code, and that of its location.
    fn devices(&self, contributor: &'static str) -> impl Iterator<Item = (String, String)> {
        let devices = self.len(Some(contributor));
        (0..devices).map(move |number| (format!("{contributor}-{number:05}"), location(number)))
    }

    /// Sends an instruction for each device of a contributor.
    async fn each(
        &self,
        owner: &'static str,
        instruction: impl Fn(&Pubkey, &Pubkey, &Pubkey) -> Result<Instruction, EbbError>,
    ) {
        let contributor = pda::contributor(&ID, owner).0;
        let all: Result<Vec<Instruction>, EbbError> = self
            .devices(owner)
            .map(|(code, location)| {
                let location = pda::location(&ID, &location).0;
                instruction(&pda::device(&ID, &code).0, &location, &contributor)
            })
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
        let location = |code: &String| {
            let args = CreateLocation {
                code: code.as_str().into(),
                name: "Amsterdam".into(),
                country: *b"NL",
                latitude: 52_300_000,
                longitude: 4_940_000,
                min_activated: 0,
            };
            create_location(&ID, &key, &key, args)
        };
        let contributors = [contributor(CONTRIBUTOR), contributor(OTHERS)];
        let locations = self.locations();
        let all = contributors
            .into_iter()
            .chain(locations.iter().map(location));
        let all: Result<Vec<Instruction>, EbbError> = all.collect();
        let all = all.expect("the builder takes these values");
        let ledger = self.validator.ledger();
        for some in all.chunks(FEW) {
            let sent = ledger.send(some, &[&self.key]).await;
            sent.expect("the program accepts it");
        }
    }

    fn write_csv(&self) {
        let key = self.key.pubkey();
        let head = "code,contributor,location,device_type,public_ip,max_sessions,agent".to_owned();
        let rows = self.sizes.iter().flat_map(|(owner, _)| {
            let devices = self.devices(owner);
            devices.map(move |(code, location)| {
                format!("{code},{owner},{location},hybrid,195.219.138.50,128,{key}")
            })
        });
        let lines: Vec<String> = [head].into_iter().chain(rows).collect();
        fs::write(self.csv(), lines.join("\n")).expect("the csv is written");
    }
}

/// The code of the location where a contributor's device of this number stands.
fn location(number: usize) -> String {
    format!("ams{:02}", number / PER_LOCATION)
}
