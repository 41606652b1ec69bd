//! What destroying takes: the device, its keys on the chain and in the store, and the steps in their order.

use {
    super::{
        disk::{self, commitment, registered, DiskScope, Signing},
        plan::{Facts, Plan},
        store::{SecretArgs, StoreArgs},
    },
    crate::{
        context::{closing, resolve, Context, Submission},
        error::CliError,
        input::{
            disk_path::path,
            secret::KeyArg,
            value::{self, Identifier},
        },
        render::{self, Item},
        signal::Signal,
        terminal::status,
    },
    ebb_keystore::{Disk, KeyStore, UnlockedKeyStore},
    ebb_sdk::{
        client::{Closing, Keyed},
        instruction::{self, Expect},
        ledger::Receipt,
        state::{Device, DiskKey, ProvisioningStatus},
    },
    solana_sdk::{pubkey::Pubkey, signer::Signer},
    std::{cell::Cell, collections::BTreeSet},
};

const REGISTERED: &str = "registered";
const STORED: &str = "stored";
const DESTROYED: &str = "destroyed";

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

    /// Every key of the device that the store holds or that the custodian is to attest
    #[arg(long, conflicts_with = "paths")]
    pub all: bool,

    /// Vouch that the keys are destroyed, of those that the store does not hold
    #[arg(long, conflicts_with = "all")]
    pub destroyed_elsewhere: bool,

    #[command(flatten)]
    pub store: StoreArgs,

    /// The keys' custodian; defaults to the signer
    #[arg(long, value_name = "KEYPAIR")]
    pub custodian: Option<KeyArg>,
}

/// The device, and what the keys of its disks are looked up in.
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
    /// Looks at the device, which may have been removed, on the chain and in the store.
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

    /// Reads the custodian's key, once it is needed.
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

    /// Does what is to be done with one key. What was sent is returned too.
    pub async fn perform(
        &self,
        context: &Context,
        work: &Work,
    ) -> Result<(Item, Option<Receipt>), CliError> {
        let (result, receipt) = match self.try_perform(context, work).await {
            Ok((item, receipt)) => (Ok(item), receipt),
            Err(error) => (Err(error), None),
        };
        Ok((render::as_item(ACTION, &*self.code, result)?, receipt))
    }

    async fn try_perform(
        &self,
        context: &Context,
        work: &Work,
    ) -> Result<(Item, Option<Receipt>), CliError> {
        let (code, path) = (&*self.code, &work.disk.path);
        let plan = work.plan.as_ref().map_err(Clone::clone)?;
        match plan {
            Plan::Done(at) => {
                let text = format!(
                    "{code}: the key of {path} was destroyed at {at}, and none is registered"
                );
                return Ok((Item::unchanged(ACTION, code, DESTROYED, text), None));
            }
            Plan::Destroy(key) | Plan::Discard(key) => {
                if work.registered.is_some() {
                    context.prepare_to_send().await?;
                }
                // While the question was open, or by a transaction that landed late, the key may have come into use.
                if matches!(plan, Plan::Discard(_))
                    && registered(context, &work.disk).await?.is_some()
                {
                    return Err(CliError::other(format!(
                        "{code}: the key of {path} was registered meanwhile, and is left in the store"
                    ))
                    .hint("a registered key is destroyed once its device is retiring: run this again then"));
                }
                if let Some(store) = &self.unlocked {
                    store.destroy(key)?;
                }
            }
            Plan::Attest | Plan::Vouch => {}
        }
        let Some(key) = &work.registered else {
            let text = format!("{code}: destroyed the key of {path}; it was not registered");
            return Ok((
                Item::written(ACTION, code, STORED, DESTROYED, None, text),
                None,
            ));
        };
        match self.attest(context, work, key).await {
            Ok(submission) => {
                let text = match plan {
                    Plan::Vouch => {
                        format!("{code}: attested on your word that the key of {path} is destroyed")
                    }
                    Plan::Attest => format!(
                        "{code}: attested that the key of {path} is destroyed, as it was before"
                    ),
                    _ => format!("{code}: destroyed the key of {path}, and attested that"),
                };
                let item = Item::changed(ACTION, code, REGISTERED, DESTROYED, &submission, text);
                Ok((item, submission.into_receipt()))
            }
            // Another process was faster, or it landed in spite of all.
            Err(_)
                if registered(context, &work.disk)
                    .await
                    .is_ok_and(|key| key.is_none()) =>
            {
                let text = format!("{code}: the key of {path} is destroyed and attested already");
                Ok((Item::unchanged(ACTION, code, DESTROYED, text), None))
            }
            Err(error) => Err(error.hint("its destruction is not attested yet: run this again")),
        }
    }

    async fn attest(
        &self,
        context: &Context,
        work: &Work,
        key: &Keyed<DiskKey>,
    ) -> Result<Submission, CliError> {
        let (Some(custodian), Some(device)) = (&self.custodian, &self.device) else {
            return Err(CliError::other("there is nobody to attest"));
        };
        let custodian = custodian.key();
        let instruction = instruction::destroy_disk_key(
            context.program_id(),
            &custodian.pubkey(),
            &self.address,
            &work.disk.path,
            &key.account.head.payer,
            Expect::in_status(&device.head),
        );
        let signers: [&(dyn Signer + Sync); 2] = [context.fee_payer()?, custodian];
        work.is_sent.set(true);
        let closing = Closing {
            account: key.address,
            recipient: key.account.head.payer,
        };
        closing::send(context, instruction, closing, &signers).await
    }

    /// That the device is retired by the last of its keys.
    pub async fn retired(
        &self,
        context: &Context,
        receipt: &Receipt,
    ) -> Result<Option<Item>, CliError> {
        let found = context.client.device(&self.address).await?;
        let status = found.map(|device| device.account.head.provisioning_status);
        if status != Some(ProvisioningStatus::Retired) {
            return Ok(None);
        }
        let (from, to) = (
            ProvisioningStatus::Retiring.as_str(),
            ProvisioningStatus::Retired.as_str(),
        );
        let text = format!("{}: {from} → {to}; that was its last disk key", self.code);
        Ok(Some(Item::written(
            "retire",
            &*self.code,
            from,
            to,
            Some(&receipt.signature),
            text,
        )))
    }
}
