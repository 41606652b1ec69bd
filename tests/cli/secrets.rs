//! A secret that is given where it does not belong is not said again.

use {
    crate::support::{Lab, Run},
    solana_sdk::signature::Keypair,
    std::fs,
};

const PHRASE: &str =
    "pill tomorrow foster begin walnut borrow virtual kick shift mutual shoe scatter";
const TOKEN: &str = "S3cretT0kenOfAnRpcProvider";
/// So many characters of a secret in a row are a piece of it.
const PIECE: usize = 8;

/// A key in every form that people paste.
fn secrets() -> Vec<String> {
    let key = Keypair::new();
    let list = format!("{:?}", key.to_bytes());
    vec![
        key.to_base58_string(),
        list.replace(' ', ""),
        list,
        PHRASE.to_owned(),
    ]
}

/// Asserts that a run failed for how it was called, and repeats no piece of the secret.
#[track_caller]
fn assert_kept(run: &Run, secret: &str) {
    assert_eq!(run.code, 2, "{run:?}");
    assert_unsaid(run, secret);
}

#[track_caller]
fn assert_unsaid(run: &Run, secret: &str) {
    let said = format!("{}{}", run.stdout, run.stderr);
    let chars: Vec<char> = secret.chars().collect();
    for piece in chars.windows(PIECE) {
        let piece: String = piece.iter().collect();
        assert!(!said.contains(&piece), "{piece:?} of {secret}: {said}");
    }
}

/// Runs a command in each output.
fn in_each_output(lab: &Lab, args: &[&str], check: impl Fn(&Run)) {
    for output in ["table", "json", "json-compact"] {
        check(&lab.ebb(&[args, &["--verbose", "--output", output]].concat()));
    }
}

#[test]
fn in_place_of_a_key_a_pubkey_a_signature_or_a_path() {
    let lab = Lab::initialized();
    let user = lab.key("user").pubkey;
    let hash = "4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM";
    let set: Vec<&str> = vec!["registry", "set-oracle", &user];
    let with = |option: &'static str| [&set[..], &[option]].concat();
    let disk = ["disk-key", "register", "ams-dz001", "sda", "--generate"];
    let create = ["device", "create", "ams-dz001", "--contributor", "co01"];
    // The secret comes last.
    let commands: Vec<Vec<&str>> = vec![
        with("--keypair"),
        with("--fee-payer"),
        [&with("--nonce")[..], &[&user, "--nonce-authority"]].concat(),
        with("--nonce"),
        with("--blockhash"),
        with("--signer"),
        with("--program-id"),
        with("--config"),
        with("--commitment"),
        with("--with-compute-unit-price"),
        with("--kepair"),
        vec!["registry", "get", "-k"],
        vec!["registry", "set-oracle"],
        vec!["registry", "nominate"],
        vec!["init", "--authority"],
        vec!["init", "--health-oracle"],
        vec!["contributor", "create", "co01", "--authority"],
        vec!["contributor", "nominate", "co01"],
        vec!["contributor", "set-operator", "co01"],
        [&create[..], &["--location", "ams", "--agent"]].concat(),
        vec!["device", "set-agent", "ams-dz001"],
        vec!["device", "set-agent", "ams-dz001", &user, "--old-agent"],
        vec!["device", "get"],
        vec!["device", "activate"],
        vec!["device", "import"],
        vec!["device", "drain", "ams-dz001", "--deadline"],
        vec!["device", "drain", "ams-dz001", "--until"],
        vec!["location", "import"],
        vec!["session", "open", "ams-dz001", "--user"],
        vec!["session", "close", "ams-dz001", "--user"],
        [&disk[..], &["--custodian"]].concat(),
        [&disk[..], &["--owner"]].concat(),
        [&disk[..], &["--store"]].concat(),
        [&disk[..], &["--identity"]].concat(),
        [&disk[..], &["--passphrase-file"]].concat(),
        vec!["disk-key", "register", "ams-dz001", "sda", "--key-file"],
        vec!["disk-key", "destroy", "ams-dz001", "--all", "--custodian"],
        vec!["disk-key", "reassign", "ams-dz001", "sda", "--custodian"],
        vec!["disk-key", "get", "ams-dz001", "sda", "--out"],
        vec!["program", "deploy", "--program-keypair"],
        vec!["program", "deploy", "--elf"],
        vec!["ledger", "airdrop", "1"],
        vec!["ledger", "airdrop"],
        vec!["device"],
        vec![],
    ];
    for secret in secrets() {
        for command in &commands {
            let run = [command, &[secret.as_str()][..]].concat();
            in_each_output(&lab, &run, |run| assert_kept(run, &secret));
        }
        for option in ["--keypair=", "-k", "--program-id=", "--kepair="] {
            let attached = format!("{option}{secret}");
            let run = [&set[..], &[&attached]].concat();
            in_each_output(&lab, &run, |run| assert_kept(run, &secret));
        }
        for pair in [format!("{user}={secret}"), format!("{secret}={hash}")] {
            let run = [&set[..], &["--blockhash", hash, "--signer", &pair]].concat();
            in_each_output(&lab, &run, |run| assert_kept(run, &secret));
        }
    }
}

#[test]
fn what_a_secret_is_and_where_it_belongs_is_said() {
    let lab = Lab::new();
    let secret = Keypair::new().to_base58_string();
    lab.ebb(&["init", "--keypair", &secret])
        .exits(2)
        .warns(
            "invalid value 'a secret key' for '--keypair <KEYPAIR>': a secret does not belong here",
        )
        .warns("chmod 600")
        .warns("prompt://");
    lab.ebb(&["init", "--authority", &secret])
        .exits(2)
        .warns("invalid value 'a secret key' for '--authority <PUBKEY>': a secret key, where its pubkey belongs");
    lab.ebb(&["init", "--keypair", PHRASE])
        .exits(2)
        .warns("invalid value 'a seed phrase' for '--keypair <KEYPAIR>'");
}

#[test]
fn a_seed_phrase_without_quotes() {
    let lab = Lab::initialized();
    let words: Vec<&str> = PHRASE.split(' ').collect();
    for (before, after) in [
        (&["init", "-k"][..], &[][..]),
        (&["-k"], &["device", "list"]),
        (&["device", "activate", "-k"], &["ams-dz001"]),
    ] {
        let run = lab.ebb(&[before, &words, after].concat());
        assert_kept(&run, PHRASE);
        for word in &words {
            assert!(!run.stderr.contains(word), "{word}: {}", run.stderr);
        }
    }
}

#[test]
fn in_the_environment() {
    let lab = Lab::initialized();
    let url = lab.url();
    let get = ["disk-key", "list"];
    for secret in secrets() {
        let run = |url: &str, variable: &str, args: &[&str]| {
            lab.with(|command| {
                let command = command.env(variable, &secret).args(["--url", url]);
                command.args(args)
            })
        };
        for variable in ["EBB_PROGRAM_ID", "EBB_KEY_STORE"] {
            assert_kept(&run(&url, variable, &get), &secret);
            let help = run(&url, variable, &["disk-key", "list", "--help"]);
            assert_eq!(help.code, 0);
            assert_unsaid(&help, &secret);
        }
        assert_kept(&run("embedded", "EBB_DIR", &get), &secret);
    }
}

#[test]
fn in_the_config_file() {
    let lab = Lab::new();
    let key = lab.key("id");
    for secret in secrets() {
        let config = |url: &str, keypair: &str| {
            let text = format!(
                "json_rpc_url: '{url}'\nwebsocket_url: ''\nkeypair_path: '{keypair}'\ncommitment: ''\n"
            );
            lab.file("config.yml", &text)
        };
        let runs: [&dyn Fn() -> String; 4] = [
            &|| config("http://127.0.0.1:1", &secret),
            &|| config(&secret, &key.path),
            &|| lab.file("config.yml", &secret),
            &|| lab.file("config.yml", &format!("json_rpc_url: ['{secret}']\n")),
        ];
        for file in runs {
            let file = file();
            let run = lab.bare(&["--config", &file, "init", "--output", "json"]);
            assert_kept(&run, &secret);
            assert!(run.stderr.contains("config.yml"), "{}", run.stderr);
        }
    }
}

#[test]
fn in_a_csv_file() {
    let lab = Lab::initialized();
    for secret in secrets() {
        let line = |agent: &str, code: &str| {
            format!("code,contributor,location,device_type,public_ip,max_sessions,agent\n\"{code}\",co01,ams,hybrid,1.2.3.4,8,\"{agent}\"\n")
        };
        for text in [
            line(&secret, "ams-dz001"),
            line("", &secret),
            line("", "ams-dz001").replace("hybrid", &format!("\"{secret}\"")),
            secret.clone(),
        ] {
            let file = lab.file("devices.csv", &text);
            for output in ["table", "json"] {
                let run = lab.ebb(&["device", "import", &file, "--output", output]);
                assert_ne!(run.code, 0);
                assert_unsaid(&run, &secret);
            }
        }
    }
}

#[test]
fn in_a_url() {
    let lab = Lab::new();
    let key = lab.key("id").path;
    for url in [
        format!("htps://127.0.0.1:1/{TOKEN}"),
        format!("http://127.0.0.1:{TOKEN}/"),
        format!("127.0.0.1/{TOKEN}"),
        format!("me:{TOKEN}@127.0.0.1"),
        TOKEN.to_owned(),
    ] {
        for output in ["table", "json"] {
            let run = lab.bare(&["-u", &url, "-k", &key, "-v", "init", "--output", output]);
            assert_kept(&run, TOKEN);
            let config = format!("json_rpc_url: '{url}'\nwebsocket_url: ''\nkeypair_path: ''\n");
            let config = lab.file("config.yml", &config);
            let run = lab.bare(&["-C", &config, "init", "--output", output]);
            assert_kept(&run, TOKEN);
        }
    }
    for url in [
        format!("http://me:{TOKEN}@127.0.0.1:1"),
        format!("http://{TOKEN}:me@127.0.0.1:1"),
        format!("http://127.0.0.1:1/v2/{TOKEN}"),
        format!("http://127.0.0.1:1/?api-key={TOKEN}"),
        format!("http://127.0.0.1:1/#{TOKEN}"),
    ] {
        for verb in [
            &["init", "-k", &key][..],
            &["device", "list"],
            &["program", "deploy", "-k", &key],
        ] {
            for output in ["table", "json"] {
                let args = ["-u", &url, "-v", "--output", output];
                let run = lab.bare(&[&args, verb].concat()).exits(6);
                assert_unsaid(&run, TOKEN);
                let said = format!("{}{}", run.stdout, run.stderr);
                assert!(said.contains("cannot reach http://127.0.0.1:1"), "{said}");
            }
        }
        let embedded = lab.bare(&["-u", &url, "ledger", "info"]).exits(2);
        assert_unsaid(&embedded, TOKEN);
    }
}

#[test]
fn in_the_url_of_a_proxy() {
    let lab = Lab::new();
    let key = lab.key("id").path;
    for proxy in [
        format!("http://me:{TOKEN}@127.0.0.1:1/{TOKEN}"),
        format!("htp://me:{TOKEN}@127.0.0.1:1"),
    ] {
        for variable in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"] {
            for scheme in ["http", "https"] {
                let url = format!("{scheme}://ebb.invalid:1");
                let run = lab.with(|command| {
                    let command = command.env(variable, &proxy);
                    command.args(["-u", &url, "-k", &key, "-v", "init"])
                });
                assert_unsaid(&run.exits(6), TOKEN);
            }
        }
    }
}

#[test]
fn a_passphrase_in_place_of_its_file() {
    let (lab, owner, _) = Lab::in_service();
    let register = ["disk-key", "register", "ams-dz001", "sda", "--generate"];
    let run = lab.ebb_as(
        &owner,
        &[
            &register[..],
            &["--store", "store", "--passphrase-file", TOKEN],
        ]
        .concat(),
    );
    assert_kept(&run, TOKEN);
    assert!(run
        .stderr
        .contains("--passphrase-file: the file cannot be read"));
    assert!(!lab.path().join("store").exists());
}

#[test]
fn a_blank_that_was_pasted_too_is_no_part_of_the_value() {
    let (lab, owner, _) = Lab::in_service();
    let user = lab.key("user").pubkey;
    let padded = format!(" {user}\n");
    lab.ebb(&["registry", "set-oracle", &padded]).exits(0);
    let registry = lab.ebb(&["registry", "get", "--output", "json"]).json();
    assert_eq!(registry["health_oracle"], user.as_str());
    lab.ebb(&["device", "get", " ams-dz001"]).exits(0);
    lab.bare(&["-u", " testnet\n", "ledger", "info"])
        .exits(2)
        .warns("names a cluster");

    // A path with a blank is another file's, and no such file or folder is made.
    let refused = "a path does not begin or end with a blank";
    let path = format!("{} ", owner.path);
    fs::copy(&owner.path, &path).unwrap();
    let create = ["contributor", "create", "co02", "--authority"];
    lab.ebb(&[&create[..], &[&path]].concat())
        .exits(2)
        .warns(refused);
    lab.ebb(&["init", "-k", &path]).exits(2).warns(refused);
    lab.bare(&["-u", "embedded:lab ", "init"])
        .exits(2)
        .warns(refused);
    let register = ["disk-key", "register", "ams-dz001"];
    lab.ebb(&[&register[..], &["sda", "--generate", "--store", "store "]].concat())
        .exits(2)
        .warns(refused);
    lab.ebb(&[&register[..], &["sda ", "--generate"]].concat())
        .exits(2)
        .warns(refused);
    lab.with(|command| {
        command
            .env("EBB_DIR", "lab ")
            .args(["-u", "embedded", "init"])
    })
    .exits(2)
    .warns(refused);
    for made in ["lab ", "lab", "store ", "store"] {
        assert!(!lab.path().join(made).exists(), "{made}");
    }
}
