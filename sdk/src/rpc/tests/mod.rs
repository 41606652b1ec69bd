mod cluster;
mod floor;
mod history;
mod programs;
mod signed;
mod traffic;

use {
    super::*,
    crate::error::EbbError,
    cluster::{Behaviour, Cluster},
    compute_budget::{DISTINCT_UNITS, MAX_COMPUTE_UNITS},
    serde_json::json,
    solana_client::rpc_request::RpcRequest,
    solana_message::Message,
    solana_program::instruction::AccountMeta,
    solana_sdk::{signature::Keypair, transaction::TransactionError},
    std::time::Duration,
};

const SECOND: Duration = Duration::from_secs(1);

fn ledger(cluster: &Cluster) -> RpcLedger {
    RpcLedger::with_sender(cluster.clone(), CommitmentConfig::confirmed())
}

fn instruction(signer: &Keypair) -> Instruction {
    let accounts = vec![AccountMeta::new(signer.pubkey(), true)];
    Instruction::new_with_bytes(crate::ID, &[1], accounts)
}

async fn send(cluster: &Cluster) -> Result<Receipt, LedgerError> {
    let signer = Keypair::new();
    let sent = ledger(cluster)
        .send(&[instruction(&signer)], &[&signer])
        .await;
    // Whatever was said about it: nothing ran twice.
    assert!(cluster.landed() <= 1);
    sent
}

#[tokio::test(start_paused = true)]
async fn a_transaction_lands() {
    let cluster = Cluster::new(Behaviour::default());
    send(&cluster).await.unwrap();
    assert_eq!((cluster.transactions(), cluster.landed()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn the_same_sent_twice_at_once_is_two_transactions() {
    let cluster = Cluster::new(Behaviour::default());
    let (ledger, signer) = (ledger(&cluster), Keypair::new());
    let instructions = [instruction(&signer)];
    let signers: [&(dyn Signer + Sync); 1] = [&signer];
    let send = || ledger.send(&instructions, &signers);
    let (one, other) = tokio::join!(send(), send());
    assert_ne!(one.unwrap().signature, other.unwrap().signature);
    assert_eq!((cluster.transactions(), cluster.landed()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_slow_transaction_is_sent_again_as_it_is_and_without_preflight() {
    let cluster = Cluster::new(Behaviour {
        landing_takes: 20 * SECOND,
        ..Behaviour::default()
    });
    send(&cluster).await.unwrap();
    assert_eq!((cluster.transactions(), cluster.landed()), (1, 1));
    let sends = cluster.requests(RpcRequest::SendTransaction);
    assert!(sends.len() > 5);
    for (number, params) in sends.iter().enumerate() {
        assert_eq!(params[0], sends[0][0]);
        assert_eq!(params[1]["skipPreflight"], json!(number > 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_transaction_that_was_lost_is_signed_anew_once_it_has_expired() {
    let cluster = Cluster::new(Behaviour {
        loses: 2,
        ..Behaviour::default()
    });
    send(&cluster).await.unwrap();
    assert_eq!((cluster.transactions(), cluster.landed()), (3, 1));
}

#[tokio::test(start_paused = true)]
async fn a_node_that_is_behind_does_not_count_as_a_proof_of_expiry() {
    // It lands in the last block it can, and the status comes half a minute later.
    let cluster = Cluster::new(Behaviour {
        landing_takes: 60 * SECOND,
        status_lag: 75,
        ..Behaviour::default()
    });
    send(&cluster).await.unwrap();
    assert_eq!((cluster.transactions(), cluster.landed()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn nodes_without_history_will_do() {
    let cluster = Cluster::new(Behaviour {
        loses: 1,
        status_lag: 75,
        without_history: true,
        ..Behaviour::default()
    });
    send(&cluster).await.unwrap();
    assert_eq!((cluster.transactions(), cluster.landed()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_drops_everything_is_given_up() {
    let cluster = Cluster::new(Behaviour {
        loses: usize::MAX,
        ..Behaviour::default()
    });
    let error = send(&cluster).await.unwrap_err();
    assert!(matches!(error, LedgerError::Dropped { attempts: 5 }));
    assert_eq!((cluster.transactions(), cluster.landed()), (5, 0));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_lost_is_no_refusal() {
    let cluster = Cluster::new(Behaviour {
        send_is_unanswered: true,
        ..Behaviour::default()
    });
    send(&cluster).await.unwrap();
    assert_eq!((cluster.transactions(), cluster.landed()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn silence_while_waiting_is_borne() {
    let cluster = Cluster::new(Behaviour {
        landing_takes: 5 * SECOND,
        silent: Some(SECOND..40 * SECOND),
        ..Behaviour::default()
    });
    send(&cluster).await.unwrap();
    assert_eq!((cluster.transactions(), cluster.landed()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn silence_for_ever_leaves_it_unconfirmed() {
    let cluster = Cluster::new(Behaviour {
        landing_takes: 5 * SECOND,
        silent: Some(SECOND..1_000_000 * SECOND),
        ..Behaviour::default()
    });
    let error = send(&cluster).await.unwrap_err();
    assert!(matches!(error, LedgerError::Unconfirmed(_)));
    assert_eq!(cluster.transactions(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_preflight_is_typed() {
    let cluster = Cluster::new(Behaviour {
        preflight: Some(json!({ "InstructionError": [1, { "Custom": 6056 }] })),
        ..Behaviour::default()
    });
    let error = send(&cluster).await.unwrap_err();
    assert!(matches!(
        error,
        LedgerError::Refused { error: EbbError::LiveHold, instruction: 0, ref logs } if logs == &["preflight"]
    ));
    assert_eq!(cluster.transactions(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_does_not_know_the_blockhash_yet_refuses_nothing() {
    let cluster = Cluster::new(Behaviour {
        preflight: Some(json!("BlockhashNotFound")),
        ..Behaviour::default()
    });
    let error = send(&cluster).await.unwrap_err();
    assert!(matches!(error, LedgerError::Dropped { .. }));
    assert_eq!(cluster.landed(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_stands_still_is_given_up_with_what_it_said() {
    let cluster = Cluster::new(Behaviour {
        preflight: Some(json!("BlockhashNotFound")),
        halts_at: Some(SECOND),
        ..Behaviour::default()
    });
    let error = send(&cluster).await.unwrap_err();
    assert!(matches!(error, LedgerError::Unreachable { .. }));
    let expected = "cannot reach https://example.com/…: Blockhash not found";
    assert_eq!(error.to_string(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_on_chain_is_typed_and_has_its_logs() {
    let cluster = Cluster::new(Behaviour {
        fails_with: Some(json!({ "InstructionError": [1, { "Custom": 6057 }] })),
        ..Behaviour::default()
    });
    let error = send(&cluster).await.unwrap_err();
    assert!(matches!(
        error,
        LedgerError::Refused { error: EbbError::BudgetExceeded, instruction: 0, ref logs } if logs == &["on chain"]
    ));
}

#[tokio::test(start_paused = true)]
async fn a_silent_cluster_is_unreachable_and_its_secrets_are_kept() {
    let cluster = Cluster::new(Behaviour {
        silent: Some(Duration::ZERO..SECOND),
        ..Behaviour::default()
    });
    let error = send(&cluster).await.unwrap_err();
    assert!(matches!(error, LedgerError::Unreachable { .. }));
    assert_eq!(
        error.to_string(),
        "cannot reach https://example.com/…: lost"
    );
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/?api-key=secret", listener.local_addr().unwrap());
    drop(listener);
    let ledger = RpcLedger::new(url, CommitmentConfig::confirmed());
    let error = ledger.rent(0).await.unwrap_err();
    assert!(matches!(error, LedgerError::Unreachable { .. }));
    assert!(!error.to_string().contains("secret"));
}

#[tokio::test(start_paused = true)]
async fn what_a_node_that_has_just_started_would_do_counts_once_it_knows_what_was_seen() {
    let cluster = Cluster::new(Behaviour {
        rewound: Some(20 * SECOND..40 * SECOND),
        ..Behaviour::default()
    });
    let (ledger, signer) = (ledger(&cluster), Keypair::new());
    let instructions = [instruction(&signer)];
    tokio::time::sleep(SECOND).await;
    ledger.send(&instructions, &[&signer]).await.unwrap();
    tokio::time::sleep(20 * SECOND).await;
    ledger.send(&instructions, &[&signer]).await.unwrap();
    assert_eq!((cluster.transactions(), cluster.landed()), (2, 2));

    // Who has seen nothing yet can know of nothing else.
    let cluster = Cluster::new(Behaviour {
        rewound: Some(Duration::ZERO..SECOND),
        ..Behaviour::default()
    });
    let error = send(&cluster).await.unwrap_err();
    assert!(matches!(error, LedgerError::Failed { .. }), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_simulation_returns_the_fee_at_the_limit_that_is_asked_for() {
    let cluster = Cluster::new(Behaviour::default());
    let ledger = ledger(&cluster).compute_unit_price(2_000_000);
    let signer = Keypair::new();
    let simulation = ledger
        .simulate(&[instruction(&signer)], &signer.pubkey())
        .await
        .unwrap();
    let limit = compute_unit_limit(2_000);
    assert_eq!(limit, 2_000 + 200 + 1_000 + 150);
    assert_eq!(simulation.compute_units, 2_000);
    assert_eq!(
        simulation.fee,
        5_000 + 2 * u64::from(limit + DISTINCT_UNITS)
    );
    assert_eq!(simulation.logs, ["simulated"]);
    assert_eq!(compute_unit_limit(u64::MAX), MAX_COMPUTE_UNITS);
}

#[tokio::test(start_paused = true)]
async fn accounts_are_asked_for_by_the_hundred() {
    let cluster = Cluster::new(Behaviour::default());
    let addresses = vec![Pubkey::default(); 250];
    let accounts = ledger(&cluster).accounts(&addresses).await.unwrap();
    assert_eq!(accounts.len(), 250);
    assert!(accounts.iter().flatten().all(|it| it.data == [1, 2]));
    let requests = cluster.requests(RpcRequest::GetMultipleAccounts);
    let lens: Vec<_> = requests
        .iter()
        .map(|params| params[0].as_array().unwrap().len())
        .collect();
    assert_eq!(lens, [100, 100, 50]);
}

#[tokio::test(start_paused = true)]
async fn filters_that_nodes_do_not_take_are_applied_here() {
    let cluster = Cluster::new(Behaviour::default());
    let filters: Vec<_> = (0..5u8)
        .map(|at| Filter {
            offset: at.into(),
            bytes: vec![at + 1],
        })
        .collect();
    let found = ledger(&cluster)
        .program_accounts(&crate::ID, &filters)
        .await
        .unwrap();
    let addresses: Vec<_> = found
        .iter()
        .map(|(address, _)| address.to_bytes()[0])
        .collect();
    assert_eq!(addresses, [3, 9]);
    let asked = &cluster.requests(RpcRequest::GetProgramAccounts)[0][1]["filters"];
    assert_eq!(asked.as_array().unwrap().len(), 4);
    let first = json!({ "memcmp": { "offset": 0, "encoding": "base64", "bytes": "AQ==" } });
    assert_eq!(asked[0], first);
}

#[tokio::test(start_paused = true)]
async fn the_genesis_is_the_clusters() {
    let cluster = Cluster::new(Behaviour::default());
    let genesis = ledger(&cluster).genesis().await.unwrap();
    assert_eq!(genesis, Hash::new_from_array([5; 32]));
}

#[test]
fn the_clock_has_its_slot_first_and_its_time_last() {
    let mut data = [0; 40];
    data[0] = 5;
    data[32] = 6;
    assert_eq!(clock_reading(&data), Some(Now { slot: 5, time: 6 }));
    assert_eq!(clock_reading(&data[..7]), None);
}
