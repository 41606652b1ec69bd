//! A ledger of transactions that are made up, behind nodes that know more or less of it.

use {
    crate::{
        event::{Event, EventKind},
        instruction::{create_device, CreateDevice},
        ledger::{
            Call, Filter, Finality, Ledger, LedgerError, Now, Receipt, SignatureEntry,
            SignaturePage, Simulation, TransactionEntry, Visit,
        },
        pda,
        state::DeviceType,
        Role, ID,
    },
    async_trait::async_trait,
    base64::{prelude::BASE64_STANDARD, Engine},
    solana_program::{hash::Hash, instruction::Instruction, pubkey::Pubkey},
    solana_sdk::{
        account::Account, signature::Signature, signer::Signer, transaction::VersionedTransaction,
    },
    std::{
        collections::HashSet,
        sync::{Arc, Mutex},
    },
};

/// What a node knows.
#[derive(Default)]
pub struct Known {
    /// Oldest first.
    pub transactions: Vec<TransactionEntry>,
    /// How many of the newest the node that answers next does not have yet.
    pub lags: usize,
    /// How many of the oldest it has no longer.
    pub pruned: usize,
    /// Whether it is of a version that takes no notice of a place that it does not have.
    pub is_old: bool,
    /// Those that it lists and does not have.
    pub missing: HashSet<Signature>,
    /// The pages that were asked for.
    pub pages: Vec<SignaturePage>,
    /// The transactions that were asked for.
    pub asked: Vec<Signature>,
    /// Whether it answers no page.
    pub is_away: bool,
    /// Is called before each page.
    pub before_page: Option<fn(&mut Known)>,
}

#[derive(Clone, Default)]
pub struct Node(Arc<Mutex<Known>>);

impl Node {
    /// A node that knows these, oldest first.
    pub fn of(transactions: impl IntoIterator<Item = TransactionEntry>) -> Self {
        let node = Self::default();
        node.change(|known| known.transactions.extend(transactions));
        node
    }

    pub fn change<T>(&self, change: impl FnOnce(&mut Known) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }
}

impl Known {
    fn visible(&self) -> &[TransactionEntry] {
        let end = self.transactions.len() - self.lags;
        &self.transactions[self.pruned.min(end)..end]
    }

    /// How many of those that are visible are up to this one, it included.
    fn place(&self, signature: Option<Signature>) -> Option<Option<usize>> {
        let Some(signature) = signature else {
            return Some(None);
        };
        let mut visible = self.visible().iter();
        match visible.position(|it| it.signature == signature) {
            Some(place) => Some(Some(place)),
            None => self.is_old.then_some(None),
        }
    }
}

#[async_trait]
impl Ledger for Node {
    async fn signatures(
        &self,
        address: &Pubkey,
        page: &SignaturePage,
    ) -> Result<Vec<SignatureEntry>, LedgerError> {
        assert!([ID, device()].contains(address));
        self.change(|known| {
            known.pages.push(*page);
            if let Some(before_page) = known.before_page {
                before_page(known);
            }
            if known.is_away {
                return Err(LedgerError::Unreachable {
                    url: "https://example.com".into(),
                    reason: "connection refused".into(),
                });
            }
            let places = known.place(page.until).zip(known.place(page.before));
            let Some((until, before)) = places else {
                return Err(LedgerError::UnknownAnchor {
                    url: "https://example.com".into(),
                });
            };
            let visible = known.visible();
            let start = until.map_or(0, |place| place + 1);
            let end = before.unwrap_or(visible.len());
            let listed = visible[start.min(end)..end].iter().rev().take(page.limit);
            Ok(listed
                .map(|it| SignatureEntry {
                    signature: it.signature,
                    slot: it.slot,
                    time: it.time,
                    failed: it.failed,
                    index: it.index,
                    is_final: page.finality == Finality::Final,
                })
                .collect())
        })
    }

    async fn transaction(
        &self,
        signature: &Signature,
        _finality: Finality,
    ) -> Result<Option<TransactionEntry>, LedgerError> {
        self.change(|known| {
            known.asked.push(*signature);
            let mut visible = known.visible().iter();
            let found = visible.find(|it| it.signature == *signature);
            Ok(found
                .filter(|_| !known.missing.contains(signature))
                .cloned())
        })
    }

    async fn accounts(&self, addresses: &[Pubkey]) -> Result<Vec<Option<Account>>, LedgerError> {
        Ok(vec![None; addresses.len()])
    }

    async fn visit_program_accounts(
        &self,
        _program_id: &Pubkey,
        _filters: &[Filter],
        _visit: &mut Visit<'_>,
    ) -> Result<u64, LedgerError> {
        unused()
    }

    async fn genesis(&self) -> Result<Hash, LedgerError> {
        unused()
    }

    async fn now(&self) -> Result<Now, LedgerError> {
        unused()
    }

    async fn rent(&self, _len: usize) -> Result<u64, LedgerError> {
        unused()
    }

    async fn simulate(
        &self,
        _instructions: &[Instruction],
        _fee_payer: &Pubkey,
    ) -> Result<Simulation, LedgerError> {
        unused()
    }

    async fn send(
        &self,
        _instructions: &[Instruction],
        _signers: &[&(dyn Signer + Sync)],
    ) -> Result<Receipt, LedgerError> {
        unused()
    }

    async fn latest_blockhash(&self) -> Result<Hash, LedgerError> {
        unused()
    }

    async fn send_transaction(
        &self,
        _transaction: VersionedTransaction,
    ) -> Result<Receipt, LedgerError> {
        unused()
    }
}

fn unused<T>() -> Result<T, LedgerError> {
    Err(LedgerError::Other("it is not asked for".into()))
}

/// The device whose events transactions have by default.
pub fn device() -> Pubkey {
    pda::device(&ID, "ams-dz001").0
}

/// An event of the device's.
pub fn event(kind: EventKind, sequence: u64, slot: u64) -> Event {
    let actor = Pubkey::new_from_array([2; 32]);
    Event {
        sequence,
        slot,
        time: i64::try_from(slot).unwrap(),
        ..Event::new(kind, &device(), &actor, Role::Agent)
    }
}

/// The transaction of a number, which logs these events.
pub fn transaction(number: u64, slot: u64, events: &[Event]) -> TransactionEntry {
    let data = events.iter().map(|event| {
        let fields = [event.as_bytes(), event.logged_detail().unwrap_or_default()];
        let fields = fields.map(|field| BASE64_STANDARD.encode(field)).join(" ");
        format!("Program data: {}", fields.trim_end())
    });
    let mut logs = vec![format!("Program {ID} invoke [1]")];
    logs.extend(data);
    logs.push(format!("Program {ID} success"));
    TransactionEntry {
        signature: signature(number),
        slot,
        index: Some(0),
        time: None,
        failed: false,
        calls: vec![Call {
            program_id: ID,
            data: vec![],
        }],
        logs: Some(logs),
    }
}

/// One transaction a slot, the device's health in each.
pub fn reports(numbers: std::ops::RangeInclusive<u64>) -> impl Iterator<Item = TransactionEntry> {
    numbers.map(|number| {
        let event = event(EventKind::HealthReported, number, number);
        transaction(number, number, &[event])
    })
}

pub fn signature(number: u64) -> Signature {
    let mut bytes = [7; 64];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    bytes.into()
}

/// The call that creates a device of this code.
pub fn creation(code: &str) -> Call {
    let args = CreateDevice {
        code: code.into(),
        device_type: DeviceType::Hybrid,
        public_ip: [195, 219, 138, 50],
        max_sessions: 64,
        agent: Pubkey::default(),
    };
    let key = Pubkey::new_from_array([2; 32]);
    let created = create_device(&ID, &key, &key, &key, &key, args).unwrap();
    Call {
        program_id: ID,
        data: created.data,
    }
}
