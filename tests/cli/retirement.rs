//! The commands of the page on retirement, one after another.

use crate::{
    fleet::{Fleet, DEVICE},
    support::arguments,
};

const PAGE: &str = include_str!("../../docs/retirement.md");

/// What asks at a terminal is answered here.
const ASKING: [&str; 4] = ["drain", "retire", "destroy", "remove"];

#[test]
fn every_command_works_as_written() {
    let fleet = Fleet::with_sessions(0);
    fleet.lab.file("passphrase.txt", "correct horse\n");
    let commands: Vec<&str> = PAGE
        .split("```sh\n")
        .skip(1)
        .flat_map(|rest| rest.split_once("```").unwrap().0.lines())
        .collect();
    assert_eq!(commands.len(), 9, "{commands:?}");
    for command in commands {
        let mut arguments = arguments(command);
        if ASKING.contains(&arguments[1].as_str()) {
            arguments.push("--yes".to_owned());
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        fleet.lab.ebb_as(&fleet.owner, &arguments).exits(0);
    }
    fleet.lab.ebb(&["device", "get", DEVICE]).exits(3);
}
