//! The modules of a crate and what each imports, read from its files.

use {
    std::{
        collections::BTreeMap,
        fs,
        path::{Path, PathBuf},
    },
    syn::{
        parse::Parser,
        punctuated::Punctuated,
        spanned::Spanned,
        visit::{self, Visit},
        Attribute, Item, ItemMod, ItemUse, Macro, Meta, Token, UseTree,
    },
};

/// A module's place in its crate: its names from the root down.
pub type ModulePath = Vec<String>;

/// A path that a file names, as it is written.
pub struct Import {
    pub path: Vec<String>,
    pub line: usize,
}

/// A module that is a file.
pub struct Module {
    pub file: PathBuf,
    pub imports: Vec<Import>,
    /// What a name that is imported stands for.
    names: BTreeMap<String, Vec<String>>,
}

/// The modules of a crate.
pub struct Crate {
    pub modules: BTreeMap<ModulePath, Module>,
}

impl Crate {
    /// Reads a crate from its root file, without its test modules.
    pub fn read(root: &Path) -> Self {
        let mut modules = BTreeMap::new();
        let folder = root.parent().expect("a file is in a folder");
        read_module(root, folder, vec![], &mut modules);
        Self { modules }
    }

    /// The module that a path of one of them leads to; `None` if it leads out of the crate. What is imported again leads
    /// to where it is defined.
    pub fn resolve(&self, from: &ModulePath, path: &[String]) -> Option<ModulePath> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.descend(vec![], rest, 0),
            "self" => self.descend(from.clone(), rest, 0),
            "super" => self.ascend(from, rest),
            _ => self.descend_into(from, path, 0),
        }
    }

    fn ascend(&self, from: &ModulePath, rest: &[String]) -> Option<ModulePath> {
        let mut parent = from.clone();
        parent.pop()?;
        match rest.split_first() {
            Some((next, rest)) if next == "super" => self.ascend(&parent, rest),
            _ => self.descend(parent, rest, 0),
        }
    }

    fn descend(&self, place: ModulePath, path: &[String], depth: usize) -> Option<ModulePath> {
        match path.split_first() {
            None => Some(place),
            Some(_) => self.descend_into(&place, path, depth).or(Some(place)),
        }
    }

    /// Goes by the first name of a path, if the module has a child or an import of that name.
    fn descend_into(
        &self,
        place: &ModulePath,
        path: &[String],
        depth: usize,
    ) -> Option<ModulePath> {
        assert!(depth < 32, "{path:?} in {place:?} imports itself");
        let (name, rest) = path.split_first()?;
        let mut child = place.clone();
        child.push(name.clone());
        if self.modules.contains_key(&child) {
            return self.descend(child, rest, depth);
        }
        let target = self.modules.get(place)?.names.get(name)?;
        // A crate's item by the crate's own name.
        if target.first() == Some(name) {
            return None;
        }
        let mut target = target.clone();
        target.extend_from_slice(rest);
        let (first, rest) = target.split_first()?;
        match first.as_str() {
            "crate" => self.descend(vec![], rest, depth + 1),
            "self" => self.descend(place.clone(), rest, depth + 1),
            "super" => self.ascend(place, rest),
            _ => self.descend_into(place, &target, depth + 1),
        }
    }
}

fn read_module(
    file: &Path,
    folder: &Path,
    place: ModulePath,
    into: &mut BTreeMap<ModulePath, Module>,
) {
    let text =
        fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let parsed =
        syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut reader = Reader::default();
    for item in &parsed.items {
        match item {
            Item::Mod(ItemMod {
                ident,
                content: None,
                attrs,
                ..
            }) => {
                if !is_test(attrs) {
                    let name = ident.to_string();
                    let (file, folder) = file_of(folder, &name);
                    let mut place = place.clone();
                    place.push(name);
                    read_module(&file, &folder, place, into);
                }
            }
            item => reader.visit_item(item),
        }
    }
    let module = Module {
        file: file.to_owned(),
        imports: reader.imports,
        names: reader.names,
    };
    into.insert(place, module);
}

fn file_of(folder: &Path, name: &str) -> (PathBuf, PathBuf) {
    let inner = folder.join(name);
    let flat = folder.join(format!("{name}.rs"));
    if flat.exists() {
        (flat, inner)
    } else {
        (inner.join("mod.rs"), inner)
    }
}

pub fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<Meta>()
                .is_ok_and(|condition| requires_test(&condition))
    })
}

/// Whether a condition is `test`, or `all` of several with that among them.
fn requires_test(condition: &Meta) -> bool {
    match condition {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("all") => list
            .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            .is_ok_and(|all| all.iter().any(requires_test)),
        _ => false,
    }
}

/// Collects what a file imports, in `use` and in paths.
#[derive(Default)]
struct Reader {
    imports: Vec<Import>,
    names: BTreeMap<String, Vec<String>>,
}

impl Reader {
    fn import(&mut self, path: Vec<String>, line: usize) {
        self.imports.push(Import { path, line });
    }

    fn import_tree(&mut self, prefix: &[String], tree: &UseTree) {
        let line = tree.span().start().line;
        match tree {
            UseTree::Path(path) => {
                let mut prefix = prefix.to_vec();
                prefix.push(path.ident.to_string());
                self.import_tree(&prefix, &path.tree);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import_tree(prefix, tree);
                }
            }
            UseTree::Name(name) => self.import_name(prefix, &name.ident, &name.ident, line),
            UseTree::Rename(name) => self.import_name(prefix, &name.ident, &name.rename, line),
            UseTree::Glob(_) => self.import(prefix.to_vec(), line),
        }
    }

    fn import_name(
        &mut self,
        prefix: &[String],
        name: &proc_macro2::Ident,
        alias: &proc_macro2::Ident,
        line: usize,
    ) {
        let (name, alias) = (name.to_string(), alias.to_string());
        let (mut path, alias) = match (name.as_str(), prefix.last()) {
            ("self", Some(module)) if alias == "self" => (prefix.to_vec(), module.clone()),
            _ => {
                let mut path = prefix.to_vec();
                path.push(name);
                (path, alias)
            }
        };
        if path.is_empty() {
            path.push(alias.clone());
        }
        self.names.insert(alias, path.clone());
        self.import(path, line);
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        if let Item::Mod(inline) = item {
            if is_test(&inline.attrs) {
                return;
            }
        }
        visit::visit_item(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.import_tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        if path.leading_colon.is_none() && names.len() > 1 {
            self.import(names, path.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        // What a macro is given need not be Rust; most often it is a list of expressions.
        let list = Punctuated::<syn::Expr, Token![,]>::parse_terminated;
        if let Ok(arguments) = list.parse2(call.tokens.clone()) {
            for argument in &arguments {
                self.visit_expr(argument);
            }
        }
    }
}
