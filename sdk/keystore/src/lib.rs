//! The key store: the key material of disks, encrypted, in a folder of their custodian's.
//!
//! The custodian of a disk key registers its [`Commitment`] on chain, keeps the [`Material`] here, and attests on chain
//! that it was destroyed once [`UnlockedKeyStore::destroy`] has done so. This crate asks nobody anything and prints
//! nothing: secrets are handed in, and errors are [`KeyStoreError`].
//!
//! ```
//! use ebb_keystore::{Disk, KeyStore, Material, Owner, Secret, UnlockedKeyStore};
//!
//! # let home = tempfile::tempdir()?;
//! # let dir = home.path().join("store");
//! # let (genesis, program_id, device, contributor, custodian) = Default::default();
//! // As age-keygen writes it; or Secret::Passphrase.
//! let identity = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
//! let secret = Secret::Identities(identity.parse()?);
//! let store = UnlockedKeyStore::create(&dir, &secret)?;
//!
//! let path = "/dev/nvme0n1".to_owned();
//! let disk = Disk { genesis, program_id, device, path };
//! let code = "ams-dz001".to_owned();
//! let owner = Owner { code, contributor, generation: 1, custodian };
//! let material = Material::generate()?;
//! let key = store.put_if_absent(&disk, &owner, &material)?;
//! assert_eq!(key.commitment, material.commitment());
//!
//! // Whoever has no secret sees which keys there are, and whoever has it the material.
//! let store = KeyStore::open(&dir)?.ok_or("there is no store")?;
//! assert_eq!(store.key(&disk)?, Some(key.clone()));
//! let store = store.unlock(&secret)?;
//! assert_eq!(store.material(&key)?.expose(), material.expose());
//!
//! let destruction = store.destroy(&key)?;
//! assert_eq!(destruction.commitment, key.commitment);
//! assert_eq!(store.as_locked().key(&disk)?, None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Files
//!
//! ```text
//! store.json             to whom keys are encrypted and how records are verified; what makes the folder a store
//! keys/HASH.json         a key each: which disk it is for, its commitment, its material as an age file
//! destroyed/HASH.json    a key each that this store destroyed: which it was and its commitment
//! lock                   held by whoever writes
//! ```
//!
//! Files are mode 0600 and folders 0700; links, and what is another user's or open to others, are refused (see
//! [`ebb_folder`]). Names are hashes, so any path of a disk will do, and two ledgers or two devices never share a
//! file. The material can be had without this crate too:
//! `jq -r .content.material keys/HASH.json | age --decrypt --identity FILE`.
//!
//! # Trust
//!
//! The store's secret derives everything that is trusted: the recipients that keys are encrypted to, and the key that
//! signs every file. [`KeyStore`] reads, and verifies each record with what store.json says; [`UnlockedKeyStore`] has
//! checked store.json against the secret, and is what writes and decrypts. Who can write to the folder but lacks the
//! secret can thus neither add a recipient, nor fake a key or a destruction, nor pass one disk's record off as another's.
//! An older copy of a record can be put back: a key whose destruction is recorded is not used again, only destroyed.
//!
//! Killed at any moment, a process leaves a key stored or not, and destroyed or not. A record in `destroyed`
//! proves a destruction only together with the absence of the key's file: the record is written first, so that a
//! destruction that was cut short is distinguished from a key that was never here.

#![warn(missing_docs)]

mod encryption;
mod error;
mod folder;
mod material;
mod protection;
mod record;
mod secret;
mod store;
mod unlocked;

pub use {
    age::secrecy::SecretString,
    error::KeyStoreError,
    material::{Material, MaterialError},
    record::{Commitment, DestructionRecord, Disk, KeyRecord, Owner},
    secret::{Identities, IdentitiesError, Secret, SecretKind},
    store::KeyStore,
    unlocked::UnlockedKeyStore,
};

#[cfg(test)]
mod tests;
