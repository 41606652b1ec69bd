//! Who finds the compiled program finds in it whom to report a vulnerability to.

use {ebb_tests::PROGRAM, solana_security_txt::find_and_parse};

#[test]
fn the_compiled_program_names_a_contact() {
    let found = find_and_parse(PROGRAM).expect("the program has a security.txt");
    let contacts: Vec<String> = found.contacts.iter().map(ToString::to_string).collect();
    let repository = "https://github.com/ebb-network/ebb";
    assert_eq!(found.name, "Ebb");
    assert_eq!(found.project_url, repository);
    assert_eq!(contacts, [format!("Link: {repository}/issues")]);
    assert!(found.policy.contains("private channel"), "{}", found.policy);
    assert_eq!(found.preferred_languages, ["en"]);
    assert_eq!(found.source_code.as_deref(), Some(repository));
}
