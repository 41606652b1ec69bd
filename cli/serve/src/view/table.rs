//! The accounts of one kind.

use {
    ebb_sdk::{
        client::{Keyed, Listing, Unreadable},
        state::{Contributor, Device, Location},
        EbbError,
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

impl<T> Clone for Table<T> {
    fn clone(&self) -> Self {
        Self {
            by_code: self.by_code.clone(),
            by_address: self.by_address.clone(),
            unreadable: self.unreadable.clone(),
        }
    }
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
            table.add(found, before);
        }
        table
    }

    /// Adds an account. If it has not changed since the table `before`, it shares its memory.
    pub fn add(&mut self, found: Keyed<T>, before: &Self) {
        let unchanged = before.by_address.get(&found.address);
        let account = match unchanged.filter(|before| ***before == found) {
            Some(unchanged) => Arc::clone(unchanged),
            None => Arc::new(found),
        };
        self.insert(account);
    }

    /// Shares the memory of each account that is the same in another table.
    pub fn share(&mut self, other: &Self) {
        for (address, account) in &mut self.by_address {
            let known = other.by_address.get(address);
            let is_copy = |known: &&Arc<_>| !Arc::ptr_eq(known, account) && **known == *account;
            let Some(known) = known.filter(is_copy) else {
                continue;
            };
            *account = Arc::clone(known);
            if let Some(account) = self.by_code.get_mut(known.account.code()) {
                *account = Arc::clone(known);
            }
        }
    }

    fn insert(&mut self, account: Arc<Keyed<T>>) {
        let code = account.account.code().to_owned();
        self.by_code.insert(code, Arc::clone(&account));
        self.by_address.insert(account.address, account);
    }

    /// Whether this is at an address: an account, one that cannot be read, or nothing.
    pub fn has(&self, address: &Pubkey, found: &Option<Result<T, EbbError>>) -> bool {
        let unreadable = self.unreadable_at(address).ok();
        match found {
            Some(Ok(account)) => self.at(address).is_some_and(|it| it.account == *account),
            Some(Err(error)) => unreadable.is_some_and(|it| self.unreadable[it].1 == *error),
            None => self.at(address).is_none() && unreadable.is_none(),
        }
    }

    /// Replaces what is at an address.
    pub fn replace(&mut self, address: Pubkey, found: Option<Result<T, EbbError>>) {
        self.remove(&address);
        match found {
            Some(Ok(account)) => self.insert(Arc::new(Keyed { address, account })),
            Some(Err(error)) => self.insert_unreadable(address, error),
            None => {}
        }
    }

    /// Replaces what is at an address by what another table has there.
    pub fn copy(&mut self, address: &Pubkey, from: &Self) {
        self.remove(address);
        if let Some(account) = from.at(address) {
            self.insert(Arc::clone(account));
        }
        if let Ok(at) = from.unreadable_at(address) {
            let (address, error) = from.unreadable[at];
            self.insert_unreadable(address, error);
        }
    }

    fn remove(&mut self, address: &Pubkey) {
        if let Some(known) = self.by_address.remove(address) {
            self.by_code.remove(known.account.code());
        }
        if let Ok(at) = self.unreadable_at(address) {
            self.unreadable.remove(at);
        }
    }

    fn insert_unreadable(&mut self, address: Pubkey, error: EbbError) {
        if let Err(at) = self.unreadable_at(&address) {
            self.unreadable.insert(at, (address, error));
        }
    }

    fn unreadable_at(&self, address: &Pubkey) -> Result<usize, usize> {
        self.unreadable.binary_search_by_key(address, |(at, _)| *at)
    }

    /// Whether it holds what another table does. What has not changed between them shares its memory.
    pub fn is_same(&self, other: &Self) -> bool {
        let mut pairs = self.by_code.values().zip(other.by_code.values());
        self.by_code.len() == other.by_code.len()
            && self.unreadable == other.unreadable
            && pairs.all(|(one, other)| Arc::ptr_eq(one, other))
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
