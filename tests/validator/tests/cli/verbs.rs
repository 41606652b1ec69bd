//! Every verb there is has a test on the validator.

use {
    crate::{
        agent, contributor, device, disk_key, elsewhere, history, location, program, registry,
        serve, session, store, watch,
    },
    ebb_validator_tests::ebb_binary,
    std::{collections::BTreeSet, fs, process::Command},
};

/// The verbs that the tests of each kind of account run.
const TESTED: [&[&str]; 13] = [
    &agent::VERBS,
    &registry::VERBS,
    &program::VERBS,
    &contributor::VERBS,
    &location::VERBS,
    &device::VERBS,
    &history::VERBS,
    &store::VERBS,
    &session::VERBS,
    &disk_key::VERBS,
    &elsewhere::VERBS,
    &serve::VERBS,
    &watch::VERBS,
];

/// What the verb of a command line may be, named as its page in the manual: the first word, or the first two.
pub fn of(words: &[&str]) -> Vec<String> {
    let words: Vec<&str> = words.iter().take(2).copied().collect();
    vec![words[..1].join("-"), words.join("-")]
}

/// The verbs that the manual has pages for: `device-drain`, but not `device`.
pub fn documented() -> BTreeSet<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let man = Command::new(ebb_binary())
        .args(["man", "--dir"])
        .arg(folder.path())
        .status();
    assert!(man.expect("ebb runs").success());
    let pages = fs::read_dir(folder.path()).expect("there are pages");
    let pages: BTreeSet<String> = pages
        .map(|page| {
            page.expect("a page")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .filter_map(|page| Some(page.strip_prefix("ebb-")?.strip_suffix(".1")?.to_owned()))
        .collect();
    let is_group = |verb: &String| {
        let prefix = format!("{verb}-");
        pages.iter().any(|page| page.starts_with(&prefix))
    };
    pages
        .iter()
        .filter(|verb| !is_group(verb))
        .cloned()
        .collect()
}

#[test]
fn every_verb_is_tested() {
    let tested: BTreeSet<String> = TESTED
        .iter()
        .flat_map(|verbs| verbs.iter().map(|verb| (*verb).to_owned()))
        .collect();
    assert_eq!(documented(), tested);
}
