//! Imports go down only: which part of a crate may import which, and no circle between its files. Beside that, what a
//! file of a verb may contain, how long a file may be, and what the fleet and what renders may not do.
//!
//! An import counts where it leads: what a module names again is an import of the file that defines it.

mod length;
mod names;
mod quiet;
mod render;
mod source;
mod verbs;

use {
    source::{Crate, ModulePath},
    std::{
        collections::{BTreeMap, BTreeSet},
        path::Path,
    },
};

/// The SDK's modules from the top down. A module imports those below its own line.
const SDK: &[&[&str]] = &[
    &["fleet"],
    &["json"],
    &["history"],
    &["embedded", "rpc"],
    &["client"],
    &["ledger"],
    &["time"],
    &["duration"],
    &["text"],
    &["elf"],
    &["event"],
    &["lifecycle"],
    &["instruction"],
    &["pda"],
    &["state"],
    &["value"],
    &["role"],
    &["error"],
];

/// The program's modules likewise.
const PROGRAM: &[&[&str]] = &[
    &["entrypoint"],
    &["processor"],
    &["credential"],
    &["account"],
    &["clock", "event", "security_txt"],
];

/// The modules of a user's folder likewise.
const FOLDER: &[&[&str]] = &[&["handle"], &["error", "lock"]];

/// The key store's modules likewise.
const KEYSTORE: &[&[&str]] = &[
    &["unlocked"],
    &["store"],
    &["protection"],
    &["encryption", "folder"],
    &["error"],
    &["material"],
    &["record", "secret"],
];

/// The CLI's modules likewise.
const CLI: &[&[&str]] = &[
    &["cli"],
    &["commands"],
    &["workflow"],
    &["render"],
    &["context"],
    &["input"],
    &["terminal"],
    &["stop"],
    &["error"],
    &["signal"],
];

/// The service's modules likewise.
const SERVE: &[&[&str]] = &[
    &["server"],
    &["http"],
    &["metrics"],
    &["view"],
    &["ingest"],
    &["descriptors", "store"],
];

/// The agent's modules likewise.
const AGENT: &[&[&str]] = &[
    &["agent"],
    &["http"],
    &["status"],
    &["health", "hook"],
    &["reconcile"],
    &["device"],
    &["labels"],
    &["actuator", "provider"],
    &["router"],
    &["chain"],
    &["config"],
    &["machine", "marks"],
    &["state"],
    &["notify", "program", "serving", "user"],
    &["unknown"],
];

/// The modules that serve HTTP within limits likewise.
const CONNECTIONS: &[&[&str]] = &[&["accept"]];

#[test]
fn the_sdks_modules_import_those_below_them() {
    assert_eq!(against_floors(&sdk(), SDK), Vec::<String>::new());
}

#[test]
fn the_key_stores_modules_import_those_below_them() {
    assert_eq!(against_floors(&keystore(), KEYSTORE), Vec::<String>::new());
}

#[test]
fn the_programs_modules_import_those_below_them() {
    assert_eq!(against_floors(&program(), PROGRAM), Vec::<String>::new());
}

#[test]
fn the_folders_modules_import_those_below_them() {
    assert_eq!(against_floors(&folder(), FOLDER), Vec::<String>::new());
}

#[test]
fn the_clis_modules_import_those_below_them() {
    assert_eq!(against_floors(&cli(), CLI), Vec::<String>::new());
}

#[test]
fn the_services_modules_import_those_below_them() {
    assert_eq!(against_floors(&serve(), SERVE), Vec::<String>::new());
}

#[test]
fn the_agents_modules_import_those_below_them() {
    assert_eq!(against_floors(&agent(), AGENT), Vec::<String>::new());
}

#[test]
fn the_connections_modules_import_those_below_them() {
    let wrong = against_floors(&connections(), CONNECTIONS);
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn no_circle_between_the_files_of_a_module_of_the_program() {
    assert_eq!(circles_of_siblings(&program()), Vec::<String>::new());
}

#[test]
fn no_circle_between_the_files_of_the_key_store() {
    assert_eq!(circles(&imports(&keystore())), Vec::<String>::new());
}

#[test]
fn no_circle_between_the_files_of_a_module_of_the_agent() {
    assert_eq!(circles_of_siblings(&agent()), Vec::<String>::new());
}

#[test]
fn no_circle_between_the_files_of_the_service() {
    assert_eq!(circles(&imports(&serve())), Vec::<String>::new());
}

#[test]
fn no_circle_between_the_files_of_an_sdk_module() {
    assert_eq!(circles_of_siblings(&sdk()), Vec::<String>::new());
}

#[test]
fn no_circle_between_the_files_of_the_cli() {
    assert_eq!(circles(&imports(&cli())), Vec::<String>::new());
}

fn sdk() -> Crate {
    Crate::read(&workspace().join("sdk/src/lib.rs"))
}

fn program() -> Crate {
    Crate::read(&workspace().join("programs/device-registry/src/lib.rs"))
}

fn folder() -> Crate {
    Crate::read(&workspace().join("sdk/folder/src/lib.rs"))
}

fn keystore() -> Crate {
    Crate::read(&workspace().join("sdk/keystore/src/lib.rs"))
}

fn cli() -> Crate {
    Crate::read(&workspace().join("cli/src/main.rs"))
}

fn serve() -> Crate {
    Crate::read(&workspace().join("cli/serve/src/lib.rs"))
}

fn agent() -> Crate {
    Crate::read(&workspace().join("cli/agent/src/lib.rs"))
}

fn connections() -> Crate {
    Crate::read(&workspace().join("cli/connections/src/lib.rs"))
}

/// A file as problems name it.
fn shown(file: &Path) -> String {
    let inner = file.strip_prefix(workspace()).unwrap_or(file);
    inner.display().to_string()
}

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Who imports whom, each with the file and line of one import.
type Imports = BTreeMap<(ModulePath, ModulePath), String>;

fn imports(krate: &Crate) -> Imports {
    let mut found = BTreeMap::new();
    for (place, module) in &krate.modules {
        for import in &module.imports {
            let Some(target) = krate.resolve(place, &import.path) else {
                continue;
            };
            if target != *place {
                let at = format!("{}:{}", shown(&module.file), import.line);
                found.entry((place.clone(), target)).or_insert(at);
            }
        }
    }
    found
}

/// The imports that do not go down, and the modules that have no floor.
fn against_floors(krate: &Crate, floors: &[&[&str]]) -> Vec<String> {
    let floor_of = |place: &ModulePath| {
        let name = place.first()?;
        floors
            .iter()
            .position(|floor| floor.contains(&name.as_str()))
    };
    let mut wrong: Vec<String> = krate
        .modules
        .keys()
        .filter(|place| !place.is_empty() && floor_of(place).is_none())
        .map(|place| format!("{} has no floor", place.join("::")))
        .collect();
    for (pair, at) in imports(krate) {
        let (from, to) = &pair;
        // The root lists the modules and names what all share.
        let is_across = !from.is_empty() && !to.is_empty() && from.first() != to.first();
        if is_across && floor_of(from) >= floor_of(to) {
            wrong.push(describe(&pair, &at));
        }
    }
    wrong
}

/// The imports that are part of a circle between the files of a module, where none contains the other.
fn circles_of_siblings(krate: &Crate) -> Vec<String> {
    let is_kin = |a: &ModulePath, b: &ModulePath| a.starts_with(b) || b.starts_with(a);
    let siblings = imports(krate)
        .into_iter()
        .filter(|((from, to), _)| from.first() == to.first() && !is_kin(from, to))
        .collect();
    circles(&siblings)
}

/// The imports that are part of a circle.
fn circles(imports: &Imports) -> Vec<String> {
    let mut graph: BTreeMap<&ModulePath, BTreeSet<&ModulePath>> = BTreeMap::new();
    for (from, to) in imports.keys() {
        graph.entry(from).or_default().insert(to);
    }
    let leads_to = |start, goal| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![start]);
        while let Some(place) = next.pop() {
            if place == goal {
                return true;
            }
            let unseen = graph.get(place).into_iter().flatten();
            next.extend(unseen.copied().filter(|to| seen.insert(*to)));
        }
        false
    };
    imports
        .iter()
        .filter(|((from, to), _)| leads_to(to, from))
        .map(|(pair, at)| describe(pair, at))
        .collect()
}

fn describe((from, to): &(ModulePath, ModulePath), at: &str) -> String {
    format!("{at}: {} imports {}", from.join("::"), to.join("::"))
}
