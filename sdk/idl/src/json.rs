//! Codama's tree as text.

use {
    anyhow::Result,
    codama_nodes::RootNode,
    serde::{
        ser::{SerializeMap, Serializer},
        Serialize,
    },
    serde_json::{json, Value},
};

/// The keys of a node that come first, in this order; others follow by name.
const FIRST: [&str; 8] = [
    "kind",
    "standard",
    "name",
    "version",
    "publicKey",
    "code",
    "message",
    "docs",
];

/// The lists that a node of a kind has even if empty. Codama's crate leaves empty lists out, its
/// JavaScript packages read them unasked.
const LISTS: [(&str, &[&str]); 8] = [
    ("rootNode", &["additionalPrograms"]),
    (
        "programNode",
        &[
            "accounts",
            "constants",
            "definedTypes",
            "errors",
            "events",
            "instructions",
            "pdas",
        ],
    ),
    ("instructionNode", &["accounts", "arguments"]),
    ("pdaNode", &["seeds"]),
    ("pdaValueNode", &["seeds"]),
    ("structTypeNode", &["fields"]),
    ("structValueNode", &["fields"]),
    ("enumTypeNode", &["variants"]),
];

pub fn print(root: &RootNode) -> Result<String> {
    let mut tree = serde_json::to_value(root)?;
    write_empty_lists(&mut tree);
    Ok(serde_json::to_string_pretty(&Ordered(&tree))? + "\n")
}

fn write_empty_lists(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(write_empty_lists),
        Value::Object(node) => {
            let lists = LISTS
                .iter()
                .filter(|(kind, _)| node.get("kind") == Some(&json!(kind)))
                .flat_map(|(_, lists)| lists.iter())
                .collect::<Vec<_>>();
            for list in lists {
                node.entry(*list).or_insert_with(|| json!([]));
            }
            node.values_mut().for_each(write_empty_lists);
        }
        _ => {}
    }
}

/// Writes keys in one order, whichever `serde_json`'s features make its maps keep.
struct Ordered<'a>(&'a Value);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Array(items) => serializer.collect_seq(items.iter().map(Ordered)),
            Value::Object(node) => {
                let mut entries = node.iter().collect::<Vec<_>>();
                entries.sort_by_key(|(key, _)| (rank(key), *key));
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, &Ordered(value))?;
                }
                map.end()
            }
            plain => plain.serialize(serializer),
        }
    }
}

fn rank(key: &str) -> usize {
    FIRST
        .iter()
        .position(|first| *first == key)
        .unwrap_or(FIRST.len())
}
