//! The SDK's sources, as far as they define what goes over the wire.

use {
    anyhow::{bail, Context, Result},
    std::{
        collections::BTreeMap,
        fs,
        path::{Path, PathBuf},
    },
    syn::{
        Attribute, Expr, ExprLit, Item, ItemConst, ItemEnum, ItemFn, ItemStruct, ItemType, Lit,
        Meta,
    },
};

/// Files and folders below `sdk/src` that define accounts, instructions, events and addresses.
const WIRE: [&str; 6] = [
    "event.rs",
    "instruction",
    "pda.rs",
    "role.rs",
    "state",
    "value.rs",
];

/// Public items by name. A name is defined once.
#[derive(Default)]
pub struct Source {
    structs: BTreeMap<String, ItemStruct>,
    enums: BTreeMap<String, ItemEnum>,
    aliases: BTreeMap<String, ItemType>,
    constants: BTreeMap<String, ItemConst>,
    functions: BTreeMap<String, ItemFn>,
}

impl Source {
    pub fn read() -> Result<Self> {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../src");
        let mut source = Self::default();
        for place in WIRE {
            source.read_path(&root.join(place))?;
        }
        Ok(source)
    }

    fn read_path(&mut self, path: &Path) -> Result<()> {
        if path.is_dir() {
            for entry in fs::read_dir(path)? {
                self.read_path(&entry?.path())?;
            }
            return Ok(());
        }
        let read = || -> Result<syn::File> { Ok(syn::parse_file(&fs::read_to_string(path)?)?) };
        let file = read().with_context(|| format!("{}", path.display()))?;
        file.items.into_iter().try_for_each(|item| self.add(item))
    }

    fn add(&mut self, item: Item) -> Result<()> {
        match item {
            Item::Struct(item) => define(&mut self.structs, item.ident.to_string(), item),
            Item::Enum(item) => define(&mut self.enums, item.ident.to_string(), item),
            Item::Type(item) => define(&mut self.aliases, item.ident.to_string(), item),
            Item::Const(item) => define(&mut self.constants, item.ident.to_string(), item),
            Item::Fn(item) => define(&mut self.functions, item.sig.ident.to_string(), item),
            _ => Ok(()),
        }
    }

    pub fn find_struct(&self, name: &str) -> Option<&ItemStruct> {
        self.structs.get(name)
    }

    pub fn find_enum(&self, name: &str) -> Option<&ItemEnum> {
        self.enums.get(name)
    }

    pub fn find_alias(&self, name: &str) -> Option<&ItemType> {
        self.aliases.get(name)
    }

    pub fn require_struct(&self, name: &str) -> Result<&ItemStruct> {
        self.find_struct(name)
            .with_context(|| format!("no struct {name}"))
    }

    pub fn require_enum(&self, name: &str) -> Result<&ItemEnum> {
        self.find_enum(name)
            .with_context(|| format!("no enum {name}"))
    }

    pub fn require_constant(&self, name: &str) -> Result<&ItemConst> {
        self.constants
            .get(name)
            .with_context(|| format!("no constant {name}"))
    }

    pub fn require_function(&self, name: &str) -> Result<&ItemFn> {
        self.functions
            .get(name)
            .with_context(|| format!("no function {name}"))
    }

    /// The value of a length: a literal, or a constant that is one.
    pub fn length(&self, expression: &Expr) -> Result<usize> {
        match expression {
            Expr::Lit(ExprLit {
                lit: Lit::Int(number),
                ..
            }) => Ok(number.base10_parse()?),
            Expr::Path(path) => {
                let name = path.path.require_ident()?.to_string();
                self.length(&self.require_constant(&name)?.expr)
            }
            _ => bail!("a length that is neither a literal nor a constant"),
        }
    }
}

fn define<T>(items: &mut BTreeMap<String, T>, name: String, item: T) -> Result<()> {
    if items.contains_key(&name) {
        bail!("{name} is defined twice");
    }
    items.insert(name, item);
    Ok(())
}

/// The discriminant that a variant states.
pub fn discriminant(variant: &syn::Variant) -> Result<u8> {
    match &variant.discriminant {
        Some((
            _,
            Expr::Lit(ExprLit {
                lit: Lit::Int(number),
                ..
            }),
        )) => Ok(number.base10_parse()?),
        _ => bail!("{} states no number", variant.ident),
    }
}

/// An item's documentation, a paragraph or list entry each, without links to other items.
pub fn docs(attributes: &[Attribute]) -> Vec<String> {
    let mut paragraphs = vec![String::new()];
    for line in attributes.iter().filter_map(doc_line) {
        if line.is_empty() || is_list_entry(&line) {
            paragraphs.push(String::new());
        }
        if let Some(paragraph) = paragraphs.last_mut() {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(&line.replace("[`", "`").replace("`]", "`"));
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

fn doc_line(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Some(text.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    }
}

fn is_list_entry(line: &str) -> bool {
    line.starts_with(|first: char| first.is_ascii_digit()) && line.contains(". `[")
}
