//! Options that every verb takes.

use {
    crate::support::Lab,
    serde_json::json,
    std::{fs, path::PathBuf},
};

/// Writes the Solana CLI's config file where that reads it.
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
    let config = format!(
        "json_rpc_url: {}\nwebsocket_url: ''\nkeypair_path: absent.json\n",
        lab.url()
    );
    let config = lab.file("config.yml", &config);
    lab.bare(&["registry", "get", "--config", &config]).exits(0);
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
fn verbose_prints_signatures() {
    let lab = Lab::new();
    let quiet = lab.ebb(&["init"]).exits(0);
    assert!(!quiet.stdout.contains('('));
    lab.ebb(&["registry", "set-policy", "--require-healthy", "true", "-v"])
        .exits(0)
        .says("to true (");
}

#[test]
fn verbose_prints_what_a_transaction_cost() {
    let lab = Lab::new();
    let run = lab.ebb(&["init", "--verbose", "--output", "json"]).exits(0);
    let signature = run.item()["signature"].as_str().unwrap().to_owned();
    run.warns(&format!("transaction {signature}: slot "))
        .warns(" compute units, fee 0.000005 SOL");
}

#[test]
fn what_is_wrong_with_a_solana_config_file_is_plain() {
    let lab = Lab::new();
    let file = |name: &str, bytes: &[u8]| {
        let path = lab.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let sound = "json_rpc_url: http://127.0.0.1:1\nwebsocket_url: ''\nkeypair_path: id.json\n";
    let get = |config: &str| lab.bare(&["--config", config, "registry", "get"]);
    for (name, bytes, problem) in [
        ("empty.yml", b"".as_slice(), "it is empty"),
        ("latin1.yml", b"json_rpc_url: \xfc\n", "it is not UTF-8"),
        (
            "url.yml",
            b"websocket_url: ''\nkeypair_path: id.json\n",
            "missing field `json_rpc_url`",
        ),
        (
            "slip.yml",
            b"json_rpc_ulr: x\n",
            "there is no field `json_rpc_ulr`; right may be `json_rpc_url`",
        ),
    ] {
        let path = file(name, bytes);
        get(&path).exits(2).says_nothing().warns(&format!(
            "error: config file {path}: {problem}\nhint: make one: solana config set"
        ));
    }
    let unknown = file(
        "unknown.yml",
        format!("{sound}commitment: finalised\n").as_bytes(),
    );
    get(&unknown)
        .exits(2)
        .says_nothing()
        .warns("unknown.yml: there is no commitment `finalised`; right is processed, confirmed or finalized");
    let url = file("url.yml", sound.replace("http://", "htp://").as_bytes());
    get(&url)
        .exits(2)
        .warns("hint: the Solana CLI's config file names it: solana config get");
    let dir = lab.path().to_str().unwrap();
    get(dir)
        .exits(2)
        .warns(&format!("config file {dir}: Is a directory"));
    for level in ["recent", "root", "max", "single", "singleGossip", "''"] {
        let legacy = file(
            "legacy.yml",
            format!("{sound}commitment: {level}\n").as_bytes(),
        );
        get(&legacy).exits(6);
    }
}

#[cfg(unix)]
#[test]
fn what_is_not_utf8_is_no_panic() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let lab = Lab::initialized();
    let odd = OsStr::from_bytes(b"h\xff");
    let home = lab.path().join(odd);
    let run = |args: &[&OsStr], variable: &str| {
        let run = lab.with(|command| command.args(args).env(variable, &home));
        assert!(!run.stderr.contains("panicked"), "{run:?}");
        run
    };
    let words = |line: &'static str| line.split(' ').map(OsStr::new).collect::<Vec<_>>();
    let devices = words("-u http://127.0.0.1:1 device list");
    for variable in [
        "HOME",
        "EBB_DIR",
        "EBB_KEY_STORE",
        "XDG_DATA_HOME",
        "NO_COLOR",
        "TMPDIR",
    ] {
        run(&devices, variable).exits(6);
    }
    run(&words("device list"), "HOME")
        .exits(2)
        .warns("no ledger is named");
    run(&words("-u embedded device list"), "HOME")
        .exits(2)
        .warns("there is no ledger in ");
    run(&words("-u embedded init"), "HOME").exits(0);
    run(&words("-u embedded device list"), "HOME").exits(0);
    run(&words("-u http://127.0.0.1:1 init"), "HOME")
        .exits(2)
        .warns("--keypair: no key is named");
    run(&devices, "EBB_PROGRAM_ID")
        .exits(2)
        .warns("the environment variable EBB_PROGRAM_ID is not UTF-8");
    let url = lab.url();
    let on = [OsStr::new("-u"), OsStr::new(&url)];
    for (verb, odd_last) in [
        ("location import", "cannot read h"),
        ("--config", "config file h"),
        ("location get", "the argument `h\u{fffd}` is not UTF-8"),
        ("--keypair", "the argument `h\u{fffd}` is not UTF-8"),
        ("program deploy --elf", ""),
    ] {
        let mut args = on.to_vec();
        args.extend(words(verb));
        args.push(odd);
        if verb.starts_with("--") {
            args.extend(words("device list"));
        }
        let code = if odd_last.is_empty() { 0 } else { 2 };
        run(&args, "UNUSED").exits(code).warns(odd_last);
    }
}
