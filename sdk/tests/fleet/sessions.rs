//! The sessions of a device, opened and closed by its agent.

use {
    crate::network::{contributor, device, location, Fate, Network},
    ebb_sdk::{
        client::Keyed,
        fleet::{SessionChanges, SessionOutcome},
        instruction::{undrain_device, Expect},
        state::{Device, Session},
        EbbError, ID,
    },
    solana_program::pubkey::Pubkey,
    solana_sdk::signer::Signer,
    std::sync::atomic::Ordering,
};

#[allow(dead_code, reason = "its main is the example's")]
#[path = "../../examples/controller.rs"]
mod controller;

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
        ..SessionChanges::default()
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

#[tokio::test]
async fn they_stay_where_the_device_is_in_another_status_than_was_read() {
    let network = Network::new(1).await;
    change(&network, opening(users(2))).await;
    network.drain(1).await;
    let (draining, close) = read(&network).await;
    let me = network.key.pubkey();
    let undrain = undrain_device(
        &ID,
        &me,
        &device(0),
        &location(),
        &contributor(),
        Expect::default(),
    );
    network.send(undrain).await;
    let changes = SessionChanges {
        close,
        same_status: true,
        ..SessionChanges::default()
    };
    let fleet = &network.fleet;
    let outcome = fleet.change_sessions(&draining, &changes).await.unwrap();
    let rules: Vec<_> = outcome.failed.iter().map(|(_, it)| it.rule()).collect();
    assert_eq!(rules, [Some(EbbError::StatusMismatch); 2]);
    assert_eq!(read(&network).await.1.len(), 2);
}

#[tokio::test]
async fn the_example_sees_users_off_where_a_device_drains() {
    let network = Network::new(2).await;
    let agent = network.key.pubkey();
    change(&network, opening(users(12))).await;
    let close = || controller::close_sessions(&network.fleet, &agent);
    close().await.unwrap();
    assert_eq!(read(&network).await.1.len(), 12);
    network.drain(1).await;
    let somebody_else = Pubkey::new_unique();
    controller::close_sessions(&network.fleet, &somebody_else)
        .await
        .unwrap();
    assert_eq!(read(&network).await.1.len(), 12);
    close().await.unwrap();
    let (found, sessions) = read(&network).await;
    assert!(found.account.head.is_drained());
    assert_eq!(sessions, []);
}
