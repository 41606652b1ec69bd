//! What destroying takes: the device, its keys on the chain and in the store, and the steps in their order.

mod perform;

use {
    super::{
        disk::{self, commitment, registered, DiskScope, Signing},
        plan::{Facts, Plan},
        store::{SecretArgs, StoreArgs},
    },
    crate::{
        context::{resolve, Context},
        error::CliError,
        input::{
            disk_path::path,
            secret::KeyArg,
            value::{self, Identifier},
        },
        render::Item,
        signal::Signal,
        terminal::status,
    },
    ebb_keystore::{Disk, KeyStore, UnlockedKeyStore},
    ebb_sdk::{
        client::Keyed,
        state::{Device, DiskKey},
    },
    solana_sdk::{pubkey::Pubkey, signer::Signer},
    std::{cell::Cell, collections::BTreeSet},
};

/// The verb as results name it.
pub const ACTION: &str = "destroy";

/// Which keys are destroyed, and what vouches for that.
#[derive(clap::Args, Debug)]
pub struct Choice {
    /// The device
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    pub device: Identifier,

    /// Where on the device
    #[arg(value_name = "PATH", value_parser = path, required_unless_present = "all")]
    pub paths: Vec<String>,

    /// Every key of the device
    ///
    /// That the store holds or that the custodian is to attest.
    #[arg(long, conflicts_with = "paths")]
    pub all: bool,

    /// Vouch for keys that the store does not hold
    ///
    /// That they are destroyed.
    #[arg(long, conflicts_with = "all")]
    pub destroyed_elsewhere: bool,

    #[command(flatten)]
    pub store: StoreArgs,

    /// The keys' custodian; defaults to the signer
    #[arg(long, value_name = "KEYPAIR")]
    pub custodian: Option<KeyArg>,
}

/// The device, and where the keys of its disks are read.
pub struct Subject<'a> {
    code: String,
    address: Pubkey,
    device: Option<Device>,
    scope: DiskScope,
    store: Option<KeyStore>,
    unlocked: Option<UnlockedKeyStore>,
    custodian: Option<Signing<'a>>,
}

/// A disk, what is registered of it, and what is to be done.
pub struct Work {
    /// The disk.
    pub disk: Disk,
    registered: Option<Keyed<DiskKey>>,
    plan: Result<Plan, CliError>,
    /// Whether its attestation may have been sent.
    is_sent: Cell<bool>,
}

impl Work {
    /// Whether a stored key is to be destroyed.
    pub fn destroys(&self) -> bool {
        matches!(self.plan, Ok(Plan::Destroy(_) | Plan::Discard(_)))
    }

    /// Whether it is done on the word of the store.
    fn trusts_store(&self) -> bool {
        matches!(
            self.plan,
            Ok(Plan::Destroy(_) | Plan::Discard(_) | Plan::Attest | Plan::Done(_))
        )
    }

    /// What is reported of it, where a signal ended the run before it was done.
    pub fn cut_short(&self, code: &str, signal: Signal) -> Item {
        let path = &self.disk.path;
        let error = CliError::interrupted(signal).at(format!("the key of {path}"));
        let inspect = format!("ebb disk-key list {code}");
        Item::cut_short(ACTION, code, self.is_sent.get(), error, &inspect).on(path)
    }
}

impl<'a> Subject<'a> {
    /// Reads the device, which may have been removed, from the chain and from the store.
    pub async fn read(context: &Context, choice: &Choice) -> Result<Self, CliError> {
        let (address, device) = disk::device(context, &choice.device).await?;
        let subject = Self {
            code: device
                .as_ref()
                .map_or_else(|| choice.device.to_string(), |device| device.code.clone()),
            address,
            device,
            scope: DiskScope::read(context).await?,
            store: choice.store.open()?,
            unlocked: None,
            custodian: None,
        };
        if subject.device.is_none() && !subject.has_kept_anything()? {
            return Err(resolve::device_absent(context, &choice.device).await);
        }
        Ok(subject)
    }

    /// What the user calls the device.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Whether the store has, or had, a key of this device.
    fn has_kept_anything(&self) -> Result<bool, CliError> {
        let Some(store) = &self.store else {
            return Ok(false);
        };
        let stored = store.keys()?.into_iter().flatten().map(|key| key.disk);
        let destroyed = store
            .destructions()?
            .into_iter()
            .flatten()
            .map(|key| key.disk);
        Ok(stored.chain(destroyed).any(|disk| self.is_ours(&disk)))
    }

    fn is_ours(&self, disk: &Disk) -> bool {
        self.scope.has(disk) && disk.device == self.address
    }

    /// What is to be done with every key that is named. Nothing is touched.
    pub async fn plan_all(
        &mut self,
        context: &'a Context,
        choice: &Choice,
    ) -> Result<Vec<Work>, CliError> {
        let paths = if choice.all {
            self.every_path(context, choice).await?
        } else {
            choice.paths.iter().cloned().collect()
        };
        let mut work = vec![];
        for path in paths {
            let disk = self.scope.disk(&self.address, &path);
            let registered = registered(context, &disk).await?;
            if registered.is_some() {
                self.read_custodian(context, choice)?;
            }
            let plan = self.plan(&disk, registered.as_ref(), choice.destroyed_elsewhere);
            work.push(Work {
                disk,
                registered,
                plan,
                is_sent: Cell::default(),
            });
        }
        Ok(work)
    }

    /// The paths of the keys that the store holds, and of those that the custodian is to attest.
    async fn every_path(
        &mut self,
        context: &'a Context,
        choice: &Choice,
    ) -> Result<BTreeSet<String>, CliError> {
        let mut paths = BTreeSet::new();
        if let Some(store) = &self.store {
            for key in store.keys()? {
                let disk = key?.disk;
                if self.is_ours(&disk) {
                    paths.insert(disk.path);
                }
            }
        }
        let registered = context.client.disk_keys(Some(&self.address)).await?.items;
        if registered.is_empty() {
            return Ok(paths);
        }
        let custodian = self.read_custodian(context, choice)?;
        for key in registered {
            if key.account.head.custodian == custodian {
                paths.insert(key.account.path);
            } else if !paths.contains(&key.account.path) {
                status(format_args!(
                    "{}: {} is left to its custodian {}",
                    self.code, key.account.path, key.account.head.custodian
                ));
            }
        }
        Ok(paths)
    }

    /// Reads the custodian's key on first use.
    fn read_custodian(
        &mut self,
        context: &'a Context,
        choice: &Choice,
    ) -> Result<Pubkey, CliError> {
        let key = match self.custodian.take() {
            Some(key) => key,
            None => Signing::read(context, "--custodian", choice.custodian.as_ref())?,
        };
        Ok(self.custodian.insert(key).key().pubkey())
    }

    fn plan(
        &self,
        disk: &Disk,
        registered: Option<&Keyed<DiskKey>>,
        vouched: bool,
    ) -> Result<Plan, CliError> {
        let registered = registered.map(|key| &key.account);
        let (mut stored, mut destroyed_at) = (None, None);
        if let Some(store) = &self.store {
            stored = store.key(disk)?;
            destroyed_at = match registered {
                Some(key) => store
                    .destruction(disk, &commitment(key))?
                    .map(|it| it.destroyed_at),
                None => {
                    let all = store.destructions()?;
                    all.iter()
                        .flatten()
                        .filter(|it| it.disk == *disk)
                        .map(|it| it.destroyed_at)
                        .max()
                }
            };
        }
        Facts {
            code: &self.code,
            path: &disk.path,
            device: self.device.as_ref(),
            registered,
            custodian: self
                .custodian
                .as_ref()
                .map(|custodian| custodian.key().pubkey()),
            stored,
            destroyed_at,
            vouched,
        }
        .plan()
    }

    /// What will be lost, in sentences; `None` if nothing is.
    pub fn consequence(&self, work: &[Work]) -> Option<String> {
        let named = |wanted: fn(&Plan) -> bool| -> Vec<&str> {
            let of_kind = work
                .iter()
                .filter(|one| one.plan.as_ref().is_ok_and(wanted));
            of_kind.map(|one| one.disk.path.as_str()).collect()
        };
        let lost = named(|plan| matches!(plan, Plan::Destroy(_) | Plan::Discard(_)));
        let vouched = named(|plan| matches!(plan, Plan::Vouch));
        let mut sentences = vec![];
        if let (Some(store), false) = (&self.store, lost.is_empty()) {
            sentences.push(format!(
                "The keys of {} for {} in {} will be destroyed, and what they encrypt can never be read again.",
                self.code,
                lost.join(", "),
                store.dir().display()
            ));
        }
        if !vouched.is_empty() {
            sentences.push(format!(
                "You vouch that the keys of {} for {}, which this store does not hold, are destroyed.",
                self.code,
                vouched.join(", ")
            ));
        }
        (!sentences.is_empty()).then(|| sentences.join(" "))
    }

    /// Checks the store against its secret, if what is to be done rests on its records.
    pub fn unlock(
        &mut self,
        context: &Context,
        secret: &SecretArgs,
        work: &[Work],
    ) -> Result<(), CliError> {
        if let Some(store) = &self.store {
            if work.iter().any(Work::trusts_store) {
                self.unlocked = Some(secret.unlock(context, store)?);
            }
        }
        Ok(())
    }
}
