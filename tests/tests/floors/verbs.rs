//! A file of the CLI's verbs contains a verb's options and how it is run, so that a reader finds there what it takes and
//! nothing else. What a verb does is in `workflow`, how it looks in `render`, and how its values are read in `input`.

use {
    crate::{shown, workspace},
    std::{fs, path::Path},
    syn::{
        spanned::Spanned,
        visit::{self, Visit},
        Attribute, ImplItem, Item, ItemImpl,
    },
};

/// What may stand in such a file, beside `use`, `mod` and constants.
const ALLOWED: &str = "options, a list of verbs, `run` and, of a list, `reads`";

/// The functions of a verb.
const OF_VERB: &[&str] = &["run"];

/// The functions of a list of verbs: it runs one, and knows which of them only read.
const OF_LIST: &[&str] = &["reads", "run"];

/// The most lines of a function, which passes options on.
const MAX_LINES: usize = 35;

/// What clap makes of options and lists of verbs.
const DERIVES: &[&str] = &["Args", "Subcommand"];

#[test]
fn a_verbs_file_contains_its_options_and_how_it_is_run() {
    let mut wrong = vec![];
    read(&workspace().join("cli/src/commands"), &mut wrong);
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn what_else_stands_in_a_verbs_file_is_named_with_its_line() {
    let text = "\
use clap::Subcommand;

const ACTION: &str = \"hold\";

#[derive(clap::Args, Debug)]
pub struct Args {}

#[derive(Subcommand)]
pub enum Command {}

impl Command {
    pub fn reads(&self) -> bool { true }
    pub async fn run(self) {}
    fn purpose(&self) {}
}

pub async fn run(_: Args) { helper() }

fn helper() {}

impl Args {
    fn run(&self) {}
}

impl Drop for Command {
    fn drop(&mut self) {}
}

#[derive(Debug)]
struct View;

mod tests {
    use super::*;
}
";
    let at = |line, what| format!("hold.rs:{line}: {what} is none of: {ALLOWED}");
    assert_eq!(
        out_of_place("hold.rs", text),
        [
            at(14, "fn purpose"),
            at(19, "fn helper"),
            at(21, "an impl"),
            at(25, "an impl"),
            at(30, "struct View"),
            at(32, "mod tests"),
        ]
    );
}

#[test]
fn a_loop_and_a_long_function_are_named_with_their_lines() {
    let long = "    step();\n".repeat(MAX_LINES - 1);
    let text = format!(
        "pub fn run() {{\n    for row in rows() {{\n        while row.next() {{\n            loop {{}}\n        }}\n    }}\n}}\n\n\
         pub async fn run() {{\n{long}}}\n"
    );
    let a_loop = "a loop belongs into `workflow`";
    assert_eq!(
        out_of_place("hold.rs", &text),
        [
            format!("hold.rs:2: {a_loop}"),
            format!("hold.rs:3: {a_loop}"),
            format!("hold.rs:4: {a_loop}"),
            "hold.rs:9: fn run has 36 lines, and at most 35 are allowed".to_owned(),
        ]
    );
}

/// Reads every file of a folder and those below it.
fn read(folder: &Path, wrong: &mut Vec<String>) {
    let entries = fs::read_dir(folder).expect("the folder of the verbs");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            read(&path, wrong);
            continue;
        }
        let text = fs::read_to_string(&path).expect("a source file");
        wrong.extend(out_of_place(&shown(&path), &text));
    }
}

/// What does not belong into a file of verbs, each with its line.
fn out_of_place(file: &str, text: &str) -> Vec<String> {
    let parsed = syn::parse_file(text).unwrap_or_else(|error| panic!("{file}: {error}"));
    let misplaced = parsed.items.iter().flat_map(misplaced);
    let mut found = Work::default();
    found.visit_file(&parsed);
    let problems = misplaced
        .map(|(line, what)| (line, format!("{what} is none of: {ALLOWED}")))
        .chain(found.problems);
    problems
        .map(|(line, problem)| format!("{file}:{line}: {problem}"))
        .collect()
}

/// Collects loops and long functions, each with its line.
#[derive(Default)]
struct Work {
    problems: Vec<(usize, String)>,
}

impl Work {
    fn note_loop(&mut self, node: &impl Spanned) {
        let line = node.span().start().line;
        let problem = "a loop belongs into `workflow`".to_owned();
        self.problems.push((line, problem));
    }

    fn note_length(&mut self, signature: &syn::Signature, body: &syn::Block) {
        let first = signature.fn_token.span.start().line;
        let lines = body.span().end().line - first + 1;
        if lines > MAX_LINES {
            let name = &signature.ident;
            let problem =
                format!("fn {name} has {lines} lines, and at most {MAX_LINES} are allowed");
            self.problems.push((first, problem));
        }
    }
}

impl<'ast> Visit<'ast> for Work {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.note_length(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.note_length(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_expr_for_loop(&mut self, node: &'ast syn::ExprForLoop) {
        self.note_loop(node);
        visit::visit_expr_for_loop(self, node);
    }

    fn visit_expr_while(&mut self, node: &'ast syn::ExprWhile) {
        self.note_loop(node);
        visit::visit_expr_while(self, node);
    }

    fn visit_expr_loop(&mut self, node: &'ast syn::ExprLoop) {
        self.note_loop(node);
        visit::visit_expr_loop(self, node);
    }
}

/// What of an item is misplaced: its line, and what it is.
fn misplaced(item: &Item) -> Vec<(usize, String)> {
    let found = match item {
        Item::Use(_) | Item::Const(_) => None,
        Item::Mod(module) => module
            .content
            .is_some()
            .then(|| (module.mod_token.span, format!("mod {}", module.ident))),
        Item::Struct(options) => (!is_derived(&options.attrs)).then(|| {
            (
                options.struct_token.span,
                format!("struct {}", options.ident),
            )
        }),
        Item::Enum(list) => (!is_derived(&list.attrs))
            .then(|| (list.enum_token.span, format!("enum {}", list.ident))),
        Item::Fn(function) => misplaced_fn(&function.sig, OF_VERB),
        Item::Impl(list) if is_list(list) => return misplaced_in_list(list),
        Item::Impl(other) => Some((other.impl_token.span, "an impl".to_owned())),
        other => Some((other.span(), "this item".to_owned())),
    };
    found
        .map(|(span, what)| (span.start().line, what))
        .into_iter()
        .collect()
}

fn misplaced_in_list(list: &ItemImpl) -> Vec<(usize, String)> {
    let found = list.items.iter().filter_map(|item| match item {
        ImplItem::Fn(function) => misplaced_fn(&function.sig, OF_LIST),
        other => Some((other.span(), "this item".to_owned())),
    });
    found
        .map(|(span, what)| (span.start().line, what))
        .collect()
}

fn misplaced_fn(
    signature: &syn::Signature,
    allowed: &[&str],
) -> Option<(proc_macro2::Span, String)> {
    let name = signature.ident.to_string();
    (!allowed.contains(&name.as_str())).then(|| (signature.fn_token.span, format!("fn {name}")))
}

/// Whether these are the functions of a list of verbs.
fn is_list(list: &ItemImpl) -> bool {
    let is_command = match &*list.self_ty {
        syn::Type::Path(of) => of.path.is_ident("Command"),
        _ => false,
    };
    list.trait_.is_none() && is_command
}

/// Whether clap reads the type from the command line.
fn is_derived(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("derive"))
        .any(|derive| {
            let mut found = false;
            // A derive that cannot be read is none of clap's.
            let _ = derive.parse_nested_meta(|meta| {
                let name = meta.path.segments.last().map(|last| last.ident.to_string());
                found |= name.is_some_and(|name| DERIVES.contains(&name.as_str()));
                Ok(())
            });
            found
        })
}
