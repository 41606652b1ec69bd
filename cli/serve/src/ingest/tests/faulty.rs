//! A ledger with the faults of nodes: away, behind with what is final, pruned, with cut logs, on a fork.

use {
    super::gate::Gate,
    async_trait::async_trait,
    ebb_sdk::{
        embedded::{EmbeddedLedger, EmbeddedOptions},
        instruction::{
            create_contributor, create_device, create_location, initialize, remove_device,
            report_health, retire_device, CreateContributor, CreateDevice, CreateLocation, Expect,
            Initialize,
        },
        ledger::{
            BlockEntry, Filter, Finality, Ledger, LedgerError, Now, Receipt, SignatureEntry,
            SignaturePage, Simulation, TransactionEntry, Visit,
        },
        pda,
        state::{DeviceType, Health},
        ID,
    },
    solana_sdk::{
        account::Account, hash::Hash, instruction::Instruction, pubkey::Pubkey,
        signature::Signature, signer::Signer, transaction::VersionedTransaction,
    },
    std::{
        collections::HashSet,
        sync::{Arc, Mutex, MutexGuard},
    },
    tempfile::TempDir,
};

/// What a node says that keeps no transactions.
pub const NO_HISTORY: &str =
    "http://node answered: Transaction history is not available from this node (-32011)";

/// What is wrong with the ledger.
#[derive(Default)]
pub struct Faults {
    /// It does not answer.
    pub is_away: bool,
    /// It answers, and lists no transactions.
    pub has_no_history: bool,
    /// How often it was asked for some while it had none.
    pub refusals: usize,
    /// The genesis of the ledger that is at the address instead.
    pub genesis: Option<Hash>,
    /// Nothing is final beyond this slot.
    pub final_slot: Option<u64>,
    /// The slot that it says it is in.
    pub slot: Option<u64>,
    /// The node has no block before this slot.
    pub first_block: u64,
    /// The node does not have these.
    pub pruned: HashSet<Signature>,
    /// The node does not list these for the program's address.
    pub unlisted: HashSet<Signature>,
    /// The logs of these are cut.
    pub cut: HashSet<Signature>,
    /// These are on a fork.
    pub forked: HashSet<Signature>,
    /// What is asked of this account is refused.
    pub refused: Option<Pubkey>,
    /// In front of the transactions of each account.
    pub gate: Option<Arc<Gate>>,
}

/// An embedded ledger with faults.
pub struct Faulty {
    inner: EmbeddedLedger,
    faults: Mutex<Faults>,
    _dir: TempDir,
}

impl Faulty {
    /// A ledger with a registry, a contributor, a location and a device `dz1`: four events in one transaction.
    pub async fn new() -> Arc<Self> {
        let dir = tempfile::tempdir().unwrap();
        let inner =
            EmbeddedLedger::open(dir.path().join("ledger"), EmbeddedOptions::default()).unwrap();
        let ledger = Arc::new(Self {
            inner,
            faults: Mutex::default(),
            _dir: dir,
        });
        let me = ledger.inner.default_key().pubkey();
        let registry = Initialize {
            authority: me,
            health_oracle: me,
            require_healthy: false,
        };
        let contributor = CreateContributor {
            code: "co01".into(),
            authority: me,
        };
        let location = CreateLocation {
            code: "ams".into(),
            name: "Amsterdam".into(),
            country: *b"NL",
            latitude: 52_300_000,
            longitude: 4_940_000,
            min_activated: 0,
        };
        let device = CreateDevice {
            code: "dz1".into(),
            device_type: DeviceType::Hybrid,
            public_ip: [195, 219, 138, 50],
            max_sessions: 64,
            agent: me,
        };
        let [of, at] = [pda::contributor(&ID, "co01").0, pda::location(&ID, "ams").0];
        let instructions = [
            initialize(&ID, &me, &me, registry).unwrap(),
            create_contributor(&ID, &me, &me, contributor).unwrap(),
            create_location(&ID, &me, &me, location).unwrap(),
            create_device(&ID, &me, &me, &of, &at, device).unwrap(),
        ];
        ledger.send_all(&instructions).await;
        ledger
    }

    /// The device.
    pub fn device() -> Pubkey {
        pda::device(&ID, "dz1").0
    }

    /// Reports the device's health so often, each time another one, and returns the transactions.
    pub async fn report(&self, times: usize) -> Vec<Signature> {
        let me = self.inner.default_key().pubkey();
        let mut signatures = vec![];
        for at in 0..times {
            let health = match at % 2 {
                0 => Health::Healthy,
                _ => Health::Unhealthy,
            };
            let report = report_health(&ID, &me, &Self::device(), true, health, Expect::default());
            signatures.push(self.send_all(&[report]).await.signature);
        }
        signatures
    }

    /// Retires and removes the device, and returns the second transaction.
    pub async fn remove(&self) -> Signature {
        let me = self.inner.default_key().pubkey();
        let device = Self::device();
        let [of, at] = [pda::contributor(&ID, "co01").0, pda::location(&ID, "ams").0];
        let expect = Expect::default();
        self.send_all(&[retire_device(&ID, &me, &device, &at, &of, expect)])
            .await;
        let removal = remove_device(&ID, &me, &device, &at, &of, &me, &of, expect);
        self.send_all(&[removal]).await.signature
    }

    /// The newest transaction.
    pub async fn newest(&self) -> SignatureEntry {
        let page = SignaturePage {
            limit: 1,
            ..SignaturePage::default()
        };
        self.inner.signatures(&ID, &page).await.unwrap()[0]
    }

    /// The slot of the newest transaction.
    pub async fn last_slot(&self) -> u64 {
        self.newest().await.slot
    }

    /// Changes what is wrong.
    pub fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap()
    }

    async fn send_all(&self, instructions: &[Instruction]) -> Receipt {
        let key = self.inner.default_key();
        self.inner.send(instructions, &[&key]).await.unwrap()
    }

    fn answer(&self) -> Result<MutexGuard<'_, Faults>, LedgerError> {
        let faults = self.faults();
        if faults.is_away {
            return Err(LedgerError::Unreachable {
                url: "http://node".to_owned(),
                reason: "connection refused".to_owned(),
            });
        }
        Ok(faults)
    }
}

impl Faults {
    /// Whether it lists transactions.
    fn list(&mut self) -> Result<(), LedgerError> {
        if self.has_no_history {
            self.refusals += 1;
            return Err(LedgerError::Other(NO_HISTORY.to_owned()));
        }
        Ok(())
    }

    fn is_final(&self, slot: u64) -> bool {
        self.final_slot.is_none_or(|end| slot <= end)
    }

    fn has(&self, signature: &Signature, slot: u64, finality: Finality) -> bool {
        let is_sure = finality == Finality::Confirmed
            || (self.is_final(slot) && !self.forked.contains(signature));
        is_sure && !self.pruned.contains(signature)
    }

    /// The block of a slot, among all transactions that were sent; `None` if the chain has none there, as it was on a fork.
    fn block(&self, slot: u64, sent: &[SignatureEntry]) -> Option<BlockEntry> {
        let of_slot = sent.iter().filter(|entry| entry.slot == slot);
        let signatures: Vec<_> = of_slot.map(|entry| entry.signature).collect();
        let is_forked = signatures.iter().any(|it| self.forked.contains(it));
        (!is_forked).then_some(BlockEntry {
            slot,
            parent: 0,
            signatures,
        })
    }
}

#[async_trait]
impl Ledger for Faulty {
    async fn accounts(&self, addresses: &[Pubkey]) -> Result<Vec<Option<Account>>, LedgerError> {
        drop(self.answer()?);
        self.inner.accounts(addresses).await
    }

    async fn visit_program_accounts(
        &self,
        program_id: &Pubkey,
        filters: &[Filter],
        visit: &mut Visit<'_>,
    ) -> Result<u64, LedgerError> {
        drop(self.answer()?);
        let inner = &self.inner;
        inner
            .visit_program_accounts(program_id, filters, visit)
            .await
    }

    async fn genesis(&self) -> Result<Hash, LedgerError> {
        let other = self.answer()?.genesis;
        match other {
            Some(other) => Ok(other),
            None => self.inner.genesis().await,
        }
    }

    async fn now(&self) -> Result<Now, LedgerError> {
        let slot = self.answer()?.slot;
        let now = self.inner.now().await?;
        Ok(Now {
            slot: slot.unwrap_or(now.slot),
            ..now
        })
    }

    async fn final_slot(&self) -> Result<u64, LedgerError> {
        let is_final = self.answer()?.final_slot;
        let now = self.inner.now().await?;
        Ok(is_final.unwrap_or(now.slot))
    }

    async fn rent(&self, len: usize) -> Result<u64, LedgerError> {
        self.inner.rent(len).await
    }

    async fn simulate(
        &self,
        instructions: &[Instruction],
        fee_payer: &Pubkey,
    ) -> Result<Simulation, LedgerError> {
        self.inner.simulate(instructions, fee_payer).await
    }

    async fn send(
        &self,
        instructions: &[Instruction],
        signers: &[&(dyn Signer + Sync)],
    ) -> Result<Receipt, LedgerError> {
        self.inner.send(instructions, signers).await
    }

    async fn latest_blockhash(&self) -> Result<Hash, LedgerError> {
        self.inner.latest_blockhash().await
    }

    async fn send_transaction(
        &self,
        transaction: VersionedTransaction,
    ) -> Result<Receipt, LedgerError> {
        self.inner.send_transaction(transaction).await
    }

    async fn signatures(
        &self,
        address: &Pubkey,
        page: &SignaturePage,
    ) -> Result<Vec<SignatureEntry>, LedgerError> {
        self.answer()?.list()?;
        let (refused, gate) = {
            let faults = self.answer()?;
            (faults.refused, faults.gate.clone())
        };
        if refused == Some(*address) {
            return Err(LedgerError::Other("the account is excluded".to_owned()));
        }
        let is_first_page = page.before.is_none();
        if let Some(gate) = gate.filter(|_| *address != ID && is_first_page) {
            gate.pass().await;
        }
        let unknown = |anchor: Option<Signature>| {
            anchor.is_some_and(|anchor| self.faults().pruned.contains(&anchor))
        };
        if unknown(page.before) || unknown(page.until) {
            let url = "http://node".to_owned();
            return Err(LedgerError::UnknownAnchor { url });
        }
        let listed = self.inner.signatures(address, page).await?;
        let faults = self.answer()?;
        let is_listed = |entry: &SignatureEntry| {
            let is_hidden = *address == ID && faults.unlisted.contains(&entry.signature);
            faults.has(&entry.signature, entry.slot, page.finality) && !is_hidden
        };
        let listed = listed.into_iter().filter(is_listed);
        let listed = listed.map(|entry| SignatureEntry {
            is_final: faults.is_final(entry.slot),
            ..entry
        });
        Ok(listed.collect())
    }

    async fn transaction(
        &self,
        signature: &Signature,
        finality: Finality,
    ) -> Result<Option<TransactionEntry>, LedgerError> {
        drop(self.answer()?);
        let found = self.inner.transaction(signature, finality).await?;
        let faults = self.answer()?;
        let found = found.filter(|found| faults.has(signature, found.slot, finality));
        Ok(found.map(|mut found| {
            if faults.cut.contains(signature) {
                found.logs = Some(vec!["Log truncated".to_owned()]);
            }
            found
        }))
    }

    async fn block_from(&self, slot: u64) -> Result<Option<BlockEntry>, LedgerError> {
        let end = self.final_slot().await?;
        let sent = self
            .inner
            .signatures(&ID, &SignaturePage::default())
            .await?;
        let faults = self.answer()?;
        let block = |slot| faults.block(slot, &sent);
        let found = (slot.max(faults.first_block)..=end).find_map(block);
        Ok(found.map(|found| {
            let parent = (0..found.slot).rev().find_map(block);
            BlockEntry {
                parent: parent.map_or(0, |parent| parent.slot),
                ..found
            }
        }))
    }
}
