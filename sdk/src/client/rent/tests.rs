use {
    super::*,
    crate::ledger::{Filter, Ledger, Now, Simulation, Visit},
    async_trait::async_trait,
    solana_sdk::{
        account::Account,
        hash::Hash,
        signature::{Keypair, Signature},
        transaction::VersionedTransaction,
    },
    std::{
        collections::HashMap,
        sync::{Arc, Mutex},
    },
};

/// What an empty account needs since rent has risen.
const MINIMUM: u64 = 9_000_000;

/// A ledger that holds accounts, and takes only what leaves each account enough lamports.
struct RisenRent {
    lamports: HashMap<Pubkey, u64>,
    sent: Mutex<Vec<Vec<Instruction>>>,
    /// How many transfers it takes until nobody lacks anything.
    lacks: usize,
}

fn never<T>() -> Result<T, LedgerError> {
    Err(LedgerError::Other("this is not asked".into()))
}

#[async_trait]
impl Ledger for RisenRent {
    async fn accounts(&self, addresses: &[Pubkey]) -> Result<Vec<Option<Account>>, LedgerError> {
        let account = |address| {
            let lamports = *self.lamports.get(address)?;
            Some(Account {
                lamports,
                ..Account::default()
            })
        };
        Ok(addresses.iter().map(account).collect())
    }

    async fn visit_program_accounts(
        &self,
        _: &Pubkey,
        _: &[Filter],
        _: &mut Visit<'_>,
    ) -> Result<u64, LedgerError> {
        never()
    }

    async fn genesis(&self) -> Result<Hash, LedgerError> {
        never()
    }

    async fn now(&self) -> Result<Now, LedgerError> {
        never()
    }

    async fn rent(&self, len: usize) -> Result<u64, LedgerError> {
        assert_eq!(len, 0);
        Ok(MINIMUM)
    }

    async fn simulate(&self, _: &[Instruction], _: &Pubkey) -> Result<Simulation, LedgerError> {
        never()
    }

    async fn send(
        &self,
        instructions: &[Instruction],
        _: &[&(dyn Signer + Sync)],
    ) -> Result<Receipt, LedgerError> {
        let mut sent = self.sent.lock().unwrap();
        sent.push(instructions.to_vec());
        let transfers = instructions
            .iter()
            .filter(|it| it.program_id == Pubkey::default());
        if transfers.count() < self.lacks {
            return Err(LedgerError::Failed {
                error: TransactionError::InsufficientFundsForRent { account_index: 2 },
                logs: vec![],
            });
        }
        Ok(Receipt {
            signature: Signature::default(),
            slot: 1,
            compute_units: None,
            fee: None,
            logs: vec![],
        })
    }

    async fn latest_blockhash(&self) -> Result<Hash, LedgerError> {
        never()
    }

    async fn send_transaction(&self, _: VersionedTransaction) -> Result<Receipt, LedgerError> {
        never()
    }
}

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

/// Two accounts of 2,000,000 lamports close to an empty recipient, one to a recipient of means.
async fn close(
    lacks: usize,
) -> (
    Vec<Vec<Instruction>>,
    Result<Vec<TopUp>, LedgerError>,
    Pubkey,
) {
    let ledger = Arc::new(RisenRent {
        lamports: [(1, 2_000_000), (2, 2_000_000), (3, 2_000_000), (8, MINIMUM)]
            .map(|(byte, lamports)| (key(byte), lamports))
            .into(),
        sent: Mutex::default(),
        lacks,
    });
    let closings = [(1, 7), (2, 7), (3, 8)].map(|(account, recipient)| Closing {
        account: key(account),
        recipient: key(recipient),
    });
    let close = Instruction::new_with_bytes(crate::ID, &[26], vec![]);
    let client = Client::new(ledger.clone(), crate::ID);
    let payer = Keypair::new();
    let sent = client.send_closing(&[close], &closings, &[&payer]).await;
    let all = ledger.sent.lock().unwrap().clone();
    (all, sent.map(|(_, added)| added), payer.pubkey())
}

#[tokio::test]
async fn what_the_recipient_lacks_is_added_after_the_closing() {
    let (sent, added, payer) = close(1).await;
    let top_up = TopUp {
        recipient: key(7),
        lamports: MINIMUM - 4_000_000,
    };
    assert_eq!(added.unwrap(), [top_up]);
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[1], [sent[0][0].clone(), top_up.transfer(&payer)]);
}

#[tokio::test]
async fn nothing_is_added_while_rent_is_what_it_was() {
    let (sent, added, _) = close(0).await;
    assert_eq!((added.unwrap(), sent.len()), (vec![], 1));
}

#[tokio::test]
async fn it_is_sent_once_more_and_no_oftener() {
    let (sent, added, _) = close(2).await;
    assert!(is_want_of_rent(&added.unwrap_err()));
    assert_eq!(sent.len(), 2);
}
