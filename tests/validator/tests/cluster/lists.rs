//! Lists, which the validator filters.

use {
    crate::{shared, NEWER},
    ebb_sdk::{
        client::DeviceFilter,
        instruction::{drain_device, open_session, report_health, DrainDevice, Expect},
        ledger::LedgerError,
        pda,
        state::{Health, ProvisioningStatus},
        EbbError,
    },
    ebb_validator_tests::{Act, Relay},
    solana_sdk::{pubkey::Pubkey, signature::Keypair, signer::Signer},
};

/// The code of a device is that of its contributor and that of its location.
const DEVICES: [(&str, &str); 5] = [
    ("co01", "ams"),
    ("co01", "fra"),
    ("co02", "ams"),
    ("co02", "fra"),
    ("co02", "lax"),
];

#[tokio::test]
async fn the_validator_sends_the_devices_that_pass_a_filter_and_no_others() {
    let shared = shared().await;
    let network = &shared.lists;
    let id = &network.program_id;
    let (owner, agent) = (Keypair::new(), Keypair::new());
    let contributor = |code: &str| pda::contributor(id, code).0;
    let location = |code: &str| pda::location(id, code).0;
    let device = |(contributor, location): (&str, &str)| {
        pda::device(id, &format!("{contributor}-{location}")).0
    };

    let parents = vec![
        network.create_contributor("co01", &owner),
        network.create_contributor("co02", &owner),
        network.create_location("ams"),
        network.create_location("fra"),
        network.create_location("lax"),
    ];
    network.send_all(parents, &[&network.authority]).await;
    for pair in DEVICES {
        let code = format!("{}-{}", pair.0, pair.1);
        let (contributor, location) = (contributor(pair.0), location(pair.1));
        let create = network.create_device(&code, &owner, &contributor, &location, &agent);
        network.send(create, &[&owner]).await;
    }
    // One each: pending, activated, draining; and one that is unhealthy.
    for (contributor_code, location_code) in &DEVICES[1..] {
        let device = device((contributor_code, location_code));
        let activate = network.activate(
            &device,
            &contributor(contributor_code),
            &location(location_code),
        );
        network.send(activate, &[&network.authority]).await;
    }
    let drained = device(DEVICES[3]);
    let drain = drain_device(
        id,
        &owner.pubkey(),
        &drained,
        &location("fra"),
        &contributor("co02"),
        DrainDevice::default(),
    );
    network.send(drain, &[&owner]).await;
    let (reporter, sick) = (network.oracle.pubkey(), device(DEVICES[4]));
    let report = report_health(
        id,
        &reporter,
        &sick,
        false,
        Health::Unhealthy,
        Expect::default(),
    );
    network.send(Ok(report), &[&network.oracle]).await;

    let all = DeviceFilter::default();
    let status = |status| DeviceFilter {
        status: Some(status),
        ..DeviceFilter::default()
    };
    let of = |contributor: Option<Pubkey>, location: Option<Pubkey>| DeviceFilter {
        contributor,
        location,
        ..DeviceFilter::default()
    };
    let unhealthy = DeviceFilter {
        health: Some(Health::Unhealthy),
        ..DeviceFilter::default()
    };
    let everything = DeviceFilter {
        health: Some(Health::Unknown),
        ..status(ProvisioningStatus::Activated)
    };
    let co02 = Some(contributor("co02"));
    for (filter, expected) in [
        (all, &[0, 1, 2, 3, 4][..]),
        (status(ProvisioningStatus::Pending), &[0]),
        (status(ProvisioningStatus::Activated), &[1, 2, 4]),
        (status(ProvisioningStatus::Draining), &[3]),
        (status(ProvisioningStatus::Retired), &[]),
        (unhealthy, &[4]),
        (of(Some(contributor("co01")), None), &[0, 1]),
        (of(co02, None), &[2, 3, 4]),
        (of(None, Some(location("fra"))), &[1, 3]),
        (of(co02, Some(location("ams"))), &[2]),
        (of(Some(contributor("co01")), Some(location("lax"))), &[]),
        (
            DeviceFilter {
                contributor: co02,
                location: Some(location("ams")),
                ..everything
            },
            &[2],
        ),
    ] {
        let relay = Relay::new(shared.validator.url(), |_| async { Act::Pass });
        let found = network.client_by(&relay).devices(&filter).await;
        let found = found.expect("the validator lists");
        let addresses: Vec<Pubkey> = found.items.iter().map(|device| device.address).collect();
        let mut right: Vec<Pubkey> = expected.iter().map(|at| device(DEVICES[*at])).collect();
        right.sort_unstable();
        assert_eq!(addresses, right, "{filter:?}");
        assert_eq!(found.unreadable, [], "{filter:?}");
        // Four filters are all that a node takes; with five, one is left to the client.
        let conditions = 1
            + usize::from(filter.status.is_some())
            + usize::from(filter.health.is_some())
            + usize::from(filter.contributor.is_some())
            + usize::from(filter.location.is_some());
        if conditions <= 4 {
            assert_eq!(relay.listed(), [right.len()], "{filter:?}");
        }
    }

    let (here, there) = (device(DEVICES[1]), device(DEVICES[2]));
    let users: Vec<Pubkey> = (0..3).map(|_| Pubkey::new_unique()).collect();
    let open = |device: &Pubkey, user: &Pubkey| {
        let payer = network.payer.pubkey();
        open_session(id, &agent.pubkey(), &payer, device, user, Expect::default())
    };
    let sessions = vec![
        open(&here, &users[0]),
        open(&here, &users[1]),
        open(&there, &users[2]),
    ];
    network.send_all(sessions, &[&agent]).await;
    let client = network.client();
    assert_eq!(client.sessions(None).await.expect("a list").items.len(), 3);
    let sessions = client.sessions(Some(&here)).await.expect("a list").items;
    let mut of_here: Vec<Pubkey> = sessions.iter().map(|it| it.account.user).collect();
    of_here.sort_unstable();
    let mut right = users[..2].to_vec();
    right.sort_unstable();
    assert_eq!(of_here, right);
    assert_eq!(client.contributors().await.expect("a list").items.len(), 2);
    assert_eq!(client.locations().await.expect("a list").items.len(), 3);
    assert_eq!(client.disk_keys(None).await.expect("a list").items, []);
}

#[tokio::test]
async fn an_account_of_a_newer_version_is_reported_and_hides_no_other() {
    let network = &shared().await.network;
    let device = network.device("newer").await;
    let newer = pda::device(&network.program_id, NEWER).0;
    let client = network.client();

    let error = client.device(&newer).await.expect_err("it cannot be read");
    assert!(
        matches!(
            &error,
            LedgerError::Account { address, error: EbbError::UnsupportedVersion } if *address == newer
        ),
        "{error:?}"
    );
    assert!(error.to_string().contains("newer version"), "{error}");

    let list = client
        .devices(&DeviceFilter::default())
        .await
        .expect("a list");
    assert_eq!(list.unreadable, [(newer, EbbError::UnsupportedVersion)]);
    assert!(list.items.iter().any(|it| it.address == device.address));
}
