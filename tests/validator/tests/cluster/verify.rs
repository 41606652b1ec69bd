//! `scripts/verify-program`, which compares what a cluster runs with a file.

use {
    crate::shared,
    ebb_sdk::{elf::PROGRAM_FILE, pda},
    solana_sdk::pubkey::Pubkey,
    std::process::{Command, Output},
};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/verify-program");
/// Another build of anything.
const OTHER_BUILD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../proxy/ebb_proxy.so");

fn verify(url: &str, program_id: &Pubkey, file: &str) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(SCRIPT)
        .args([url, &program_id.to_string(), file])
        .output()
        .expect("Python 3 is there");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (status.code(), text(stdout), text(stderr))
}

#[tokio::test]
async fn a_deployed_program_is_compared_with_a_build() {
    let url = shared().await.validator.url();
    let id = ebb_sdk::ID;

    let (code, stdout, stderr) = verify(&url, &id, PROGRAM_FILE);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let lines: Vec<_> = stdout
        .lines()
        .filter_map(|line| line.split_once("  "))
        .collect();
    let [(deployed, program), (built, file)] = lines[..] else {
        panic!("{stdout}");
    };
    assert_eq!((deployed, deployed.len()), (built, 64));
    let program_data = pda::program_data(&id);
    assert_eq!(program, format!("{id}, ProgramData {program_data}"));
    assert_eq!(file, PROGRAM_FILE);

    let (code, stdout, stderr) = verify(&url, &id, OTHER_BUILD);
    assert_eq!(
        (code, stderr.as_str()),
        (
            Some(1),
            "verify-program: the deployed program is another build\n"
        )
    );
    assert!(stdout.starts_with(deployed), "{stdout}");
}

#[tokio::test]
async fn what_cannot_be_compared_is_no_difference() {
    let url = shared().await.validator.url();
    let absent = Pubkey::new_unique();
    let system = Pubkey::default();
    for (id, why) in [
        (absent, format!("{url} has no account {absent}")),
        (
            system,
            format!("{system} is not a program of the upgradeable loader"),
        ),
    ] {
        let (code, stdout, stderr) = verify(&url, &id, PROGRAM_FILE);
        assert_eq!(
            (code, stdout, stderr),
            (Some(2), String::new(), format!("verify-program: {why}\n"))
        );
    }
}
