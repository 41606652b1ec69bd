//! The README's tour of a cluster, word for word, as a new user's shell runs it.

mod costs;
mod production;
mod shell;

use shell::Shell;

const README: &str = include_str!("../../../../README.md");
const SECTION: &str = "## A drain in two minutes, on a cluster\n";

/// The commands of each console block in the section, without their prompts. A command may go on over several lines.
fn blocks() -> Vec<Vec<&'static str>> {
    let (_, section) = README.split_once(SECTION).expect("the section is there");
    let (section, _) = section.split_once("\n## ").expect("another one follows");
    let blocks = section.split("```console\n$ ").skip(1);
    let blocks = blocks.map(|rest| rest.split_once("\n```").expect("a block ends").0);
    blocks.map(|block| block.split("\n$ ").collect()).collect()
}

#[test]
fn the_tour_of_a_cluster_works_as_written() {
    let blocks = blocks();
    let [there, elsewhere] = blocks.as_slice() else {
        panic!("a tour, and what another terminal does: {blocks:#?}");
    };
    let (wait, tour) = there.split_last().expect("there are commands");
    assert!(tour.len() >= 10 && wait.contains("--wait"), "{there:#?}");

    let shell = Shell::new();
    let said: Vec<String> = tour.iter().map(|command| shell.run(command)).collect();
    let list = said.last().expect("there are commands");
    let row = list.lines().find(|line| line.starts_with("ams-dz001"));
    let row = row.expect("the device is listed");
    assert!(
        row.contains("draining") && row.contains("1 of 1 left"),
        "{list}"
    );

    let view = "ebb -u localhost device get ams-dz001 --output json-compact";
    let device = shell.run(view);
    assert!(
        device.contains(r#""provisioning_status":"draining","drained":false"#),
        "{device}"
    );
    assert!(device.contains(r#""sessions":1,"#), "{device}");
    assert!(
        device.contains(r#""reason":"replace line card""#),
        "{device}"
    );

    let mut wait = shell.start(wait);
    wait.says("Watching ams-dz001");
    for command in elsewhere {
        shell.run(command);
    }
    let waited = wait.end();
    assert!(waited.contains("ams-dz001 is drained"), "{waited}");
    let device = shell.run(view);
    assert!(device.contains(r#""drained":true"#), "{device}");
    assert!(device.contains(r#""sessions":0,"#), "{device}");
}
