//! The tables of `docs/design.md` that the sources already contain.

use {
    crate::{
        account::head_name,
        instruction::{
            sample::{self, Sample},
            split_docs,
        },
        source::{discriminant, docs, Source},
        types::Types,
    },
    anyhow::{bail, Context, Result},
    ebb_sdk::{EbbError, Role},
    syn::{Field, Fields, ItemStruct, Type, Variant},
};

/// The structs whose layouts are listed, accounts with their parts.
const LAYOUTS: [&str; 8] = [
    "Registry",
    "Contributor",
    "Location",
    "Device",
    "DrainRecord",
    "Hold",
    "Session",
    "DiskKey",
];

/// Replaces the tables in the text by what the sources say.
pub fn fill(text: &str, source: &Source) -> Result<String> {
    let mut filled = text.to_owned();
    for (name, content) in [
        ("roles", roles(source)?),
        ("instructions", instructions(source)?),
        ("layouts", layouts(source)?),
        ("events", events(source)?),
        ("errors", errors()),
    ] {
        filled = replace(&filled, name, &content).with_context(|| name.to_owned())?;
    }
    Ok(filled)
}

/// Replaces the text between the markers of a name.
fn replace(text: &str, name: &str, content: &str) -> Result<String> {
    let (begin, end) = (
        format!("<!-- {name}:begin -->\n"),
        format!("<!-- {name}:end -->\n"),
    );
    let (before, rest) = text.split_once(&begin).context("no begin")?;
    let (_, after) = rest.split_once(&end).context("no end")?;
    Ok([before, &begin, content, &end, after].concat())
}

/// A table in Markdown.
fn table<const N: usize>(
    columns: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let line = |cells: [String; N]| format!("| {} |\n", cells.join(" | "));
    let rows = rows
        .into_iter()
        .map(|row| line(row.map(|cell| cell.replace('|', "\\|"))));
    [
        columns.map(str::to_owned),
        [(); N].map(|()| "---".to_owned()),
    ]
    .map(line)
    .into_iter()
    .chain(rows)
    .collect()
}

fn code(name: impl std::fmt::Display) -> String {
    format!("`{name}`")
}

fn roles(source: &Source) -> Result<String> {
    let variants = &source.require_enum("Role")?.variants;
    let rows = variants.iter().map(|variant| {
        let number = discriminant(variant)?;
        let role = [Role::None]
            .into_iter()
            .chain(Role::ALL)
            .find(|role| *role as u8 == number);
        Ok([
            number.to_string(),
            code(role.context("a role that is not listed")?),
            docs(&variant.attrs).join(" "),
        ])
    });
    Ok(table(
        ["no.", "role", "who"],
        rows.collect::<Result<Vec<_>>>()?,
    ))
}

fn instructions(source: &Source) -> Result<String> {
    let samples = sample::all()?;
    let variants = &source.require_enum("EbbInstruction")?.variants;
    let rows = variants.iter().map(|variant| {
        let number = discriminant(variant)?;
        let sample = samples
            .iter()
            .find(|sample| sample.number() == Some(number))
            .context("no sample")?;
        Ok([
            number.to_string(),
            code(&variant.ident),
            accounts(variant, sample)?.join(" · "),
            arguments(source, variant).join(", "),
        ])
    });
    Ok(table(
        ["no.", "instruction", "accounts", "arguments"],
        rows.collect::<Result<Vec<_>>>()?,
    ))
}

/// The accounts of an instruction, each with its flags.
fn accounts(variant: &Variant, sample: &Sample) -> Result<Vec<String>> {
    let (_, listed) = split_docs(docs(&variant.attrs))?;
    let described = listed.iter().enumerate().map(|(position, account)| {
        let flags: String = [
            ('w', account.is_writable),
            ('s', account.is_signer),
            ('?', sample.is_optional(position)),
        ]
        .into_iter()
        .filter_map(|(flag, is_set)| is_set.then_some(flag))
        .collect();
        if flags.is_empty() {
            account.text.clone()
        } else {
            format!("**{flags}** {}", account.text)
        }
    });
    Ok(described.collect())
}

/// The names of an instruction's arguments: of its own fields, or those of the struct of its name.
fn arguments(source: &Source, variant: &Variant) -> Vec<String> {
    let fields = match &variant.fields {
        Fields::Unnamed(_) => match source.find_struct(&variant.ident.to_string()) {
            Some(item) => &item.fields,
            None => return vec![code("expect")],
        },
        fields => fields,
    };
    fields.iter().filter_map(name).map(code).collect()
}

fn name(field: &Field) -> Option<String> {
    field.ident.as_ref().map(ToString::to_string)
}

fn events(source: &Source) -> Result<String> {
    let variants = &source.require_enum("EventKind")?.variants;
    let kinds = variants.iter().map(|variant| {
        Ok([
            discriminant(variant)?.to_string(),
            code(&variant.ident),
            docs(&variant.attrs).join(" "),
        ])
    });
    Ok(table(
        ["no.", "kind", "what it names"],
        kinds.collect::<Result<Vec<_>>>()?,
    ))
}

fn errors() -> String {
    let rows = EbbError::ALL.iter().map(|error| {
        [
            error.number().to_string(),
            code(error.name()),
            error.to_string(),
        ]
    });
    table(["no.", "name", "message"], rows)
}

fn layouts(source: &Source) -> Result<String> {
    let mut types = Types::new(source);
    LAYOUTS
        .iter()
        .map(|name| layout(&mut types, name).with_context(|| (*name).to_owned()))
        .collect()
}

/// The fields of an account or of a part of one, each at its offset; the strings behind an account's head have none.
fn layout(types: &mut Types, name: &str) -> Result<String> {
    let item = types.source.require_struct(name)?;
    let head = match head_name(item) {
        Some(head) => types.source.require_struct(&head)?,
        None => item,
    };
    let mut offset = 0;
    let mut rows = Vec::new();
    for field in &head.fields {
        rows.push(row(types.source, offset.to_string(), field)?);
        let node = types.node(&field.ty)?;
        offset += types.size(&node)?.context("a field without a size")?;
    }
    for field in tail(item, head) {
        rows.push(row(types.source, "tail".to_owned(), field)?);
    }
    let table = table(["offset", "field", "type", "content"], rows);
    Ok(format!("\n**{name}**, {offset} bytes\n\n{table}"))
}

/// What follows an account's head.
fn tail<'a>(item: &'a ItemStruct, head: &ItemStruct) -> impl Iterator<Item = &'a Field> {
    let heads = if item.ident == head.ident {
        item.fields.len()
    } else {
        1
    };
    item.fields.iter().skip(heads)
}

fn row(source: &Source, place: String, field: &Field) -> Result<[String; 4]> {
    Ok([
        place,
        code(name(field).context("a field without a name")?),
        code(type_name(source, &field.ty)?),
        docs(&field.attrs).join(" "),
    ])
}

fn type_name(source: &Source, ty: &Type) -> Result<String> {
    match ty {
        Type::Array(array) => {
            let (item, length) = (type_name(source, &array.elem)?, source.length(&array.len)?);
            Ok(format!("[{item}; {length}]"))
        }
        Type::Path(path) => {
            let segment = path.path.segments.last().context("a type without a name")?;
            Ok(segment.ident.to_string())
        }
        _ => bail!("a type that has no name"),
    }
}

#[cfg(test)]
mod tests {
    use {super::*, core::mem::offset_of, ebb_sdk::state::DeviceHead};

    #[test]
    fn offsets_are_those_in_memory() {
        let source = Source::read().unwrap();
        let device = layout(&mut Types::new(&source), "Device").unwrap();
        for (offset, field) in [
            (DeviceHead::LOCATION_OFFSET, "`location` | `Pubkey`"),
            (offset_of!(DeviceHead, public_ip), "`public_ip` | `[u8; 4]`"),
            (offset_of!(DeviceHead, drain), "`drain` | `DrainRecord`"),
            (offset_of!(DeviceHead, holds), "`holds` | `HoldSlots`"),
        ] {
            let row = format!("\n| {offset} | {field} | ");
            assert!(device.contains(&row), "{row} in {device}");
        }
        let len = size_of::<DeviceHead>();
        assert!(device.starts_with(&format!("\n**Device**, {len} bytes\n")));
        assert!(device.ends_with("\n| tail | `code` | `String` | Unique by address. |\n"));
    }

    #[test]
    fn only_what_stands_between_the_markers_is_replaced() {
        let text = "a\n<!-- t:begin -->\nold\n<!-- t:end -->\nb\n";
        let replaced = "a\n<!-- t:begin -->\nnew\n<!-- t:end -->\nb\n";
        assert_eq!(replace(text, "t", "new\n").unwrap(), replaced);
        let error = replace("a\n", "t", "new\n").unwrap_err();
        assert_eq!(error.to_string(), "no begin");
    }
}
