//! The commands of the page on maintenance windows, one after another.

use crate::{
    fleet::{Fleet, DEVICE},
    support::arguments,
};

const PAGE: &str = include_str!("../../docs/maintenance-window.md");

#[test]
fn every_command_is_real() {
    let fleet = Fleet::with_sessions(0);
    fleet.add("ams-dz002");
    fleet.add("ams-dz003");
    let hold = ["hold", DEVICE, "--kind", "critical-traffic", "--for", "2h"];
    fleet.device(&hold).exits(0);
    let blocks = PAGE.split("```sh\n").skip(1);
    let lines = blocks.flat_map(|block| block.split("```").next().unwrap().lines());
    let commands: Vec<&str> = lines.collect();
    assert!(commands.len() > 12, "{commands:?}");
    for command in commands {
        let mut arguments = arguments(command);
        let asks = arguments[1] == "drain" && !command.contains("--dry-run");
        if asks && !command.contains("--yes") {
            arguments.push("--yes".to_owned());
        }
        // Nobody undrains what a rolling drain waits for, and what is held stays so.
        if command.contains("--rolling") {
            arguments.extend(["--timeout", "2s"].map(str::to_owned));
            let at = arguments.iter().position(|word| word == "4h").unwrap();
            arguments.drain(at - 1..=at);
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        if arguments[0] == "top" {
            let refused = fleet.lab.ebb(&arguments).exits(2);
            refused.warns("fills the screen of a terminal");
            continue;
        }
        let run = if command.contains("set-budget") {
            fleet.lab.ebb(&arguments)
        } else {
            fleet.lab.ebb_as(&fleet.owner, &arguments)
        };
        assert!(
            matches!(run.code, 0 | 4) || (run.code == 5 && command.contains("--rolling")),
            "{command}: {run:?}"
        );
    }
}
