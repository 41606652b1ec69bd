//! The commands of docs/production.md, word for word, as an operator's shell runs them in a home where nothing is, and what the
//! page says that the accounts cost.

use {
    crate::{
        costs::{accounts, table, FEE},
        shell::Shell,
    },
    ebb_validator_tests::{Options, Validator, PROGRAM},
    serde_json::{json, Value},
    solana_sdk::{
        native_token::LAMPORTS_PER_SOL,
        signature::Keypair,
        signer::{EncodableKey, Signer},
    },
    std::{collections::BTreeMap, fs, os::unix::fs::symlink, path::Path},
};

const PAGE: &str = include_str!("../../../../docs/production.md");
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts");
/// The holders of the page's keys.
const HOLDERS: [&str; 14] = [
    "upgrade",
    "program",
    "authority",
    "authority-next",
    "oracle",
    "oracle-next",
    "co01",
    "co01-next",
    "operator",
    "operator-next",
    "agent",
    "agent-next",
    "custodian",
    "custodian-next",
];

/// The page's console blocks as scripts, in order. A line without a prompt goes on from the one before.
fn scripts() -> Vec<String> {
    let blocks = PAGE.split("```console\n").skip(1);
    let blocks = blocks.map(|rest| rest.split_once("\n```").expect("a block ends").0);
    let script = |block: &str| {
        let lines = block
            .lines()
            .map(|line| line.strip_prefix("$ ").unwrap_or(line));
        lines.collect::<Vec<_>>().join("\n")
    };
    blocks.map(script).collect()
}

/// The page between two marks.
fn between<'a>(begin: &str, end: &str) -> &'a str {
    let (_, rest) = PAGE.split_once(begin).expect("it begins");
    rest.split_once(end).expect("it ends").0
}

/// Writes a key for each holder, and gives it lamports.
async fn keys(folder: &Path, validator: &Validator) -> BTreeMap<&'static str, Keypair> {
    let mut keys = BTreeMap::new();
    for holder in HOLDERS {
        let key = match holder {
            // Nothing may be at its address.
            "program" => Keypair::new(),
            _ => validator.funded().await,
        };
        let file = folder.join(format!("{holder}.json"));
        key.write_to_file(file).expect("the key is written");
        keys.insert(holder, key);
    }
    keys
}

/// What stands in the operator's folder beside the keys.
fn files(folder: &Path) {
    let write = |name, bytes: &[u8]| fs::write(folder.join(name), bytes).expect("a file");
    write("passphrase.txt", b"a passphrase of the test's\n");
    write("old.so", PROGRAM);
    // The same program in other bytes.
    write("new.so", &[PROGRAM, b"newer"].concat());
    symlink(SCRIPTS, folder.join("scripts")).expect("a link");
}

#[tokio::test(flavor = "multi_thread")]
async fn production_works_as_written_and_costs_what_is_written() {
    let validator = Validator::start(Options::default());
    let shell = Shell::with_cluster(&validator.url());
    let keys = keys(&shell.folder(), &validator).await;
    files(&shell.folder());
    let program = keys["program"].pubkey();
    let environment = format!(
        "set -eu; export EBB_PROGRAM_ID={program} URL={}",
        validator.url()
    );
    let run = |script: &str| shell.run(&format!("{environment}\n{script}"));

    let scripts = scripts();
    assert_eq!(scripts.len(), 8, "{scripts:#?}");
    let said: Vec<String> = scripts.iter().map(|script| run(script)).collect();
    let [deployed, .., upgraded, rolled_back] = said.as_slice() else {
        panic!("there are several: {said:#?}");
    };
    let (same, other) = ("the one this ebb was made with", "not the one this ebb");
    assert!(
        deployed.contains(same) && !deployed.contains(other),
        "{deployed}"
    );
    assert!(upgraded.contains(other), "{upgraded}");
    assert!(!rolled_back.contains(other), "{rolled_back}");

    let json = |line: &str| -> Value {
        let said = run(&format!("ebb {line} --output json-compact 2>errors"));
        serde_json::from_str(&said).expect("it is JSON")
    };
    let key = |holder: &str| json!(keys[holder].pubkey().to_string());
    let registry = json("registry get");
    assert_eq!(registry["authority"], key("authority-next"));
    assert_eq!(registry["health_oracle"], key("oracle-next"));
    assert_eq!(registry["nominee"], Value::Null);
    let contributor = json("contributor get co01");
    assert_eq!(contributor["authority"], key("co01-next"));
    assert_eq!(contributor["operator"], key("operator-next"));
    assert_eq!(contributor["suspended"], false);
    let device = json("device get ams-dz001");
    assert_eq!(device["agent"], key("agent"));
    assert_eq!(device["provisioning_status"], "activated");
    assert_eq!(device["health"], "healthy");
    assert_eq!(device["sessions"], 1);
    let disk_keys = json("disk-key list ams-dz001");
    let custodian = &disk_keys["disk_keys"][0]["custodian"];
    assert_eq!(*custodian, key("custodian-next"));

    let client = validator.client();
    let mut priced = Vec::new();
    for account in accounts(&program) {
        let rent = client.get_minimum_balance_for_rent_exemption(account.len);
        let rent = rent.await.expect("it answers");
        // The upgrade was longer.
        if account.address != ebb_sdk::pda::program_data(&program) {
            assert_eq!(validator.balance(&account.address).await, rent);
        }
        priced.push((account, rent));
    }
    let written = between("<!-- costs:begin -->\n", "<!-- costs:end -->");
    assert_eq!(written, table(&priced), "{}", table(&priced));
    let session = priced.last().expect("there are accounts").1;
    assert_eq!(
        validator.balance(&keys["agent"].pubkey()).await,
        100 * LAMPORTS_PER_SOL - session - FEE
    );
}
