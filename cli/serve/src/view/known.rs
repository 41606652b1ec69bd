//! What is known of every account, and since which slot.

use {
    super::{Coded, Table},
    ebb_sdk::{
        client::Listing,
        pda,
        state::{AccountType, Contributor, Device, Location, Registry},
        EbbError,
    },
    solana_sdk::{account::Account, pubkey::Pubkey},
    std::{collections::HashMap, sync::Arc},
};

/// What is known of every account. Nothing in it is ever replaced by what is older, whatever the order in which lists and
/// reports arrive.
pub struct KnownAccounts {
    program_id: Pubkey,
    /// Every device.
    pub devices: KnownOfKind<Device>,
    /// Every contributor.
    pub contributors: KnownOfKind<Contributor>,
    /// Every location.
    pub locations: KnownOfKind<Location>,
    /// The registry.
    pub registry: KnownRegistry,
}

/// What is known of the registry.
pub struct KnownRegistry {
    address: Pubkey,
    /// What is at its address; `None` for nothing.
    pub account: Option<Result<Registry, EbbError>>,
    /// The slot of that.
    slot: u64,
}

/// What is known of the accounts of one kind.
pub struct KnownOfKind<T> {
    /// The accounts.
    pub table: Arc<Table<T>>,
    /// The slot of the last list.
    listed_at: u64,
    /// The slots of what is newer than that, closed accounts among it.
    changed_at: HashMap<Pubkey, u64>,
}

/// All accounts, as lists found them.
pub struct AllAccounts {
    /// Every device.
    pub devices: ListedTable<Device>,
    /// Every contributor.
    pub contributors: ListedTable<Contributor>,
    /// Every location.
    pub locations: ListedTable<Location>,
    /// The registry.
    pub registry: FoundRegistry,
}

/// What was at the registry's address.
pub struct FoundRegistry {
    /// What was there; `None` for nothing.
    pub account: Option<Account>,
    /// The slot that it is of.
    pub slot: u64,
}

/// All accounts of one kind, as a list found them.
pub struct ListedTable<T> {
    /// The accounts.
    pub table: Table<T>,
    /// The slot that they are of.
    pub slot: u64,
}

impl<T: Coded> From<Listing<T>> for ListedTable<T> {
    fn from(listing: Listing<T>) -> Self {
        Self {
            slot: listing.slot,
            table: Table::new(listing, &Table::default()),
        }
    }
}

impl KnownAccounts {
    /// Nothing is known of the accounts of a program.
    pub fn none(program_id: Pubkey) -> Self {
        Self {
            program_id,
            devices: KnownOfKind::none(),
            contributors: KnownOfKind::none(),
            locations: KnownOfKind::none(),
            registry: KnownRegistry::none(&program_id),
        }
    }

    /// Forgets all, as it is of another ledger.
    pub fn forget(&mut self) {
        *self = Self::none(self.program_id);
    }

    /// Takes all accounts. Returns whether none of the lists is older than one before it.
    pub fn list(&mut self, accounts: AllAccounts) -> bool {
        let FoundRegistry { account, slot } = accounts.registry;
        let registry = self.owned(account.as_ref());
        let registry = registry.map(|account| Registry::decode(&account.data));
        let are_taken = [
            self.devices.list(accounts.devices),
            self.contributors.list(accounts.contributors),
            self.locations.list(accounts.locations),
            self.registry.list(slot, registry),
        ];
        !are_taken.contains(&false)
    }

    /// Takes what was at an address at a slot; `None` for nothing. Returns whether it was not known.
    pub fn take(&mut self, slot: u64, address: Pubkey, account: Option<&Account>) -> bool {
        let account = self.owned(account);
        let data = account.map_or(&[][..], |account| &account.data);
        if address == self.registry.address {
            let registry = account.map(|_| Registry::decode(data));
            return self.registry.take(slot, registry);
        }
        let is = |kind: AccountType| data.first() == Some(&(kind as u8));
        if is(AccountType::Device) {
            self.devices.take(slot, address, Some(Device::decode(data)))
        } else if is(AccountType::Contributor) {
            let contributor = Some(Contributor::decode(data));
            self.contributors.take(slot, address, contributor)
        } else if is(AccountType::Location) {
            self.locations
                .take(slot, address, Some(Location::decode(data)))
        } else if data.is_empty() {
            let is_new = [
                self.devices.take(slot, address, None),
                self.contributors.take(slot, address, None),
                self.locations.take(slot, address, None),
            ];
            is_new.contains(&true)
        } else {
            false
        }
    }

    /// The account, if it is the program's.
    fn owned<'a>(&self, account: Option<&'a Account>) -> Option<&'a Account> {
        account.filter(|it| it.owner == self.program_id && it.lamports > 0)
    }

    /// Whether what is known of an address is of a slot, or newer.
    pub fn is_of(&self, slot: u64, address: &Pubkey) -> bool {
        if *address == self.registry.address {
            return slot <= self.registry.slot;
        }
        let changed = [
            self.devices.changed_at.get(address),
            self.contributors.changed_at.get(address),
            self.locations.changed_at.get(address),
        ];
        let listed = self.devices.listed_at;
        let listed = listed.min(self.contributors.listed_at);
        let listed = listed.min(self.locations.listed_at);
        slot <= listed || changed.iter().flatten().any(|changed| slot <= **changed)
    }
}

impl KnownRegistry {
    fn none(program_id: &Pubkey) -> Self {
        Self {
            address: pda::registry(program_id).0,
            account: None,
            slot: 0,
        }
    }

    /// Takes what was found with the lists, unless it is older than what is known.
    fn list(&mut self, slot: u64, found: Option<Result<Registry, EbbError>>) -> bool {
        if slot < self.slot {
            return false;
        }
        (self.account, self.slot) = (found, slot);
        true
    }

    /// Takes what was there at a slot. Returns whether it was not known.
    fn take(&mut self, slot: u64, found: Option<Result<Registry, EbbError>>) -> bool {
        if slot <= self.slot {
            return false;
        }
        let is_new = self.account != found;
        (self.account, self.slot) = (found, slot);
        is_new
    }
}

impl<T: Coded> KnownOfKind<T> {
    fn none() -> Self {
        Self {
            table: Arc::default(),
            listed_at: 0,
            changed_at: HashMap::new(),
        }
    }

    /// Takes a list, unless it is older than the last. What is known to be newer stays.
    fn list(&mut self, listed: ListedTable<T>) -> bool {
        let ListedTable { mut table, slot } = listed;
        if slot < self.listed_at {
            return false;
        }
        self.listed_at = slot;
        self.changed_at.retain(|_, changed| slot < *changed);
        table.share(&self.table);
        for address in self.changed_at.keys() {
            table.copy(address, &self.table);
        }
        if !table.is_same(&self.table) {
            self.table = Arc::new(table);
        }
        true
    }

    fn take(&mut self, slot: u64, address: Pubkey, found: Option<Result<T, EbbError>>) -> bool {
        let known = self.changed_at.get(&address).copied();
        if slot <= known.unwrap_or_default().max(self.listed_at) {
            return false;
        }
        self.changed_at.insert(address, slot);
        let is_new = !self.table.has(&address, &found);
        if is_new {
            Arc::make_mut(&mut self.table).replace(address, found);
        }
        is_new
    }
}
