//! Storing a disk's key and registering its commitment.

use {
    crate::{
        context::{resolve, Context},
        error::CliError,
        input::{secret::KeyArg, value::Identifier},
        render::{refusal::suspended, Item},
        terminal::status,
        workflow::disk_key::{
            disk::{commitment, registered, DiskScope, Signing},
            key_source::KeySource,
            store::{SecretArgs, StoreArgs},
        },
    },
    ebb_keystore::{Commitment, Disk, KeyRecord, KeyStore, Material, Owner},
    ebb_sdk::{
        client::Keyed,
        instruction::{self, Expect, RegisterDiskKey},
        ledger::Submission,
        lifecycle::check_register_disk_key,
        state::{present, Device, DiskKey},
        EbbError, Role,
    },
    solana_sdk::{pubkey::Pubkey, signer::Signer},
};

/// The verb as results name it.
pub const ACTION: &str = "register";

const REGISTERED: &str = "registered";

/// Which disk's key is registered, where it comes from, and who signs.
pub struct RegisterOptions<'a> {
    pub device: &'a Identifier,
    pub path: &'a str,
    pub source: &'a KeySource,
    pub secret: &'a SecretArgs,
    pub store: &'a StoreArgs,
    /// Who attests the key's destruction later; the signer if there is none.
    pub custodian: Option<&'a KeyArg>,
    /// The device's agent or its contributor's authority; the signer if there is none.
    pub owner: Option<&'a KeyArg>,
}

/// Stores a disk's key and registers it, unless it is registered.
pub async fn register(args: &RegisterOptions<'_>, context: &Context) -> Result<Item, CliError> {
    let device = resolve::device(context, args.device).await?;
    let disk = DiskScope::read(context)
        .await?
        .disk(&device.address, args.path);
    let custodian = Signing::read(context, "--custodian", args.custodian)?;
    let owner = Signing::read(context, "--owner", args.owner)?;
    let given = args.source.given()?;
    let registration = Registration {
        device: &device.account,
        disk: &disk,
        custodian: custodian.key().pubkey(),
        given: given.as_ref().map(Material::commitment),
    };
    if let Some(found) = registered(context, &disk).await? {
        return already(args, context, &registration, given, &found.account);
    }
    let contributor = check(context, &device, &owner.key().pubkey()).await?;
    let payer = context.fee_payer()?;
    let key = stored(args, context, &registration, given)?;
    let instruction = instruction::register_disk_key(
        context.program_id(),
        &registration.custodian,
        &owner.key().pubkey(),
        &payer.pubkey(),
        &device.address,
        contributor.as_ref(),
        RegisterDiskKey {
            expect: Expect::registration(&device.account.head),
            path: args.path.into(),
            commitment: *key.commitment.as_bytes(),
        },
    )?;
    let signers: [&(dyn Signer + Sync); 3] = [payer, custodian.key(), owner.key()];
    match context.client.submit(&[instruction], &signers).await {
        Ok(submission) => Ok(done(&registration, &key.commitment, &submission)),
        Err(error) => match registered(context, &disk).await {
            // Somebody else was faster, or it landed in spite of all.
            Ok(Some(found)) => already(args, context, &registration, None, &found.account),
            _ => Err(CliError::from(error)
                .hint("the key is stored and not lost: run this again to register it")),
        },
    }
}

/// That the key is registered.
fn done(registration: &Registration<'_>, commitment: &Commitment, by: &Submission) -> Item {
    let (code, path) = (&registration.device.code, &registration.disk.path);
    let text = format!("{code}: registered the key of {path}; its commitment is {commitment}");
    Item::changed(ACTION, code, None, REGISTERED, by, text)
}

/// What is asked for.
struct Registration<'a> {
    device: &'a Device,
    disk: &'a Disk,
    custodian: Pubkey,
    /// The commitment of the material that was given.
    given: Option<Commitment>,
}

/// What there is to do about a key that is registered: nothing, or only to store it.
fn already(
    args: &RegisterOptions<'_>,
    context: &Context,
    registration: &Registration<'_>,
    given: Option<Material>,
    found: &DiskKey,
) -> Result<Item, CliError> {
    let (code, path) = (&registration.device.code, &registration.disk.path);
    let refused = |state: String| Err(CliError::refused(EbbError::DiskKeyExists).because(state));
    let (custodian, commitment) = (found.head.custodian, commitment(found));
    if custodian != registration.custodian {
        return refused(format!("{path} of {code}, whose custodian is {custodian}"));
    }
    if registration.given.is_some_and(|given| given != commitment) {
        return refused(format!(
            "{path} of {code} with commitment {commitment}, and the key given has another"
        ));
    }
    let stored = match args.store.open()? {
        Some(store) => {
            args.secret.check_if_named(&store)?;
            store.key(registration.disk)?
        }
        None => None,
    };
    match (stored, given) {
        (Some(key), _) if key.commitment == commitment => {
            let text = format!("{code}: the key of {path} is registered already");
            Ok(Item::unchanged(ACTION, code, REGISTERED, text))
        }
        (Some(key), _) => refused(format!(
            "{path} of {code} with commitment {commitment}, and the store's key for it has {}",
            key.commitment
        )),
        (None, Some(material)) => {
            let store = args.secret.open_or_create(context, args.store)?;
            store.put_if_absent(registration.disk, &registration.owner(), &material)?;
            let text = format!("{code}: stored the key of {path}, which is registered already");
            Ok(Item::written(
                ACTION, code, REGISTERED, REGISTERED, None, text,
            ))
        }
        (None, None) => refused(format!(
            "{path} of {code} with commitment {commitment}, and the store has no key for it"
        )),
    }
}

/// The key of the disk, which is in the store when this returns.
fn stored(
    args: &RegisterOptions<'_>,
    context: &Context,
    registration: &Registration<'_>,
    given: Option<Material>,
) -> Result<KeyRecord, CliError> {
    let store = args.store.open()?;
    let found = match &store {
        Some(store) => store.usable_key(registration.disk)?,
        None => None,
    };
    let key = match (store, found) {
        (Some(store), Some(key)) => {
            // Nothing is registered that the holder of the store's secret did not store.
            args.secret.unlock(context, &store)?;
            key
        }
        _ => {
            let material = match given {
                Some(material) => material,
                None => args.source.generate()?,
            };
            let unlocked = args.secret.open_or_create(context, args.store)?;
            let key =
                unlocked.put_if_absent(registration.disk, &registration.owner(), &material)?;
            if key.commitment == material.commitment() {
                report_stored(args, unlocked.as_locked());
                return Ok(key);
            }
            // Another process was faster.
            key
        }
    };
    registration.check_stored(&key)?;
    status(format_args!(
        "registering the key that the store holds for {} since {}",
        args.path, key.stored_at
    ));
    Ok(key)
}

fn report_stored(args: &RegisterOptions<'_>, store: &KeyStore) {
    status(format_args!(
        "stored the key of {} in {}",
        args.path,
        store.dir().display()
    ));
    if let Some(file) = args.source.file_left() {
        status(format_args!(
            "note: {} holds the key too; `ebb disk-key destroy` destroys the store's copy only",
            file.display()
        ));
    }
}

impl Registration<'_> {
    fn owner(&self) -> Owner {
        Owner {
            code: self.device.code.clone(),
            contributor: self.device.head.contributor,
            generation: self.device.head.generation,
            custodian: self.custodian,
        }
    }

    /// Whether a key that was stored before may be the one to register.
    fn check_stored(&self, key: &KeyRecord) -> Result<(), CliError> {
        let (code, path) = (&self.device.code, &self.disk.path);
        let head = &self.device.head;
        let other = if !key
            .owner
            .is_same_registration(&head.contributor, head.generation)
        {
            format!("a key for {path} of an earlier device {code}")
        } else if self.given.is_some_and(|given| given != key.commitment) {
            format!(
                "another key for {path} of {code}, which is not registered (commitment {})",
                key.commitment
            )
        } else {
            return Ok(());
        };
        Err(CliError::other(format!("the store holds {other}"))
            .hint("to register that one, leave out --key-file")
            .hint(format!(
                "to destroy that one: ebb disk-key destroy {code} {path}"
            )))
    }
}

/// Asks the rules, before anything is stored. Returns the contributor if it is the owner, and not the agent.
async fn check(
    context: &Context,
    device: &Keyed<Device>,
    owner: &Pubkey,
) -> Result<Option<Pubkey>, CliError> {
    let Device { head, code } = &device.account;
    let contributor = resolve::contributor(context, &Identifier::Address(head.contributor)).await?;
    let authority = contributor.account.head.authority;
    let role = if authority == *owner {
        Role::Contributor
    } else if present(&head.agent) == Some(owner) {
        Role::Agent
    } else {
        let agent = present(&head.agent)
            .map(|agent| format!(" or its agent {agent}"))
            .unwrap_or_default();
        return Err(CliError::refused(EbbError::Unauthorized)
            .because(format!(
                "signed by {owner}, requires the authority {authority} of contributor {}{agent}",
                contributor.account.code
            ))
            .hint("let one of them sign too: --owner KEYPAIR"));
    };
    let is_suspended = contributor.account.head.suspended;
    check_register_disk_key(head, role, is_suspended).map_err(|rule| {
        let refusal = CliError::refused(rule);
        match rule {
            EbbError::TooManyDiskKeys => refusal.because(format!("{code} has {}", head.disk_keys)),
            EbbError::ContributorSuspended => refusal.because(suspended(&contributor.account.code)),
            EbbError::ContributorSignatureRequired => refusal
                .because(format!("{owner} is its agent, and {code} is draining"))
                .hint(format!(
                    "let the authority {authority} of contributor {} sign: --owner KEYPAIR",
                    contributor.account.code
                )),
            _ => refusal.because(format!("{code} is {}", head.provisioning_status)),
        }
    })?;
    Ok((role == Role::Contributor).then_some(contributor.address))
}
