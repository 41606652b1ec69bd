//! A disk key as JSON and tables give it: on chain, in the store, and how these differ.

use {
    super::{short, View},
    crate::terminal::{time::rfc3339, Cell},
    ebb_keystore::{Commitment, KeyRecord},
    ebb_sdk::state::{Device, DiskKey},
    serde::Serialize,
    solana_sdk::pubkey::Pubkey,
};

/// How store and chain differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Difference {
    InStoreOnly,
    OnChainOnly,
    DestroyedNotAttested,
    CommitmentMismatch,
    OtherCustodian,
    EarlierRegistration,
}

impl Difference {
    /// The difference as JSON and tables write it.
    const fn as_str(self) -> &'static str {
        match self {
            Self::InStoreOnly => "in-store-only",
            Self::OnChainOnly => "on-chain-only",
            Self::DestroyedNotAttested => "destroyed-not-attested",
            Self::CommitmentMismatch => "commitment-mismatch",
            Self::OtherCustodian => "other-custodian",
            Self::EarlierRegistration => "earlier-registration",
        }
    }
}

/// One disk's key. What stands on chain only, or in the store only, is null where it does not.
#[derive(Clone, Debug, Serialize)]
pub struct DiskKeyView {
    pub device: Option<String>,
    pub device_address: String,
    pub path: String,
    pub address: Option<String>,
    pub custodian: Option<String>,
    pub commitment: Option<String>,
    pub registered_at: Option<String>,
    pub registered_slot: Option<u64>,
    pub stored_commitment: Option<String>,
    pub stored_custodian: Option<String>,
    pub stored_at: Option<String>,
    pub differences: Vec<Difference>,
}

impl DiskKeyView {
    /// `None` if it is neither registered nor stored. `destroyed`: whether the store destroyed the key that is
    /// registered.
    pub fn new(
        device: Option<&Device>,
        device_address: Pubkey,
        path: String,
        registered: Option<(Pubkey, DiskKey)>,
        stored: Option<&KeyRecord>,
        destroyed: bool,
    ) -> Option<Self> {
        if registered.is_none() && stored.is_none() {
            return None;
        }
        let key = registered.as_ref().map(|(_, key)| key);
        let mut differences = match (key, stored) {
            (Some(key), Some(stored)) => between(key, stored),
            (None, _) => vec![Difference::InStoreOnly],
            (Some(_), None) if destroyed => vec![Difference::DestroyedNotAttested],
            (Some(_), None) => vec![Difference::OnChainOnly],
        };
        if stored.is_some_and(|stored| !is_of(stored, device)) {
            differences.push(Difference::EarlierRegistration);
        }
        let code = device
            .map(|device| &device.code)
            .or(stored.map(|stored| &stored.owner.code));
        Some(Self {
            device: code.cloned(),
            device_address: device_address.to_string(),
            path,
            custodian: key.map(|key| key.head.custodian.to_string()),
            commitment: key.map(|key| Commitment::from(key.head.commitment).to_string()),
            registered_at: key.and_then(|key| rfc3339(key.head.registered_at)),
            registered_slot: key.map(|key| key.head.registered_slot),
            stored_commitment: stored.map(|stored| stored.commitment.to_string()),
            stored_custodian: stored.map(|stored| stored.owner.custodian.to_string()),
            stored_at: stored.and_then(|stored| rfc3339(stored.stored_at.as_second())),
            address: registered.map(|(address, _)| address.to_string()),
            differences,
        })
    }
}

fn between(key: &DiskKey, stored: &KeyRecord) -> Vec<Difference> {
    let mut differences = vec![];
    if stored.commitment != key.head.commitment.into() {
        differences.push(Difference::CommitmentMismatch);
    }
    if stored.owner.custodian != key.head.custodian {
        differences.push(Difference::OtherCustodian);
    }
    differences
}

fn is_of(stored: &KeyRecord, device: Option<&Device>) -> bool {
    device.is_some_and(|Device { head, .. }| {
        stored
            .owner
            .is_same_registration(&head.contributor, head.generation)
    })
}

impl View for DiskKeyView {
    const PLURAL: &'static str = "disk_keys";
    const COLUMNS: &'static [&'static str] =
        &["DEVICE", "PATH", "CUSTODIAN", "REGISTERED", "STORE"];

    fn row(&self) -> Vec<Cell> {
        let custodian = self.custodian.as_ref().or(self.stored_custodian.as_ref());
        let differences: Vec<&str> = self.differences.iter().map(|it| it.as_str()).collect();
        vec![
            Cell::new(self.device.as_deref().unwrap_or(&self.device_address)),
            Cell::new(&self.path),
            Cell::new(custodian.map_or_else(|| "-".to_owned(), |key| short(key))),
            Cell::new(self.registered_at.as_deref().unwrap_or("-")),
            Cell::new(if differences.is_empty() {
                "same".to_owned()
            } else {
                differences.join(", ")
            }),
        ]
    }
}
