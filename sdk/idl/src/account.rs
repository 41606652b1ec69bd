//! The accounts that the program owns.

use {
    crate::{
        source::{discriminant, docs},
        types::Types,
    },
    anyhow::{bail, ensure, Context, Result},
    codama_nodes::{
        AccountNode, DefaultValueStrategy, FieldDiscriminatorNode, NumberTypeNode, NumberValueNode,
        PdaLinkNode, StructFieldTypeNode, StructTypeNode, U8,
    },
    ebb_sdk::state::account_type,
    syn::{Fields, ItemStruct},
};

/// The name of the field with an account's type.
const DISCRIMINATOR: &str = "discriminator";

/// One account for each [`AccountType`](ebb_sdk::state::AccountType), which is also its PDA's name.
pub fn all(types: &mut Types) -> Result<Vec<AccountNode>> {
    types
        .source
        .require_enum("AccountType")?
        .variants
        .iter()
        .map(|variant| {
            let name = variant.ident.to_string();
            account(types, &name, discriminant(variant)?).context(name)
        })
        .collect()
}

fn account(types: &mut Types, name: &str, number: u8) -> Result<AccountNode> {
    let item = types.source.require_struct(name)?;
    let head_name = head_name(item);
    let head = match &head_name {
        Some(name) => types.source.require_struct(name)?,
        None => item,
    };
    let mut fields = vec![discriminator(head, number)?];
    fields.extend(types.fields(&all_but_first(head)?)?);
    let size = types.struct_size(&fields)?;
    let expected = account_type(&[number])?.head_len() as u64;
    ensure!(
        size == Some(expected),
        "the head has {size:?} bytes by its fields and {expected} in memory"
    );
    if head_name.is_some() {
        fields.extend(types.fields(&all_but_first(item)?)?);
    }

    let mut node = AccountNode::new(name, StructTypeNode::new(fields));
    node.size = head_name.is_none().then_some(expected);
    node.docs = docs(&item.attrs).into();
    node.pda = Some(PdaLinkNode::new(name));
    node.discriminators = vec![FieldDiscriminatorNode::new(DISCRIMINATOR, 0).into()];
    Ok(node)
}

/// The first byte, which is the same in every account of a type.
fn discriminator(head: &ItemStruct, number: u8) -> Result<StructFieldTypeNode> {
    let first = head.fields.iter().next().context("no fields")?;
    ensure!(
        first
            .ident
            .as_ref()
            .is_some_and(|name| name == DISCRIMINATOR),
        "the first field is not the discriminator"
    );
    let mut node = StructFieldTypeNode::new(DISCRIMINATOR, NumberTypeNode::le(U8));
    node.docs = docs(&first.attrs).into();
    node.default_value_strategy = Some(DefaultValueStrategy::Omitted);
    *node.default_value = Some(NumberValueNode::new(number).into());
    Ok(node)
}

fn all_but_first(item: &ItemStruct) -> Result<Fields> {
    let Fields::Named(mut fields) = item.fields.clone() else {
        bail!("fields without names");
    };
    fields.named = fields.named.into_iter().skip(1).collect();
    Ok(Fields::Named(fields))
}

/// The type of an account's `head`, if its strings follow one.
pub fn head_name(item: &ItemStruct) -> Option<String> {
    let first = item.fields.iter().next()?;
    match &first.ty {
        syn::Type::Path(path) if first.ident.as_ref()? == "head" => {
            Some(path.path.segments.last()?.ident.to_string())
        }
        _ => None,
    }
}
