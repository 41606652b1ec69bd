use {
    ebb_validator_tests::{write_newer_device, Network, Options, Validator},
    solana_sdk::{pubkey::Pubkey, signature::Keypair, signer::Signer},
    tokio::sync::OnceCell,
};

/// The code of a device whose account a newer version of the program wrote.
pub const NEWER: &str = "from-the-future";

/// The validator, and deployments of the program on it.
pub struct Shared {
    pub validator: Validator,
    /// Tests make devices of their own on it.
    pub network: Network,
    /// Only the test of every instruction uses it: that changes the registry.
    pub tour: Network,
    /// Only the test of lists uses it: that knows all there is.
    pub lists: Network,
}

/// What the tests share, started by the first that asks.
pub async fn shared() -> &'static Shared {
    static SHARED: OnceCell<Shared> = OnceCell::const_new();
    SHARED.get_or_init(start).await
}

async fn start() -> Shared {
    let authority = Keypair::new();
    let ids = [ebb_sdk::ID, Pubkey::new_unique(), Pubkey::new_unique()];
    let accounts = tempfile::tempdir().expect("a folder for accounts");
    write_newer_device(accounts.path(), &ebb_sdk::ID, NEWER);

    let mut options = Options::default().accounts(accounts.path());
    for id in &ids {
        options = options.program(id, &authority.pubkey());
    }
    let validator = Validator::start(options);
    let [network, tour, lists] = &ids;
    let (network, tour, lists) = tokio::join!(
        Network::found(&validator, network, &authority),
        Network::found(&validator, tour, &authority),
        Network::found(&validator, lists, &authority),
    );
    Shared {
        validator,
        network,
        tour,
        lists,
    }
}
