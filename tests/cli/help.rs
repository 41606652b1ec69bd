//! Help: short on a screen, long with examples, and signing options where something is signed.

use {
    crate::{
        fleet::DEVICE,
        support::{Lab, Run},
    },
    std::{collections::BTreeMap, fs},
};

/// How many lines a terminal has that nobody made larger.
const SCREEN: usize = 24;

/// How wide a terminal is that nobody made larger.
const SCREEN_WIDTH: usize = 80;

/// The line of the prompt below a help.
const PROMPT: usize = 1;

/// The verbs that sign nothing, with the signing options that they take all the same.
const UNSIGNED: [(&str, &[&str]); 26] = [
    (
        "agent",
        &["--keypair", "--fee-payer", "--with-compute-unit-price"],
    ),
    ("completions", &[]),
    ("contributor get", &[]),
    ("contributor list", &[]),
    ("demo", &["--yes"]),
    ("device get", &[]),
    ("device history", &[]),
    ("device list", &[]),
    ("device watch", &[]),
    ("disk-key get", &[]),
    ("disk-key list", &[]),
    ("history export", &[]),
    ("history import", &[]),
    ("history verify", &[]),
    ("ledger airdrop", &["--keypair", "--yes"]),
    ("ledger info", &[]),
    ("ledger reset", &["--yes"]),
    ("lifecycle", &[]),
    ("location get", &[]),
    ("location list", &[]),
    ("man", &[]),
    ("program show", &[]),
    ("registry get", &[]),
    ("serve", &[]),
    ("session list", &[]),
    ("top", &[]),
];

/// The signing options, with a value where they take one.
const SIGNING: [&[&str]; 10] = [
    &["--keypair", "id.json"],
    &["--fee-payer", "id.json"],
    &["--yes"],
    &["--sign-only"],
    &["--blockhash", "4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM"],
    &[
        "--signer",
        "EBBpwAwPHD5dSWgKQU9PBqwek1UcTLtHUcidJRquxpic=1111111111111111111111111111111111111111111111111111111111111111",
    ],
    &["--nonce", "EBBpwAwPHD5dSWgKQU9PBqwek1UcTLtHUcidJRquxpic"],
    &["--nonce-authority", "id.json"],
    &["--dump-transaction-message"],
    &["--with-compute-unit-price", "5"],
];

/// The commands that help lists.
fn listed(help: &str) -> Vec<String> {
    let lines = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands"));
    lines
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|verb| !verb.is_empty() && *verb != "help")
        .map(str::to_owned)
        .collect()
}

/// The words of `ebb`, of each group and of each verb, with what an option of help prints there.
fn helps(lab: &Lab, option: &str) -> BTreeMap<Vec<String>, String> {
    let mut helps = BTreeMap::new();
    let mut open: Vec<Vec<String>> = vec![vec![]];
    while let Some(words) = open.pop() {
        let args: Vec<&str> = words.iter().map(String::as_str).chain([option]).collect();
        let help = lab.with(|ebb| ebb.env("COLUMNS", "80").args(&args));
        let help = help.exits(0).stdout;
        open.extend(listed(&help).into_iter().map(|verb| {
            let words = words.iter().cloned();
            words.chain([verb]).collect()
        }));
        helps.insert(words, help);
    }
    helps
}

/// Every verb's words, without the groups of verbs.
pub fn verbs(lab: &Lab) -> Vec<Vec<String>> {
    let helps = helps(lab, "-h").into_iter();
    let verbs = helps.filter(|(_, help)| listed(help).is_empty());
    verbs.map(|(words, _)| words).collect()
}

#[test]
fn short_help_fits_a_screen_with_a_line_for_each_option() {
    let helps = helps(&Lab::new(), "-h");
    assert!(helps.len() > 55, "{}", helps.len());
    for (words, help) in &helps {
        let rows = help
            .lines()
            .map(|line| line.chars().count().div_ceil(SCREEN_WIDTH).max(1));
        assert!(rows.sum::<usize>() + PROMPT <= SCREEN, "{words:?}: {help}");
        for line in help.lines().filter(|line| !line.starts_with("Usage:")) {
            assert!(line.chars().count() <= SCREEN_WIDTH, "{words:?}: {line}");
            // What an option's or a verb's text goes on in is far to the right.
            assert!(!line.starts_with("          "), "{words:?}: {line}");
        }
        assert!(!help.contains("Examples:"), "{words:?}");
    }
}

#[test]
fn the_first_help_fits_the_smallest_screen_and_names_the_others() {
    let lab = Lab::new();
    let help = lab.bare(&["-h"]).exits(0).stdout;
    assert!(help.lines().count() + PROMPT <= SCREEN, "{help}");
    for line in help.lines() {
        assert!(line.chars().count() <= SCREEN_WIDTH, "{line}");
    }
    assert!(help.contains("\nCommands (`-h` after one explains it, `--help` has more):\n"));
    let long = lab.bare(&["--help"]).exits(0).stdout;
    for option in ["-h, --help", "-V, --version"] {
        assert!(long.contains(option), "{option}");
    }
    assert_eq!(lab.bare(&["help"]).exits(0).stdout, long);
    let version = lab.bare(&["-V"]).exits(0).stdout;
    assert_eq!(lab.bare(&["--version"]).exits(0).stdout, version);
}

#[test]
fn every_verb_has_long_help_with_examples() {
    let helps = helps(&Lab::new(), "--help");
    let verbs = helps.iter().filter(|(_, help)| listed(help).is_empty());
    let mut count = 0;
    for (words, help) in verbs {
        assert!(help.contains("Examples:"), "{words:?}");
        assert!(help.contains("Usage: ebb"), "{words:?}");
        for option in [
            "--url",
            "--commitment",
            "--output",
            "--program-id",
            "--config",
            "--verbose",
        ] {
            assert!(help.contains(option), "{words:?}: {option}");
        }
        count += 1;
    }
    assert!(count > 45, "{count}");
}

#[test]
fn signing_options_are_listed_where_something_is_signed() {
    let helps = helps(&Lab::new(), "--help");
    let unsigned: BTreeMap<_, _> = UNSIGNED.into_iter().collect();
    let mut found = 0;
    for (words, help) in &helps {
        let is_verb = listed(help).is_empty();
        let verb = words.join(" ");
        let taken = unsigned.get(verb.as_str());
        found += usize::from(taken.is_some());
        for option in SIGNING.map(|option| option[0]) {
            let is_listed = help.lines().any(|line| {
                let mut words = line.split_whitespace().take(2);
                line.starts_with(' ') && words.any(|word| word == option)
            });
            let is_taken = is_verb && taken.is_none_or(|taken| taken.contains(&option));
            assert_eq!(is_listed, is_taken, "{verb}: {option}");
        }
    }
    assert_eq!(found, UNSIGNED.len());
}

/// Runs a verb with options before it, and after it.
fn both(lab: &Lab, options: &[&str], verb: &[&str]) -> [Run; 2] {
    [
        lab.ebb(&[options, verb].concat()),
        lab.ebb(&[verb, options].concat()),
    ]
}

#[test]
fn a_verb_that_signs_nothing_refuses_signing_options() {
    let lab = Lab::initialized();
    for option in SIGNING {
        for run in both(&lab, option, &["location", "list"]) {
            let error = format!(
                "error: `ebb location list` signs no transaction: leave out {}\n\nUsage: ebb location list [OPTIONS]\n",
                option[0]
            );
            run.exits(2).says_nothing().warns(&error);
        }
    }
    let several = ["-k", "id.json", "-y"];
    for run in both(&lab, &several, &["registry", "show", "--output", "json"]) {
        let error = run.exits(2).says_nothing().error();
        assert_eq!(error["kind"], "usage");
        let message = error["message"].as_str().unwrap();
        let expected = "`ebb registry get` signs no transaction: leave out --keypair and --yes\n";
        assert!(message.starts_with(expected), "{message}");
    }
}

#[test]
fn signing_options_stand_before_and_after_the_verb() {
    let (lab, owner, _) = Lab::in_service();
    let options = ["--keypair", &owner.path, "--yes"];
    let [before, after] = both(
        &lab,
        &options,
        &["device", "drain", DEVICE, "--output", "json"],
    );
    assert_eq!(before.exits(0).item()["from"], "activated");
    assert_eq!(after.exits(0).item()["from"], "draining");
    let undrain = ["device", "--keypair", &owner.path, "undrain", DEVICE];
    lab.ebb(&undrain).exits(0).says("draining → activated");
}

#[test]
fn diagrams_are_offered_by_the_lifecycle_only() {
    let lab = Lab::new();
    for (words, help) in helps(&lab, "-h") {
        let is_lifecycle = words == ["lifecycle"];
        assert_eq!(help.contains("mermaid"), is_lifecycle, "{words:?}");
    }
    for args in [
        &["--output", "dot", "lifecycle"][..],
        &["lifecycle", "--output", "dot"],
    ] {
        lab.bare(args).exits(0).says("digraph lifecycle {");
    }
    let run = lab.bare(&["location", "list", "--output", "svg"]);
    run.exits(2)
        .warns("[possible values: table, json, json-compact]");
}

#[test]
fn the_manual_lists_signing_options_where_something_is_signed() {
    let lab = Lab::new();
    let dir = lab.path().join("man");
    lab.bare(&["man", "--dir", dir.to_str().unwrap()]).exits(0);
    let page = |name: &str| fs::read_to_string(dir.join(name)).unwrap();
    for (name, is_listed) in [
        ("ebb.1", false),
        ("ebb-device-list.1", false),
        ("ebb-device-drain.1", true),
    ] {
        assert_eq!(
            page(name).contains("\\-\\-fee\\-payer\\fR "),
            is_listed,
            "{name}"
        );
        assert!(page(name).contains("\\-\\-url\\fR "), "{name}");
    }
}
