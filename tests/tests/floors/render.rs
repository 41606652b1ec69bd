//! What people read is made of what was read before: `render` of the command line waits for nothing, and so asks no ledger.

use {
    crate::{cli, shown},
    proc_macro2::{TokenStream, TokenTree},
    std::fs,
};

#[test]
fn what_renders_asks_no_ledger() {
    let mut wrong = vec![];
    for (place, module) in &cli().modules {
        if place.first().is_none_or(|name| name != "render") {
            continue;
        }
        let file = shown(&module.file);
        let text = fs::read_to_string(&module.file).expect("a source file");
        let lines = waits(text.parse().expect("Rust"));
        wrong.extend(lines.into_iter().map(|line| format!("{file}:{line}")));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn waits_are_found_inside_of_macros_too() {
    let text = "//! await\nasync fn f() {\n    select! { () = g().await => {} }\n}\n";
    assert_eq!(waits(text.parse().expect("Rust")), [2, 3]);
}

/// The lines of a source on which something waits.
fn waits(source: TokenStream) -> Vec<usize> {
    let mut lines = vec![];
    for token in source {
        match token {
            TokenTree::Group(group) => lines.extend(waits(group.stream())),
            TokenTree::Ident(name) if name == "async" || name == "await" => {
                lines.push(name.span().start().line);
            }
            _ => {}
        }
    }
    lines
}
