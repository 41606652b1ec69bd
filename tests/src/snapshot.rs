use {
    borsh::BorshSerialize,
    ebb_sdk::{
        state::{
            account_type, AccountType, Contributor, Device, DiskKey, Location, Registry, Session,
        },
        EbbError,
    },
    litesvm::LiteSVM,
    solana_sdk::{
        account::{AccountSharedData, ReadableAccount},
        pubkey::Pubkey,
    },
    std::{collections::BTreeMap, fmt},
};

/// What an account of the program holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Held {
    /// Its lamports.
    pub lamports: u64,
    /// Its bytes.
    pub data: Vec<u8>,
}

/// An account as a value.
pub trait Record: BorshSerialize + fmt::Debug + Sized {
    /// Its first byte.
    const TYPE: AccountType;

    /// Reads an account's bytes.
    ///
    /// # Errors
    /// Those of the SDK's own decoder.
    fn read(data: &[u8]) -> Result<Self, EbbError>;
}

/// Implements [`Record`] by the decoder that each account of the SDK has.
macro_rules! records {
    ($($name:ident),*) => {$(
        impl Record for $name {
            const TYPE: AccountType = AccountType::$name;

            fn read(data: &[u8]) -> Result<Self, EbbError> {
                Self::decode(data)
            }
        }
    )*};
}
records!(Registry, Contributor, Location, Device, Session, DiskKey);

/// Every type of account, in the order of their numbers.
pub const ACCOUNT_TYPES: [AccountType; 6] = [
    AccountType::Registry,
    AccountType::Contributor,
    AccountType::Location,
    AccountType::Device,
    AccountType::Session,
    AccountType::DiskKey,
];

/// Every account of the program at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot(pub BTreeMap<Pubkey, Held>);

impl Snapshot {
    pub(crate) fn of(svm: &LiteSVM, program_id: &Pubkey) -> Self {
        let ours = |(address, account): (&Pubkey, &AccountSharedData)| {
            (account.owner() == program_id).then(|| {
                let held = Held {
                    lamports: account.lamports(),
                    data: account.data().to_vec(),
                };
                (*address, held)
            })
        };
        Self(svm.accounts_db().inner.iter().filter_map(ours).collect())
    }

    /// The account at an address.
    pub fn get<R: Record>(&self, address: &Pubkey) -> Option<R> {
        let held = self.0.get(address)?;
        Some(R::read(&held.data).expect("an account of the program decodes"))
    }

    /// Every account of a type.
    pub fn all<R: Record>(&self) -> impl Iterator<Item = (&Pubkey, R)> {
        self.0
            .iter()
            .filter(|(_, held)| account_type(&held.data) == Ok(R::TYPE))
            .map(|(address, held)| (address, R::read(&held.data).expect("it decodes")))
    }

    /// How many mutations the account at an address has counted, if it counts.
    pub fn sequence(&self, address: &Pubkey) -> Option<u64> {
        match account_type(&self.0.get(address)?.data) {
            Ok(AccountType::Registry) => Some(self.get::<Registry>(address)?.sequence),
            Ok(AccountType::Contributor) => Some(self.get::<Contributor>(address)?.head.sequence),
            Ok(AccountType::Location) => Some(self.get::<Location>(address)?.head.sequence),
            Ok(AccountType::Device) => Some(self.get::<Device>(address)?.head.sequence),
            _ => None,
        }
    }

    /// The same accounts with one of them edited.
    pub fn with<R: Record>(mut self, address: &Pubkey, edit: impl FnOnce(&mut R)) -> Self {
        let held = self.0.get_mut(address).expect("the account is there");
        let mut record = R::read(&held.data).expect("it decodes");
        edit(&mut record);
        held.data = borsh::to_vec(&record).expect("it encodes");
        self
    }

    /// The same accounts without one of them.
    pub fn without(mut self, address: &Pubkey) -> Self {
        self.0.remove(address).expect("the account is there");
        self
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn decoded<R: Record + 'static>(data: &[u8]) -> Result<Box<dyn fmt::Debug>, EbbError> {
            R::read(data).map(|record| Box::new(record) as Box<dyn fmt::Debug>)
        }
        let record = match account_type(&self.data) {
            Ok(AccountType::Registry) => decoded::<Registry>(&self.data),
            Ok(AccountType::Contributor) => decoded::<Contributor>(&self.data),
            Ok(AccountType::Location) => decoded::<Location>(&self.data),
            Ok(AccountType::Device) => decoded::<Device>(&self.data),
            Ok(AccountType::Session) => decoded::<Session>(&self.data),
            Ok(AccountType::DiskKey) => decoded::<DiskKey>(&self.data),
            Err(error) => Err(error),
        };
        match record {
            Ok(record) => write!(f, "{} lamports, {record:#?}", self.lamports),
            Err(error) => write!(f, "{} lamports, {error}: {:?}", self.lamports, self.data),
        }
    }
}
