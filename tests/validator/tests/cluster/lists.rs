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
    ebb_validator_tests::{Act, Network, Relay},
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

/// The places of all of them.
const ALL: &[usize] = &[0, 1, 2, 3, 4];

#[tokio::test]
async fn the_validator_sends_the_accounts_that_pass_a_filter_and_no_others() {
    let shared = shared().await;
    let lists = Lists::new(&shared.lists).await;
    for (filter, expected) in lists.filters() {
        lists
            .answers(shared.validator.url(), &filter, expected)
            .await;
    }
    lists.sessions_are_filtered().await;
    let client = lists.network.client();
    assert_eq!(client.contributors().await.expect("a list").items.len(), 2);
    assert_eq!(client.locations().await.expect("a list").items.len(), 3);
    assert_eq!(client.disk_keys(None).await.expect("a list").items, []);
}

/// A network with [`DEVICES`] of one owner and one agent.
struct Lists<'a> {
    network: &'a Network,
    owner: Keypair,
    agent: Keypair,
}

impl<'a> Lists<'a> {
    /// One each: pending, activated, draining; and one that is unhealthy.
    async fn new(network: &'a Network) -> Self {
        let lists = Self {
            network,
            owner: Keypair::new(),
            agent: Keypair::new(),
        };
        lists.create().await;
        for (place, (contributor, location)) in DEVICES.iter().enumerate().skip(1) {
            let (contributor, location) =
                (lists.contributor(contributor), lists.location(location));
            let activate = network.activate(&lists.device(place), &contributor, &location);
            network.send(activate, &[&network.authority]).await;
        }
        let drain = drain_device(
            &network.program_id,
            &lists.owner.pubkey(),
            &lists.device(3),
            &lists.location("fra"),
            &lists.contributor("co02"),
            DrainDevice::default(),
        );
        network.send(drain, &[&lists.owner]).await;
        let report = report_health(
            &network.program_id,
            &network.oracle.pubkey(),
            &lists.device(4),
            false,
            Health::Unhealthy,
            Expect::default(),
        );
        network.send(Ok(report), &[&network.oracle]).await;
        lists
    }

    async fn create(&self) {
        let network = self.network;
        let parents = vec![
            network.create_contributor("co01", &self.owner),
            network.create_contributor("co02", &self.owner),
            network.create_location("ams"),
            network.create_location("fra"),
            network.create_location("lax"),
        ];
        network.send_all(parents, &[&network.authority]).await;
        for (contributor, location) in DEVICES {
            let code = format!("{contributor}-{location}");
            let (contributor, location) = (self.contributor(contributor), self.location(location));
            let create =
                network.create_device(&code, &self.owner, &contributor, &location, &self.agent);
            network.send(create, &[&self.owner]).await;
        }
    }

    fn contributor(&self, code: &str) -> Pubkey {
        pda::contributor(&self.network.program_id, code).0
    }

    fn location(&self, code: &str) -> Pubkey {
        pda::location(&self.network.program_id, code).0
    }

    /// The device in a place of [`DEVICES`].
    fn device(&self, place: usize) -> Pubkey {
        let (contributor, location) = DEVICES[place];
        pda::device(
            &self.network.program_id,
            &format!("{contributor}-{location}"),
        )
        .0
    }

    /// Filters, and the places of the devices that pass each.
    fn filters(&self) -> Vec<(DeviceFilter, &'static [usize])> {
        let status = |status| DeviceFilter {
            status: Some(status),
            ..DeviceFilter::default()
        };
        let of = |contributor: Option<&str>, location: Option<&str>| DeviceFilter {
            contributor: contributor.map(|code| self.contributor(code)),
            location: location.map(|code| self.location(code)),
            ..DeviceFilter::default()
        };
        let unhealthy = DeviceFilter {
            health: Some(Health::Unhealthy),
            ..DeviceFilter::default()
        };
        let everything = DeviceFilter {
            status: Some(ProvisioningStatus::Activated),
            health: Some(Health::Unknown),
            ..of(Some("co02"), Some("ams"))
        };
        vec![
            (DeviceFilter::default(), ALL),
            (status(ProvisioningStatus::Pending), &[0]),
            (status(ProvisioningStatus::Activated), &[1, 2, 4]),
            (status(ProvisioningStatus::Draining), &[3]),
            (status(ProvisioningStatus::Retired), &[]),
            (unhealthy, &[4]),
            (of(Some("co01"), None), &[0, 1]),
            (of(Some("co02"), None), &[2, 3, 4]),
            (of(None, Some("fra")), &[1, 3]),
            (of(Some("co02"), Some("ams")), &[2]),
            (of(Some("co01"), Some("lax")), &[]),
            (everything, &[2]),
        ]
    }

    /// The devices in these places pass a filter, and the validator sends no others.
    async fn answers(&self, validator: String, filter: &DeviceFilter, expected: &[usize]) {
        let relay = Relay::new(validator, |_| async { Act::Pass });
        let found = self.network.client_by(&relay).devices(filter).await;
        let found = found.expect("the validator lists");
        let addresses: Vec<Pubkey> = found.items.iter().map(|device| device.address).collect();
        let mut right: Vec<Pubkey> = expected.iter().map(|place| self.device(*place)).collect();
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

    /// Opens sessions on two devices; those of one are listed alone.
    async fn sessions_are_filtered(&self) {
        let (network, agent) = (self.network, self.agent.pubkey());
        let (here, there) = (self.device(1), self.device(2));
        let users: Vec<Pubkey> = (0..3).map(|_| Pubkey::new_unique()).collect();
        let open = |device: &Pubkey, user: &Pubkey| {
            let (id, payer) = (&network.program_id, network.payer.pubkey());
            open_session(id, &agent, &payer, device, user, Expect::default())
        };
        let sessions = vec![
            open(&here, &users[0]),
            open(&here, &users[1]),
            open(&there, &users[2]),
        ];
        network.send_all(sessions, &[&self.agent]).await;
        let client = network.client();
        assert_eq!(client.sessions(None).await.expect("a list").items.len(), 3);
        let sessions = client.sessions(Some(&here)).await.expect("a list").items;
        let mut of_here: Vec<Pubkey> = sessions.iter().map(|it| it.account.user).collect();
        of_here.sort_unstable();
        let mut right = users[..2].to_vec();
        right.sort_unstable();
        assert_eq!(of_here, right);
    }
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
