//! Verbs that need no ledger: `ebb lifecycle`, `completions`, `man`, and help.

use {
    crate::{
        help::verbs,
        support::{Lab, EBB},
    },
    ebb_sdk::lifecycle::RULES,
    serde_json::json,
    std::process::{Command, Stdio},
};

#[test]
fn lifecycle_has_every_form() {
    let lab = Lab::new();
    let table = lab
        .bare(&["lifecycle"])
        .exits(0)
        .says("FROM")
        .says("no disk key left");
    for rule in RULES {
        assert!(
            table.stdout.contains(rule.action.as_str()),
            "{}",
            rule.action.as_str()
        );
    }
    assert!(
        table.stdout.lines().all(|line| line.chars().count() <= 100),
        "{}",
        table.stdout
    );
    lab.bare(&["lifecycle", "--output", "mermaid"])
        .exits(0)
        .says("stateDiagram-v2")
        .says("[*] --> pending");
    lab.bare(&["lifecycle", "--output", "dot"])
        .exits(0)
        .says("digraph lifecycle {")
        .says("draining -> activated");
    let rules = lab.bare(&["lifecycle", "--output", "json"]).exits(0).json();
    let compact = lab
        .bare(&["lifecycle", "--output", "json-compact"])
        .exits(0)
        .json();
    assert_eq!(rules, compact);
    assert_eq!(rules["rules"].as_array().unwrap().len(), RULES.len());
    assert_eq!(
        rules["rules"][0],
        json!({
            "from": null, "to": "pending", "action": "create",
            "roles": ["contributor"], "guards": ["contributor not suspended"],
        })
    );
    lab.bare(&["lifecycle", "--output", "svg"])
        .exits(2)
        .warns("svg");
}

#[test]
fn diagrams_are_of_the_lifecycle_only() {
    let lab = Lab::initialized();
    for form in ["mermaid", "dot"] {
        lab.ebb(&["registry", "get", "--output", form])
            .exits(2)
            .says_nothing()
            .warns("ebb lifecycle");
    }
}

#[test]
fn completions_for_every_shell() {
    let lab = Lab::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        lab.bare(&["completions", shell])
            .exits(0)
            .says("EBB_COMPLETE");
    }
    lab.bare(&["completions", "cmd"]).exits(2).warns("bash");
}

#[test]
fn the_manual_has_a_page_for_each_verb() {
    let lab = Lab::new();
    lab.bare(&["man"])
        .exits(0)
        .says(".TH ebb 1")
        .says("ebb\\-contributor\\-set\\-operator");
    let dir = lab.path().join("man");
    lab.bare(&["man", "--dir", dir.to_str().unwrap()])
        .exits(0)
        .says_nothing();
    for page in [
        "ebb.1",
        "ebb-init.1",
        "ebb-location-import.1",
        "ebb-device-get.1",
    ] {
        assert!(dir.join(page).is_file(), "{page}");
    }
    let file = lab.file("file", "");
    lab.bare(&["man", "--dir", &file])
        .exits(1)
        .warns("cannot write");
}

/// The verbs that the design lists: a group a line, which may go on in lines that begin with a blank, its verbs between bars.
fn designed() -> Vec<Vec<String>> {
    const DESIGN: &str = include_str!("../../docs/design.md");
    let (_, list) = DESIGN.split_once("```text\nebb init").unwrap();
    let (list, _) = list.split_once("\n```").unwrap();
    let list = format!("ebb init{list}").replace("\n ", " ");
    let mut verbs = vec![];
    for line in list.lines() {
        let mut entries = line.strip_prefix("ebb ").unwrap().split(" | ");
        let first: Vec<&str> = entries.next().unwrap().split_whitespace().collect();
        let word = |entry: &str| entry.split_whitespace().next().unwrap().to_owned();
        let others = entries.map(|entry| vec![first[0].to_owned(), word(entry)]);
        let others: Vec<_> = others.collect();
        verbs.push(if others.is_empty() {
            vec![first[0].to_owned()]
        } else {
            vec![first[0].to_owned(), first[1].to_owned()]
        });
        verbs.extend(others);
    }
    verbs.sort();
    verbs
}

#[test]
fn the_design_lists_every_verb() {
    let mut all = verbs(&Lab::new());
    all.sort();
    assert_eq!(designed(), all);
}

#[test]
fn version_and_help_go_to_stdout() {
    let lab = Lab::new();
    lab.bare(&["--version"]).exits(0).says("ebb ");
    lab.bare(&["--help"]).exits(0).says("Exit codes:");
    lab.bare(&[]).exits(2).says_nothing().warns("Usage: ebb");
    lab.bare(&["contributor"])
        .exits(2)
        .says_nothing()
        .warns("Usage: ebb contributor");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    for args in [&["man"][..], &["lifecycle"], &["completions", "bash"]] {
        let mut child = Command::new(EBB)
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert!(output.stderr.is_empty(), "{args:?}");
    }
}
