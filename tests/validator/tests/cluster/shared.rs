use {
    base64::{prelude::BASE64_STANDARD, Engine},
    ebb_sdk::{
        pda,
        state::{Device, DeviceHead, ACCOUNT_VERSION},
    },
    ebb_validator_tests::{Network, Options, Validator},
    serde_json::json,
    solana_sdk::{pubkey::Pubkey, signature::Keypair, signer::Signer},
    std::fs,
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
    let address = pda::device(&ebb_sdk::ID, NEWER).0;
    let file = accounts.path().join("newer.json");
    fs::write(file, newer_device(&address).to_string()).expect("the account is written");

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

/// An account as `solana account --output json` writes it.
fn newer_device(address: &Pubkey) -> serde_json::Value {
    let nobody = Pubkey::default();
    let mut head = DeviceHead::new(nobody, nobody, nobody, 1, 255);
    head.version = ACCOUNT_VERSION + 1;
    let code = NEWER.into();
    let data = borsh::to_vec(&Device { head, code }).expect("it encodes");
    json!({
        "pubkey": address.to_string(),
        "account": {
            "lamports": 10_000_000,
            "data": [BASE64_STANDARD.encode(&data), "base64"],
            "owner": ebb_sdk::ID.to_string(),
            "executable": false,
            "rentEpoch": u64::MAX,
            "space": data.len(),
        },
    })
}
