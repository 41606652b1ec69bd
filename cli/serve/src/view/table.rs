//! The accounts of one kind.

use {
    ebb_sdk::{
        client::{Keyed, Listing, Unreadable},
        state::{Contributor, Device, Location},
    },
    solana_sdk::pubkey::Pubkey,
    std::{
        borrow::Cow,
        collections::{BTreeMap, HashMap},
        sync::Arc,
    },
};

/// An account that has a code, which is unique among those of its kind.
pub trait Coded: PartialEq {
    /// The code.
    fn code(&self) -> &str;
}

impl Coded for Device {
    fn code(&self) -> &str {
        &self.code
    }
}

impl Coded for Contributor {
    fn code(&self) -> &str {
        &self.code
    }
}

impl Coded for Location {
    fn code(&self) -> &str {
        &self.code
    }
}

/// The accounts of one kind, by code and by address.
#[derive(Debug)]
pub struct Table<T> {
    /// In the order of their codes.
    pub by_code: BTreeMap<String, Arc<Keyed<T>>>,
    by_address: HashMap<Pubkey, Arc<Keyed<T>>>,
    /// Those that cannot be read.
    pub unreadable: Unreadable,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            by_code: BTreeMap::new(),
            by_address: HashMap::new(),
            unreadable: vec![],
        }
    }
}

impl<T: Coded> Table<T> {
    /// What a list found. What has not changed since the table `before` shares its memory.
    pub fn new(listing: Listing<T>, before: &Self) -> Self {
        let mut table = Self {
            unreadable: listing.unreadable,
            ..Self::default()
        };
        for found in listing.items {
            let unchanged = before.by_address.get(&found.address);
            let account = match unchanged.filter(|before| ***before == found) {
                Some(unchanged) => Arc::clone(unchanged),
                None => Arc::new(found),
            };
            let code = account.account.code().to_owned();
            table.by_code.insert(code, Arc::clone(&account));
            table.by_address.insert(account.address, account);
        }
        table
    }

    /// Whether it holds what another table does. What has not changed between them shares its memory.
    pub fn is_same(&self, other: &Self) -> bool {
        let mut pairs = self.by_code.values().zip(other.by_code.values());
        self.by_code.len() == other.by_code.len()
            && self.unreadable == other.unreadable
            && pairs.all(|(one, other)| Arc::ptr_eq(one, other))
    }

    /// The account that has a code.
    pub fn get(&self, code: &str) -> Option<&Arc<Keyed<T>>> {
        self.by_code.get(code)
    }

    /// The account at an address.
    pub fn at(&self, address: &Pubkey) -> Option<&Arc<Keyed<T>>> {
        self.by_address.get(address)
    }

    /// The code of the account at an address, or the address where there is none that can be read.
    pub fn code_or_address(&self, address: &Pubkey) -> Cow<'_, str> {
        match self.at(address) {
            Some(found) => Cow::Borrowed(found.account.code()),
            None => Cow::Owned(address.to_string()),
        }
    }
}
