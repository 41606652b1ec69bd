//! Transactions that were signed before, and may have been sent to the embedded ledger before.

mod common;

use {
    common::{balance, folder, open, pay, wait, LIVING},
    ebb_sdk::{
        embedded::EmbeddedLedger,
        ledger::{
            offline::{Lifetime, Offline, OfflineLedger},
            Ledger, LedgerError,
        },
    },
    futures_util::future::join_all,
    solana_program::{hash::Hash, pubkey::Pubkey},
    solana_sdk::{
        message::{Message, VersionedMessage},
        signer::Signer,
        transaction::{TransactionError, VersionedTransaction},
    },
    solana_system_interface::instruction::{create_nonce_account_with_seed, transfer},
    std::sync::Arc,
};

/// Who is paid.
const TO: Pubkey = Pubkey::new_from_array([78; 32]);

/// A payment that is signed and not sent.
fn signed_payment(ledger: &EmbeddedLedger, blockhash: &Hash) -> VersionedTransaction {
    let key = ledger.default_key();
    let payment = transfer(&key.pubkey(), &TO, LIVING);
    let message = Message::new_with_blockhash(&[payment], Some(&key.pubkey()), blockhash);
    VersionedTransaction::try_new(VersionedMessage::Legacy(message), &[&key]).unwrap()
}

#[test]
fn a_signed_transaction_runs_once_and_has_its_receipt_whenever_it_is_sent_again() {
    let dir = folder();
    let ledger = open(dir.path());
    let blockhash = wait(ledger.latest_blockhash()).unwrap();
    let transaction = signed_payment(&ledger, &blockhash);
    let send = || ledger.send_transaction(transaction.clone());
    let sent = wait(join_all([send(), send()]));
    let first = sent[0].as_ref().unwrap();
    assert_eq!(first.signature, transaction.signatures[0]);
    assert_eq!(sent[1].as_ref().unwrap(), first);
    pay(&ledger, &TO, LIVING).unwrap();
    // Another process has it too.
    let again = wait(open(dir.path()).send_transaction(transaction)).unwrap();
    assert_eq!(again, *first);
    assert_eq!(balance(&ledger, &TO), 2 * LIVING);
    assert_eq!(ledger.history().unwrap().len(), 2);

    let never = signed_payment(&ledger, &Hash::new_from_array([1; 32]));
    let error = wait(ledger.send_transaction(never)).unwrap_err();
    let over = TransactionError::BlockhashNotFound;
    assert!(matches!(error, LedgerError::Failed { error, .. } if error == over));
}

/// Makes a nonce account of the ledger's default key, and returns its address and value.
fn nonce(ledger: &EmbeddedLedger) -> (Pubkey, Hash) {
    let key = ledger.default_key();
    let me = key.pubkey();
    let owner = solana_sdk_ids::system_program::ID;
    let address = Pubkey::create_with_seed(&me, "nonce", &owner).unwrap();
    let create = create_nonce_account_with_seed(&me, &address, &me, "nonce", &me, 10_000_000);
    wait(ledger.send(&create, &[&key])).unwrap();
    let found = wait(ledger.accounts(&[address])).unwrap();
    // Version, state and authority come before it.
    let value = *found[0].as_ref().unwrap().data[40..].first_chunk().unwrap();
    (address, Hash::new_from_array(value))
}

#[test]
fn a_transaction_that_used_its_nonce_before_has_its_receipt_and_another_does_not() {
    let dir = folder();
    let ledger = Arc::new(open(dir.path()));
    let key = ledger.default_key();
    let (address, value) = nonce(&ledger);
    let offline = Offline {
        lifetime: Lifetime::Nonce {
            address,
            authority: Arc::new(key.insecure_clone()),
            value: Some(value),
        },
        sign_only: false,
        compute_unit_price: 0,
    };
    let desk = OfflineLedger::new(Arc::clone(&ledger) as Arc<dyn Ledger>, offline);
    let send = |lamports| {
        let payment = transfer(&key.pubkey(), &TO, lamports);
        wait(desk.send(&[payment], &[&key]))
    };
    // A nonce is advanced to a newer blockhash only.
    pay(&ledger, &TO, LIVING).unwrap();
    let first = send(LIVING).unwrap();
    assert_eq!(send(LIVING).unwrap(), first);
    let error = send(2 * LIVING).unwrap_err().to_string();
    let right = format!("nonce {address} was used: it holds ");
    assert!(error.starts_with(&right), "{error}");
    assert_eq!(balance(&ledger, &TO), 2 * LIVING);
}
