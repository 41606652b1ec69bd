//! `sdk::fleet` returns data and events to whoever orchestrates: it prints nothing and reads no environment.

use {
    crate::{sdk, shown},
    proc_macro2::{TokenStream, TokenTree},
    std::fs,
};

/// The macros that print.
const PRINTING: &[&str] = &["dbg", "eprint", "eprintln", "print", "println"];

/// What belongs to a process: its environment and its streams, by their whole paths and from an imported `io`.
const OF_PROCESS: &[&[&str]] = &[
    &["std", "env"],
    &["std", "io", "stderr"],
    &["std", "io", "stdin"],
    &["std", "io", "stdout"],
    &["io", "stderr"],
    &["io", "stdin"],
    &["io", "stdout"],
];

#[test]
fn the_fleet_prints_nothing_and_reads_no_environment() {
    let mut wrong = vec![];
    for (place, module) in &sdk().modules {
        if place.first().is_none_or(|name| name != "fleet") {
            continue;
        }
        let file = shown(&module.file);
        for import in &module.imports {
            if is_of_process(&import.path) {
                wrong.push(format!(
                    "{file}:{}: {}",
                    import.line,
                    import.path.join("::")
                ));
            }
        }
        let text = fs::read_to_string(&module.file).expect("a source file");
        let printed = printed(text.parse().expect("Rust"));
        wrong.extend(printed.map(|(line, name)| format!("{file}:{line}: {name}!")));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn what_is_printed_is_found_inside_of_macros_too() {
    let text = "//! println!()\nfn f() {\n    select! { () = g() => println!() }\n    dbg!(1 != print);\n}\n";
    let found: Vec<(usize, String)> = printed(text.parse().expect("Rust")).collect();
    assert_eq!(found, [(3, "println".to_owned()), (4, "dbg".to_owned())]);
    let path = |text: &str| text.split("::").map(str::to_owned).collect::<Vec<_>>();
    for found in ["std::env", "std::env::var", "std::io::stdout", "io::stderr"] {
        assert!(is_of_process(&path(found)), "{found}");
    }
    for other in ["std::io", "std::io::Error", "crate::env"] {
        assert!(!is_of_process(&path(other)), "{other}");
    }
}

fn is_of_process(path: &[String]) -> bool {
    let has_start =
        |start: &&[&str]| path.iter().zip(*start).filter(|(a, b)| a == b).count() == start.len();
    OF_PROCESS.iter().any(has_start)
}

/// The macros of a source that print, each with its line.
fn printed(source: TokenStream) -> impl Iterator<Item = (usize, String)> {
    let mut found = vec![];
    read(source, &mut found);
    found.into_iter()
}

fn read(source: TokenStream, found: &mut Vec<(usize, String)>) {
    let mut tokens = source.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => read(group.stream(), found),
            TokenTree::Ident(name) => {
                let is_called =
                    matches!(tokens.peek(), Some(TokenTree::Punct(mark)) if mark.as_char() == '!');
                let text = name.to_string();
                if is_called && PRINTING.contains(&text.as_str()) {
                    found.push((name.span().start().line, text));
                }
            }
            _ => {}
        }
    }
}
