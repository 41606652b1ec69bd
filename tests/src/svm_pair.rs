//! Two SVMs that run everything alike: one with mainnet's features, one with every feature that agave knows.

use {
    agave_feature_set::FeatureSet,
    litesvm::{types::TransactionMetadata, LiteSVM},
    solana_sdk::{
        account::Account,
        clock::Clock,
        hash::Hash,
        native_token::LAMPORTS_PER_SOL,
        pubkey::Pubkey,
        transaction::{Transaction, TransactionError},
    },
};

const TREASURY: u64 = 1_000_000 * LAMPORTS_PER_SOL;

/// Both SVMs. What is read comes from the one with mainnet's features.
#[derive(Clone)]
pub(crate) struct SvmPair {
    mainnet: LiteSVM,
    every_feature: LiteSVM,
}

impl SvmPair {
    pub fn new() -> Self {
        Self {
            mainnet: svm(LiteSVM::mainnet_feature_set()),
            every_feature: svm(FeatureSet::all_enabled()),
        }
    }

    fn both(&mut self) -> [&mut LiteSVM; 2] {
        [&mut self.mainnet, &mut self.every_feature]
    }

    /// The one with mainnet's features.
    pub fn mainnet(&self) -> &LiteSVM {
        &self.mainnet
    }

    /// Sends a transaction to both.
    ///
    /// # Panics
    /// If they answer differently or leave different accounts.
    #[track_caller]
    pub fn send(
        &mut self,
        transaction: &Transaction,
    ) -> Result<TransactionMetadata, TransactionError> {
        let [mainnet, every_feature] = self.both().map(|svm| Answer::of(svm, transaction));
        assert_eq!(
            mainnet.compared(),
            every_feature.compared(),
            "mainnet's features, and every feature"
        );
        for address in &transaction.message.account_keys {
            let [mainnet, every_feature] = [&self.mainnet, &self.every_feature]
                .map(|svm| svm.accounts_db().inner.get(address));
            assert!(
                mainnet == every_feature,
                "{address} under every feature: {every_feature:?}"
            );
        }
        match mainnet.error {
            None => Ok(mainnet.meta),
            Some(error) => Err(error),
        }
    }

    /// How a transaction fails, if it does, with mainnet's features and with every feature.
    pub fn failures(&self, transaction: &Transaction) -> [Option<TransactionError>; 2] {
        [&self.mainnet, &self.every_feature].map(|svm| {
            let run = svm.simulate_transaction(transaction.clone());
            run.err().map(|failed| failed.err)
        })
    }

    pub fn with_sigverify(self, sigverify: bool) -> Self {
        Self {
            mainnet: self.mainnet.with_sigverify(sigverify),
            every_feature: self.every_feature.with_sigverify(sigverify),
        }
    }

    pub fn latest_blockhash(&self) -> Hash {
        self.mainnet.latest_blockhash()
    }

    pub fn airdrop(&mut self, to: &Pubkey, lamports: u64) {
        for svm in self.both() {
            svm.airdrop(to, lamports).expect("the faucet pays");
        }
    }

    pub fn add_program(&mut self, program_id: Pubkey, elf: &[u8]) {
        for svm in self.both() {
            svm.add_program(program_id, elf).expect("the program loads");
        }
    }

    pub fn set_account(&mut self, address: Pubkey, account: &Account) {
        for svm in self.both() {
            svm.set_account(address, account.clone())
                .expect("the ledger takes it");
        }
    }

    pub fn set_clock(&mut self, clock: &Clock) {
        for svm in self.both() {
            svm.set_sysvar(clock);
        }
    }
}

fn svm(features: FeatureSet) -> LiteSVM {
    LiteSVM::default()
        .with_feature_set(features)
        .with_builtins()
        .with_lamports(TREASURY)
        .with_sysvars()
        .with_feature_accounts()
        .with_sigverify(true)
        .with_blockhash_check(true)
        .with_transaction_history(0)
}

/// What an SVM answers to a transaction.
struct Answer {
    error: Option<TransactionError>,
    meta: TransactionMetadata,
}

impl Answer {
    fn of(svm: &mut LiteSVM, transaction: &Transaction) -> Self {
        match svm.send_transaction(transaction.clone()) {
            Ok(meta) => Self { error: None, meta },
            Err(failed) => Self {
                error: Some(failed.err),
                meta: failed.meta,
            },
        }
    }

    /// What both answer alike: the error, and the logs but for compute units, which a feature may change.
    fn compared(&self) -> (Option<&TransactionError>, Vec<&str>) {
        let logs = self.meta.logs.iter().map(String::as_str);
        let logs = logs.filter(|line| !line.contains(" consumed "));
        (self.error.as_ref(), logs.collect())
    }
}
