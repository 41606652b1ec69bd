//! No name of a type stands twice in a crate.

use {
    crate::{agent, cli, connections, folder, keystore, program, sdk, serve, shown, source},
    std::{collections::BTreeMap, fs},
    syn::{
        visit::{self, Visit},
        Ident, ItemEnum, ItemMod, ItemStruct, ItemTrait, ItemType,
    },
};

/// What clap's users call the arguments of a verb, and the verbs of a group.
const OF_EVERY_VERB: &[&str] = &["Args", "Command"];

#[test]
fn no_name_of_a_type_stands_twice_in_a_crate() {
    let mut twice = vec![];
    for krate in [
        agent(),
        cli(),
        connections(),
        folder(),
        keystore(),
        program(),
        sdk(),
        serve(),
    ] {
        let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for module in krate.modules.values() {
            let text = fs::read_to_string(&module.file).expect("a source file");
            for name in types(&text) {
                files.entry(name).or_default().push(shown(&module.file));
            }
        }
        let named = files
            .into_iter()
            .filter(|(name, files)| files.len() > 1 && !OF_EVERY_VERB.contains(&name.as_str()));
        twice.extend(named.map(|(name, files)| format!("{name}: {}", files.join(", "))));
    }
    assert_eq!(twice, Vec::<String>::new());
}

#[test]
fn types_of_tests_and_alternatives_in_a_file_are_left_out() {
    let text = "#[cfg(unix)] struct A;\n#[cfg(not(unix))] struct A;\nmod b { enum B {} }\n\
                #[cfg(test)] mod tests { struct C; }\nimpl D for E { type F = (); }\ntype G = ();\n";
    assert_eq!(types(text), ["A", "B", "G"]);
}

/// The names of the types that a file defines, without its tests'.
fn types(text: &str) -> Vec<String> {
    let mut names = Names::default();
    names.visit_file(&syn::parse_file(text).expect("Rust"));
    names.0.sort();
    names.0.dedup();
    names.0
}

#[derive(Default)]
struct Names(Vec<String>);

impl Names {
    fn add(&mut self, name: &Ident) {
        self.0.push(name.to_string());
    }
}

impl<'a> Visit<'a> for Names {
    fn visit_item_mod(&mut self, module: &'a ItemMod) {
        if !source::is_test(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_struct(&mut self, item: &'a ItemStruct) {
        self.add(&item.ident);
    }

    fn visit_item_enum(&mut self, item: &'a ItemEnum) {
        self.add(&item.ident);
    }

    fn visit_item_trait(&mut self, item: &'a ItemTrait) {
        self.add(&item.ident);
    }

    fn visit_item_type(&mut self, item: &'a ItemType) {
        self.add(&item.ident);
    }
}
