//! What `get` shows people: one style of labels and values for every kind of thing.

use crate::support::Lab;

/// Words that labels write in capitals.
const CAPITALS: [&str; 2] = ["IP", "SHA-256"];

/// The labels and values of a record; lines without a label belong to the value above.
fn fields(stdout: &str) -> Vec<(&str, Vec<&str>)> {
    let labels = stdout.lines().filter_map(|line| line.split_once("  "));
    let width = labels.map(|(label, _)| label.len()).max().unwrap() + 2;
    let mut fields: Vec<(&str, Vec<&str>)> = vec![];
    for line in stdout.lines() {
        let (label, value) = line.split_at(width);
        match (label.trim_end(), fields.last_mut()) {
            ("", Some((_, values))) => values.push(value),
            (label, _) => fields.push((label, vec![value])),
        }
        assert!(label.ends_with("  ") && !value.starts_with(' '), "{line}");
    }
    fields
}

/// The labels of what a verb shows.
fn labels(lab: &Lab, verb: &str) -> Vec<String> {
    let arguments: Vec<&str> = verb.split(' ').collect();
    let run = lab.ebb(&arguments).exits(0);
    let fields = fields(&run.stdout);
    fields
        .iter()
        .map(|(label, _)| (*label).to_owned())
        .collect()
}

#[test]
fn every_record_has_labels_of_one_style() {
    let (lab, ..) = Lab::in_service();
    for verb in [
        "contributor get co01",
        "device get ams-dz001",
        "ledger info",
        "location get ams",
        "program show",
        "registry get",
    ] {
        let labels = labels(&lab, verb);
        assert!(labels.len() >= 8, "{verb}: {labels:?}");
        for label in labels {
            let mut words = label.split(' ').filter(|word| !CAPITALS.contains(word));
            let first = label.chars().next().unwrap();
            assert!(first.is_ascii_uppercase(), "{verb}: {label}");
            let is_lower = |word: &str| word.chars().all(|letter| letter.is_ascii_lowercase());
            assert!(
                words.next().is_none_or(|word| is_lower(&word[1..])),
                "{verb}: {label}"
            );
            assert!(words.all(is_lower), "{verb}: {label}");
        }
    }
}

#[test]
fn a_device_is_shown_in_full() {
    let (lab, owner, agent) = Lab::in_service();
    let drain = ["device", "drain", "ams-dz001", "--yes", "--no-deadline"];
    lab.ebb_as(&owner, &drain).exits(0);
    let run = lab.ebb(&["device", "get", "ams-dz001"]).exits(0);
    let found = fields(&run.stdout);
    let labels: Vec<&str> = found.iter().map(|(label, _)| *label).collect();
    assert_eq!(
        labels,
        [
            "Code",
            "Address",
            "Contributor",
            "Generation",
            "Location",
            "Device type",
            "Public IP",
            "Agent",
            "Status",
            "Health",
            "Sessions",
            "Disk keys",
            "Registered",
            "Rent payer",
            "Drain started",
            "Drain reason",
            "Drain deadline",
            "Planned return",
            "Drain progress",
            "Holds",
        ]
    );
    let value = |label: &str| {
        let (_, values) = found.iter().find(|(it, _)| *it == label).unwrap();
        values.join("\n")
    };
    for (label, expected) in [
        ("Code", "ams-dz001"),
        ("Device type", "hybrid"),
        ("Agent", agent.pubkey.as_str()),
        ("Health", "unknown, never reported"),
        ("Sessions", "0 of 2 open"),
        ("Drain reason", "none"),
        ("Drain deadline", "none: no session will be evicted"),
        ("Planned return", "none"),
        ("Drain progress", "0 of 0 left"),
        ("Holds", "none"),
    ] {
        assert_eq!(value(label), expected, "{label}");
    }
}

#[test]
fn what_has_no_value_is_none_everywhere() {
    let (lab, ..) = Lab::in_service();
    for (verb, label) in [
        ("contributor get co01", "Operator"),
        ("contributor get co01", "Nominee"),
        ("location get ams", "Disruption budget"),
        ("registry get", "Nominee"),
    ] {
        let arguments: Vec<&str> = verb.split(' ').collect();
        let run = lab.ebb(&arguments).exits(0);
        assert!(
            fields(&run.stdout).contains(&(label, vec!["none"])),
            "{}",
            run.stdout
        );
    }
}
