//! Options that every verb takes.

use {
    crate::support::Lab,
    serde_json::json,
    std::{fs, path::PathBuf},
};

/// Writes the Solana CLI's config file where that looks for it.
fn solana_config(lab: &Lab, url: &str, keypair: &str) -> PathBuf {
    let dir = lab.path().join(".config/solana/cli");
    fs::create_dir_all(&dir).unwrap();
    let file = dir.join("config.yml");
    let text = format!(
        "json_rpc_url: {url}\nwebsocket_url: ''\nkeypair_path: {keypair}\ncommitment: finalized\n"
    );
    fs::write(&file, text).unwrap();
    file
}

#[test]
fn no_ledger_is_ever_assumed() {
    let lab = Lab::new();
    lab.bare(&["registry", "get"])
        .exits(2)
        .says_nothing()
        .warns("no ledger is named")
        .warns("--url testnet")
        .warns("--url embedded");
}

#[test]
fn the_solana_config_file_names_ledger_and_key() {
    let lab = Lab::initialized();
    let key = lab.key("id");
    solana_config(&lab, "http://127.0.0.1:1", &key.path);
    lab.bare(&["registry", "get"])
        .exits(6)
        .warns("http://127.0.0.1:1");
    // --url comes first, and the embedded ledger has its own key.
    lab.ebb(&["registry", "set-policy", "--require-healthy", "true"])
        .exits(0);

    let other = lab.file("other.yml", "json_rpc_url: [\n");
    lab.bare(&["--config", &other, "registry", "get"])
        .exits(2)
        .warns("other.yml")
        .warns("solana config set");
    lab.bare(&["-C", "absent.yml", "registry", "get"])
        .exits(2)
        .warns("absent.yml");
}

#[test]
fn a_cluster_that_cannot_be_reached_is_exit_6() {
    let lab = Lab::new();
    let error = lab
        .bare(&[
            "-u",
            "http://127.0.0.1:1",
            "registry",
            "get",
            "--output",
            "json",
        ])
        .exits(6)
        .says_nothing()
        .error();
    assert_eq!(
        (&error["kind"], &error["code"]),
        (&json!("unreachable"), &json!(null))
    );
    assert!(error["message"].as_str().unwrap().contains("127.0.0.1:1"));
}

#[test]
fn a_wrong_url_names_right_ones() {
    let lab = Lab::new();
    lab.bare(&["--url", "tesnet", "registry", "get"])
        .exits(2)
        .warns("--url: the given URL is neither a URL of HTTP nor a moniker nor embedded[:DIR]")
        .warns("--url testnet");
    for url in ["http://", "https://", "http://[::1", "http://a:99999"] {
        lab.bare(&["--url", url, "registry", "get"])
            .exits(2)
            .warns("--url: the given URL is neither");
    }
}

#[test]
fn a_wrong_key_names_the_option_and_a_right_example() {
    let lab = Lab::initialized();
    let user = lab.key("user").pubkey;
    let broken = lab.file("broken.json", "[1, 2, 3]");
    let set = ["registry", "set-oracle", &user];
    for option in ["--keypair", "--fee-payer"] {
        for source in ["absent.json", &broken, &user] {
            lab.ebb(&[&set[..], &[option, source]].concat())
                .exits(2)
                .says_nothing()
                .warns(&format!("{option}: cannot read a key from {source}"))
                .warns(&format!("{option} id.json"));
        }
    }
    let error = lab
        .ebb(&[&set[..], &["--keypair", "absent.json", "--output", "json"]].concat())
        .exits(2)
        .error();
    assert_eq!(error["kind"], "usage");
}

#[test]
fn reads_need_no_key() {
    let lab = Lab::initialized();
    lab.ebb(&["registry", "get", "--keypair", "absent.json"])
        .exits(0);
}

#[test]
fn a_key_comes_by_stdin() {
    let lab = Lab::initialized();
    let key = lab.key("key");
    let json = fs::read_to_string(&key.path).unwrap();
    lab.with(|command| {
        command
            .args([
                "--url",
                &lab.url(),
                "--keypair",
                "-",
                "registry",
                "set-oracle",
                &key.pubkey,
            ])
            .write_stdin(json)
    })
    .exits(4)
    .warns(&key.pubkey);
}

#[test]
fn usage_errors_are_json_for_scripts() {
    let lab = Lab::new();
    for args in [
        &["location", "creat", "--output", "json"][..],
        &["--output=json", "contributor", "create", "A"],
    ] {
        let error = lab.bare(args).exits(2).says_nothing().error();
        assert_eq!(
            (&error["kind"], &error["name"]),
            (&json!("usage"), &json!("Usage"))
        );
    }
    lab.bare(&["location", "creat"]).exits(2).warns("create");
}

#[test]
fn no_colours_off_a_terminal() {
    let (lab, ..) = Lab::in_service();
    for args in [
        &["location", "list"][..],
        &["registry", "get"],
        &["location", "get", "nowhere"],
    ] {
        let run = lab.ebb(args);
        assert!(
            !run.stdout.contains('\u{1b}') && !run.stderr.contains('\u{1b}'),
            "{run:?}"
        );
    }
}

#[test]
fn verbose_tells_signatures() {
    let lab = Lab::new();
    let quiet = lab.ebb(&["init"]).exits(0);
    assert!(!quiet.stdout.contains('('));
    lab.ebb(&["registry", "set-policy", "--require-healthy", "true", "-v"])
        .exits(0)
        .says("to true (");
}

#[test]
fn verbose_tells_what_a_transaction_cost() {
    let lab = Lab::new();
    let run = lab.ebb(&["init", "--verbose", "--output", "json"]).exits(0);
    let signature = run.item()["signature"].as_str().unwrap().to_owned();
    run.warns(&format!("transaction {signature}: slot "))
        .warns(" compute units, fee 0.000005 SOL");
}
