//! The sessions of a device, opened and closed by its agent.

use {
    crate::network::{device, Fate, Network},
    ebb_sdk::{
        client::Keyed,
        fleet::{SessionChanges, SessionOutcome},
        state::{Device, Session},
        EbbError,
    },
    solana_program::pubkey::Pubkey,
    std::sync::atomic::Ordering,
};

fn users(count: u8) -> Vec<Pubkey> {
    let user = |number| Pubkey::new_from_array([number; 32]);
    (1..=count).map(user).collect()
}

async fn read(network: &Network) -> (Keyed<Device>, Vec<Keyed<Session>>) {
    let client = network.fleet.client();
    let found = client.device(&device(0)).await.unwrap().unwrap();
    let sessions = client.sessions(Some(&device(0))).await.unwrap().items;
    (found, sessions)
}

async fn change(network: &Network, changes: SessionChanges) -> SessionOutcome {
    network.ledger.sends.store(0, Ordering::Relaxed);
    let (found, _) = read(network).await;
    let outcome = network.fleet.change_sessions(&found, &changes).await;
    outcome.unwrap()
}

fn opening(users: Vec<Pubkey>) -> SessionChanges {
    SessionChanges {
        open: users,
        ..SessionChanges::default()
    }
}

#[tokio::test]
async fn many_go_in_one_transaction() {
    let network = Network::new(1).await;
    let outcome = change(&network, opening(users(12))).await;
    assert_eq!((outcome.done, outcome.failed.len()), (12, 0));
    assert_eq!(outcome.transactions, network.sends());
    assert!(network.sends() <= 3, "{}", network.sends());

    let (_, close) = read(&network).await;
    let changes = SessionChanges {
        close,
        open: users(13)[12..].to_vec(),
    };
    let outcome = change(&network, changes).await;
    assert_eq!((outcome.done, outcome.failed.len()), (13, 0));
    assert!(network.sends() <= 3, "{}", network.sends());
    let (found, sessions) = read(&network).await;
    assert_eq!(found.account.head.sessions, 1);
    assert_eq!(sessions[0].account.user, users(13)[12]);
}

#[tokio::test]
async fn what_landed_or_is_there_already_is_done() {
    let network = Network::new(1).await;
    network.lose(&[Fate::Unconfirmed]);
    let outcome = change(&network, opening(users(3))).await;
    assert_eq!((outcome.done, outcome.transactions), (3, 0));
    assert_eq!(network.sends(), 1);
    // The third is refused, as it is open, and the others land.
    let outcome = change(&network, opening(users(5)[2..].to_vec())).await;
    assert_eq!((outcome.done, outcome.failed.len()), (3, 0));
    assert_eq!(read(&network).await.1.len(), 5);
}

#[tokio::test]
async fn what_is_refused_is_named() {
    let network = Network::new(1).await;
    network.drain(1).await;
    let outcome = change(&network, opening(users(2))).await;
    let rules: Vec<_> = outcome
        .failed
        .iter()
        .map(|(user, error)| (*user, error.rule()))
        .collect();
    let expected = users(2).into_iter();
    let expected: Vec<_> = expected
        .map(|user| (user, Some(EbbError::SessionsClosed)))
        .collect();
    assert_eq!(rules, expected);
}
