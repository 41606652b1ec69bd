use super::*;

#[test]
fn the_command_line_is_sound() {
    command().debug_assert();
}

/// The words up to every option and positional argument that takes a value.
fn places(command: &clap::Command, words: &[String], found: &mut Vec<Vec<String>>) {
    for arg in command.get_arguments() {
        if arg.get_action().takes_values() {
            let option = arg.get_long().map(|name| format!("--{name}"));
            found.push(words.iter().cloned().chain(option).collect());
        }
    }
    for verb in command.get_subcommands() {
        let words = [words, &[verb.get_name().to_owned()]].concat();
        places(verb, &words, found);
    }
}

#[test]
fn no_usage_error_repeats_a_secret() {
    const PIECE: usize = 8;
    let key = solana_sdk::signature::Keypair::new();
    let secrets = [
        key.to_base58_string(),
        format!("{:?}", key.to_bytes()),
        "pill tomorrow foster begin walnut borrow virtual kick shift mutual".to_owned(),
        "htps://S3cretUser:S3cretWord@host/S3cretPath?key=S3cretKey".to_owned(),
    ];
    let mut command = command();
    command.build();
    let mut found = vec![];
    places(&command, &["ebb".to_owned()], &mut found);
    assert!(found.len() > 100, "{}", found.len());
    for (words, secret) in found
        .iter()
        .flat_map(|words| secrets.iter().map(move |secret| (words, secret)))
    {
        let args = words.iter().chain([secret]).map(OsString::from).collect();
        let Err(error) = Cli::parse_args(args).map_err(redacted) else {
            continue;
        };
        let text = error.to_string().replace("htps://host", "");
        for at in 0..=secret.len() - PIECE {
            let piece = &secret[at..at + PIECE];
            assert!(!text.contains(piece), "{words:?}: {piece} in {text}");
        }
    }
}

#[test]
fn the_keys_that_options_name_are_known_with_their_options() {
    let named = |text: &str| {
        let args = text.split(' ').map(OsString::from).collect();
        let cli = Cli::parse_args(args).unwrap();
        let mut named: Vec<_> = cli
            .options
            .named_keys
            .iter()
            .map(|it| it.0.clone())
            .collect();
        named.sort();
        named
    };
    assert_eq!(
        named("ebb -k a --fee-payer b disk-key register ams sda --custodian c --owner d"),
        ["--custodian", "--fee-payer", "--keypair", "--owner"]
    );
    assert_eq!(
        named("ebb device set-agent ams EBBpwAwPHD5dSWgKQU9PBqwek1UcTLtHUcidJRquxpic --old-agent a --nonce-authority b"),
        ["--nonce-authority", "--old-agent"]
    );
}

#[test]
fn the_output_format_is_found_in_raw_arguments() {
    let output = |args: &[&str]| output_of(args.iter().map(OsString::from));
    assert_eq!(output(&["device", "--output", "json"]), Some(Output::Json));
    assert_eq!(
        output(&["--output=json-compact"]),
        Some(Output::JsonCompact)
    );
    assert_eq!(output(&["--output-x", "json"]), None);
    assert_eq!(output(&["--output"]), None);
}
