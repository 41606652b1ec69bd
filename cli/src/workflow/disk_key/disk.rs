//! A disk that the user named, on the chain and in the store.

use {
    crate::{
        context::{resolve, Context},
        error::CliError,
        input::{address, key::Key, secret::KeyArg, value::Identifier},
    },
    ebb_keystore::{Commitment, Disk},
    ebb_sdk::{
        client::Keyed,
        pda,
        state::{Device, DiskKey},
    },
    solana_sdk::{hash::Hash, pubkey::Pubkey},
};

/// Where disks are: a ledger and a program.
pub struct DiskScope {
    genesis: Hash,
    program_id: Pubkey,
}

impl DiskScope {
    /// Asks the ledger.
    pub async fn read(context: &Context) -> Result<Self, CliError> {
        Ok(Self {
            genesis: context.client.ledger().genesis().await?,
            program_id: *context.program_id(),
        })
    }

    /// A disk of a device here.
    pub fn disk(&self, device: &Pubkey, path: &str) -> Disk {
        Disk {
            genesis: self.genesis,
            program_id: self.program_id,
            device: *device,
            path: path.to_owned(),
        }
    }

    /// Whether a disk is here and not on another ledger.
    pub fn has(&self, disk: &Disk) -> bool {
        disk.genesis == self.genesis && disk.program_id == self.program_id
    }
}

/// What is registered of a disk.
pub async fn registered(
    context: &Context,
    disk: &Disk,
) -> Result<Option<Keyed<DiskKey>>, CliError> {
    let address = pda::disk_key(&disk.program_id, &disk.device, &disk.path).0;
    Ok(context.client.disk_key(&address).await?)
}

/// A device that need not be registered any more: its keys may have stayed in the store.
pub async fn device(
    context: &Context,
    identifier: &Identifier,
) -> Result<(Pubkey, Option<Device>), CliError> {
    let address = address::device(context.program_id(), identifier);
    match resolve::device(context, identifier).await {
        Ok(found) => Ok((address, Some(found.account))),
        Err(error) if error.kind() == crate::error::Kind::NotFound => Ok((address, None)),
        Err(error) => Err(error),
    }
}

/// The commitment that is registered.
pub fn commitment(key: &DiskKey) -> Commitment {
    key.head.commitment.into()
}

/// A key that signs besides the signer, or the signer.
pub enum Signing<'a> {
    Signer(&'a Key),
    Named(Key),
}

impl<'a> Signing<'a> {
    /// Reads the key that `option` names, if it does.
    pub fn read(
        context: &'a Context,
        option: &str,
        source: Option<&KeyArg>,
    ) -> Result<Self, CliError> {
        match source {
            Some(source) => Ok(Self::Named(context.read_key(option, source)?)),
            None => Ok(Self::Signer(context.signer()?)),
        }
    }

    /// The key.
    pub fn key(&self) -> &Key {
        match self {
            Self::Signer(key) => key,
            Self::Named(key) => key,
        }
    }
}
