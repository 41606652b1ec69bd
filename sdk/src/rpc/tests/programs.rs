//! What is not sent, and what is asked before anything is.

use {
    super::{cluster::program, *},
    crate::rpc::deploy::{deploy, DeployError, Deployment},
    solana_sdk_ids::bpf_loader_upgradeable,
};

const MAINNET: &str = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d";
const TESTNET: &str = "4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY";
const DEVNET: &str = "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG";

fn cluster_of(genesis: &str) -> Cluster {
    Cluster::new(Behaviour {
        genesis: Some(genesis.parse().unwrap()),
        ..Behaviour::default()
    })
}

fn count(cluster: &Cluster, request: RpcRequest) -> usize {
    cluster.requests(request).len()
}

/// Sends to a program, and once more.
async fn send_twice(ledger: &RpcLedger, program_id: Pubkey) -> Result<(), LedgerError> {
    let signer = Keypair::new();
    let instruction = Instruction {
        program_id,
        ..instruction(&signer)
    };
    for _ in 0..2 {
        ledger
            .send(std::slice::from_ref(&instruction), &[&signer])
            .await?;
    }
    Ok(())
}

/// Asserts that it is the development id's refusal, and that nothing was signed or sent.
fn assert_refused(cluster: &Cluster, error: &LedgerError, name: &str) {
    assert_eq!(
        error.to_string(),
        format!(
            "the private key of the development id {} is public, so on {name} the program there may be anybody's",
            crate::ID
        )
    );
    for request in [
        RpcRequest::SimulateTransaction,
        RpcRequest::GetLatestBlockhash,
        RpcRequest::SendTransaction,
    ] {
        assert_eq!(count(cluster, request), 0, "{request}");
    }
    assert_eq!(count(cluster, RpcRequest::GetGenesisHash), 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_to_the_development_id_on_a_public_cluster() {
    for (genesis, name) in [
        (MAINNET, "mainnet"),
        (TESTNET, "testnet"),
        (DEVNET, "devnet"),
    ] {
        let cluster = cluster_of(genesis);
        let ledger = ledger(&cluster);
        let error = send_twice(&ledger, crate::ID).await.unwrap_err();
        assert_refused(&cluster, &error, name);

        // What was signed before is not sent either, and it is known by now which cluster this is.
        let signer = Keypair::new();
        let message = Message::new(&[instruction(&signer)], Some(&signer.pubkey()));
        let transaction = crate::ledger::sign(message, &[&signer]).unwrap();
        let error = ledger.send_transaction(transaction).await.unwrap_err();
        assert_refused(&cluster, &error, name);
    }
}

#[tokio::test(start_paused = true)]
async fn another_id_or_the_one_that_is_named_is_sent_to() {
    let cluster = cluster_of(DEVNET);
    let named = ledger(&cluster).program_id(crate::ID);
    send_twice(&named, crate::ID).await.unwrap();
    assert_eq!(cluster.landed(), 2);

    let own = Pubkey::new_from_array([1; 32]);
    let cluster = cluster_of(DEVNET);
    let ledger = ledger(&cluster).program_id(own);
    send_twice(&ledger, own).await.unwrap();
    assert_eq!(cluster.landed(), 2);
    assert_eq!(count(&cluster, RpcRequest::GetGenesisHash), 0);
    // The name was another's.
    let error = send_twice(&ledger, crate::ID).await.unwrap_err();
    assert!(matches!(
        error,
        LedgerError::DevelopmentId { cluster: "devnet" }
    ));
}

#[tokio::test(start_paused = true)]
async fn cluster_and_program_are_asked_for_once() {
    let cluster = Cluster::new(Behaviour::default());
    send_twice(&ledger(&cluster), crate::ID).await.unwrap();
    assert_eq!(cluster.landed(), 2);
    assert_eq!(count(&cluster, RpcRequest::GetGenesisHash), 1);
    let asked = cluster.requests(RpcRequest::GetMultipleAccounts);
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0][0], json!([crate::ID.to_string()]));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_program_is_not_sent_to() {
    let owner = Pubkey::new_from_array([7; 32]);
    for (account, text) in [
        (
            json!(null),
            format!("there is no program at {} on this ledger", crate::ID),
        ),
        (
            program(&owner, true),
            format!(
                "the account at {} is no program that can be called; its owner is {owner}",
                crate::ID
            ),
        ),
        (
            program(&bpf_loader_upgradeable::ID, false),
            format!(
                "the account at {} is no program that can be called; its owner is {}",
                crate::ID,
                bpf_loader_upgradeable::ID
            ),
        ),
    ] {
        let cluster = Cluster::new(Behaviour {
            program: Some(account),
            ..Behaviour::default()
        });
        let error = send(&cluster).await.unwrap_err();
        assert_eq!(error.to_string(), text);
        assert_eq!(count(&cluster, RpcRequest::SimulateTransaction), 0);
        assert_eq!(cluster.transactions(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_deployed_at_the_development_id_on_a_public_cluster() {
    let (cluster, key) = (cluster_of(TESTNET), Keypair::new());
    let deployment = Deployment {
        elf: b"\x7fELF",
        program_id: &crate::ID,
        program_key: None,
        authority: &key,
        fee_payer: &key,
    };
    let deployed = deploy(&ledger(&cluster), deployment, &|_| {}).await;
    let Err(DeployError::Ledger(error)) = deployed else {
        panic!("{deployed:?}");
    };
    assert_refused(&cluster, &error, "testnet");
    assert_eq!(count(&cluster, RpcRequest::GetMultipleAccounts), 0);

    // What is there is no program, which is checked next.
    let named = ledger(&cluster).program_id(crate::ID);
    let deployed = deploy(&named, deployment, &|_| {}).await;
    assert!(matches!(deployed, Err(DeployError::AddressTaken(id)) if id == crate::ID));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_repeats_the_urls_secret_is_reported_without_it() {
    let cluster = Cluster::new(Behaviour {
        refuses_with: Some("no plan for secret"),
        ..Behaviour::default()
    });
    let error = ledger(&cluster).rent(0).await.unwrap_err();
    let text = "https://example.com/… answered: no plan for … (-32000)";
    assert_eq!(error.to_string(), text);
    let shown = format!("{:?}", ledger(&cluster));
    assert!(shown.contains("\"https://example.com/…\""), "{shown}");
    assert!(!shown.contains("secret"), "{shown}");
}
