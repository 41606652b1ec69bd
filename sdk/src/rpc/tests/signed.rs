//! Transactions that were signed before, and may have been sent before.

use {
    super::{cluster::Nonce, *},
    solana_nonce::state::DurableNonce,
    solana_system_interface::instruction::advance_nonce_account,
};

/// Longer than a blockhash lives.
const LIFE: Duration = Duration::from_secs(90);

/// Signs a transaction.
async fn signed(ledger: &RpcLedger) -> VersionedTransaction {
    let signer = Keypair::new();
    let blockhash = ledger.latest_blockhash().await.unwrap();
    let payer = Some(signer.pubkey());
    let message = Message::new_with_blockhash(&[instruction(&signer)], payer.as_ref(), &blockhash);
    crate::ledger::sign(message, &[&signer]).unwrap()
}

/// Signs, waits, and sends what was signed.
async fn send_later(cluster: &Cluster, after: Duration) -> Result<Receipt, LedgerError> {
    let ledger = ledger(cluster);
    let transaction = signed(&ledger).await;
    tokio::time::sleep(after).await;
    ledger.send_transaction(transaction).await
}

fn assert_over(sent: Result<Receipt, LedgerError>) {
    let error = sent.unwrap_err();
    let over = TransactionError::BlockhashNotFound;
    assert!(
        matches!(&error, LedgerError::Failed { error, .. } if *error == over),
        "{error:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_signed_before_is_sent_as_it_is() {
    let cluster = Cluster::new(Behaviour::default());
    send_later(&cluster, 30 * SECOND).await.unwrap();
    assert_eq!((cluster.transactions(), cluster.landed()), (1, 1));

    let cluster = Cluster::new(Behaviour {
        fails_with: Some(json!({ "InstructionError": [0, { "Custom": 6057 }] })),
        ..Behaviour::default()
    });
    let error = send_later(&cluster, SECOND).await.unwrap_err();
    assert!(matches!(
        error,
        LedgerError::Refused { error: EbbError::BudgetExceeded, instruction: 0, ref logs } if logs == &["on chain"]
    ));
}

#[tokio::test(start_paused = true)]
async fn what_was_signed_before_is_not_signed_again() {
    let cluster = Cluster::new(Behaviour {
        loses: usize::MAX,
        ..Behaviour::default()
    });
    let error = send_later(&cluster, SECOND).await.unwrap_err();
    assert!(matches!(error, LedgerError::Dropped { attempts: 1 }));
    assert_eq!((cluster.transactions(), cluster.landed()), (1, 0));

    let cluster = Cluster::new(Behaviour::default());
    assert_over(send_later(&cluster, LIFE).await);
    assert_eq!(cluster.transactions(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_landed_before_is_answered_as_it_was_however_late_it_is_sent_again() {
    let cluster = Cluster::new(Behaviour::default());
    let ledger = ledger(&cluster);
    let transaction = signed(&ledger).await;
    let send = || ledger.send_transaction(transaction.clone());
    let first = send().await.unwrap();
    assert_eq!(send().await.unwrap(), first);
    let sends = cluster.requests(RpcRequest::SendTransaction).len();
    tokio::time::sleep(LIFE).await;
    assert_eq!(send().await.unwrap(), first);
    assert_eq!(cluster.requests(RpcRequest::SendTransaction).len(), sends);
    assert_eq!((cluster.transactions(), cluster.landed()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn what_failed_before_is_answered_with_the_error_that_it_met() {
    let cluster = Cluster::new(Behaviour {
        fails_with: Some(json!({ "InstructionError": [0, { "Custom": 6057 }] })),
        ..Behaviour::default()
    });
    let ledger = ledger(&cluster);
    let transaction = signed(&ledger).await;
    for _ in 0..2 {
        let error = ledger.send_transaction(transaction.clone()).await;
        let error = error.unwrap_err();
        assert!(
            matches!(
                error,
                LedgerError::Refused {
                    error: EbbError::BudgetExceeded,
                    ..
                }
            ),
            "{error:?}"
        );
        tokio::time::sleep(LIFE).await;
    }
    assert_eq!(cluster.transactions(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_is_behind_does_not_say_that_a_transaction_never_landed() {
    // It lands in the last block it can; the node with the statuses has that block half a minute later.
    let cluster = Cluster::new(Behaviour {
        landing_takes: 60 * SECOND,
        status_lag: 75,
        ..Behaviour::default()
    });
    let ledger = ledger(&cluster);
    let transaction = signed(&ledger).await;
    let first = ledger.send_transaction(transaction.clone());
    tokio::time::timeout(10 * SECOND, first).await.unwrap_err();
    tokio::time::sleep(55 * SECOND).await;
    let receipt = ledger.send_transaction(transaction).await.unwrap();
    assert_eq!(receipt.slot, 1_150);
    assert_eq!((cluster.transactions(), cluster.landed()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_node_without_history_does_not_say_that_an_old_transaction_never_landed() {
    let cluster = Cluster::new(Behaviour {
        without_history: true,
        ..Behaviour::default()
    });
    let error = send_later(&cluster, LIFE).await.unwrap_err().to_string();
    let right =
        "https://example.com/… keeps no history of transactions, so it is not known whether ";
    assert!(error.starts_with(right), "{error}");

    // It has the newest ones all the same.
    let ledger = ledger(&cluster);
    let transaction = signed(&ledger).await;
    let first = ledger.send_transaction(transaction.clone()).await.unwrap();
    tokio::time::sleep(LIFE).await;
    let again = ledger.send_transaction(transaction).await.unwrap();
    assert_eq!(again, first);
}

/// A cluster with a nonce that somebody uses at some time, and a transaction with the value it has until then.
fn with_nonce(used_at: Duration, loses: usize) -> (Cluster, VersionedTransaction) {
    let signer = Keypair::new();
    let nonce = DurableNonce::from_blockhash(&Hash::new_from_array([7; 32]));
    let value = *nonce.as_hash();
    let advance = advance_nonce_account(&Pubkey::new_unique(), &signer.pubkey());
    let payer = Some(signer.pubkey());
    let instructions = [advance, instruction(&signer)];
    let message = Message::new_with_blockhash(&instructions, payer.as_ref(), &value);
    let transaction = crate::ledger::sign(message, &[&signer]).unwrap();
    let cluster = Cluster::new(Behaviour {
        nonce: Some(Nonce {
            value: nonce,
            authority: signer.pubkey(),
            used_at,
        }),
        loses,
        ..Behaviour::default()
    });
    (cluster, transaction)
}

#[tokio::test(start_paused = true)]
async fn a_nonce_lives_until_it_is_used() {
    let (cluster, transaction) = with_nonce(10 * LIFE, 0);
    tokio::time::sleep(2 * LIFE).await;
    let ledger = ledger(&cluster);
    let first = ledger.send_transaction(transaction.clone()).await.unwrap();
    tokio::time::sleep(10 * LIFE).await;
    let sends = cluster.requests(RpcRequest::SendTransaction).len();
    assert_eq!(ledger.send_transaction(transaction).await.unwrap(), first);
    assert_eq!(cluster.requests(RpcRequest::SendTransaction).len(), sends);
    assert_eq!((cluster.transactions(), cluster.landed()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_nonce_that_another_transaction_used_ends_the_wait() {
    let (cluster, transaction) = with_nonce(10 * SECOND, 1);
    let ledger = ledger(&cluster);
    let begun = tokio::time::Instant::now();
    let error = ledger.send_transaction(transaction.clone()).await;
    assert!(matches!(error, Err(LedgerError::Dropped { attempts: 1 })));
    assert!(begun.elapsed() < 15 * SECOND, "{:?}", begun.elapsed());
    let sends = cluster.requests(RpcRequest::SendTransaction).len();
    assert_over(ledger.send_transaction(transaction).await);
    assert_eq!(cluster.requests(RpcRequest::SendTransaction).len(), sends);
    assert_eq!(cluster.landed(), 0);
}
