//! The instructions. Their arguments come from `EbbInstruction`; their accounts from the builders,
//! called with addresses that say their own names; what each account is for from the documentation,
//! whose flags must be the builders'.

pub mod sample;

use {
    crate::{
        pda::{self, Pda},
        source::{discriminant, docs},
        types::Types,
    },
    anyhow::{bail, ensure, Context, Result},
    codama_nodes::{
        AccountValueNode, ArgumentValueNode, DefaultValueStrategy, FieldDiscriminatorNode,
        InstructionAccountNode, InstructionArgumentNode, InstructionInputValueNode,
        InstructionNode, NumberTypeNode, NumberValueNode, OptionalAccountStrategy, PdaLinkNode,
        PdaSeedValueNode, PdaSeedValueValue, PdaValueNode, ProgramIdValueNode, PublicKeyValueNode,
        StructFieldTypeNode, U8,
    },
    ebb_sdk::ID,
    sample::Sample,
    solana_program::{instruction::AccountMeta, pubkey::Pubkey},
    solana_sdk_ids::system_program,
    syn::{Fields, Variant},
};

const DISCRIMINATOR: &str = "discriminator";

pub fn all(types: &mut Types) -> Result<Vec<InstructionNode>> {
    let samples = sample::all()?;
    let variants = &types.source.require_enum("EbbInstruction")?.variants;
    variants
        .iter()
        .map(|variant| instruction(types, variant, &samples).context(variant.ident.to_string()))
        .collect()
}

fn instruction(
    types: &mut Types,
    variant: &Variant,
    samples: &[Sample],
) -> Result<InstructionNode> {
    let number = discriminant(variant)?;
    let sample = samples
        .iter()
        .find(|sample| sample.number() == Some(number))
        .context("no sample")?;
    let (prose, listed) = split_docs(docs(&variant.attrs))?;
    ensure!(
        listed.len() == sample.full.accounts.len(),
        "the builder passes {} accounts, the documentation lists {}",
        sample.full.accounts.len(),
        listed.len()
    );

    let arguments = arguments(types, variant)?;
    let mut node = InstructionNode {
        name: variant.ident.to_string().into(),
        docs: prose.into(),
        discriminators: vec![FieldDiscriminatorNode::new(DISCRIMINATOR, 0).into()],
        ..Default::default()
    };
    let pdas = pda::all();
    for (position, (meta, listed)) in sample.full.accounts.iter().zip(listed).enumerate() {
        let account = account(
            meta,
            listed,
            sample.is_optional(position),
            &arguments,
            &pdas,
        )
        .with_context(|| format!("account {position}"))?;
        node.accounts.push(account);
    }
    if sample.has_optional() {
        node.optional_account_strategy = Some(OptionalAccountStrategy::Omitted);
    }
    node.arguments.push(number_argument(number));
    node.arguments
        .extend(arguments.into_iter().map(InstructionArgumentNode::from));
    Ok(node)
}

/// The first byte of the data.
fn number_argument(number: u8) -> InstructionArgumentNode {
    let mut node = InstructionArgumentNode::new(DISCRIMINATOR, NumberTypeNode::le(U8));
    node.docs = vec!["The instruction's number.".to_owned()].into();
    node.default_value_strategy = Some(DefaultValueStrategy::Omitted);
    *node.default_value = Some(NumberValueNode::new(number).into());
    node
}

/// A variant's own fields; those of the struct of its name; or one argument named after its type.
fn arguments(types: &mut Types, variant: &Variant) -> Result<Vec<StructFieldTypeNode>> {
    let source = types.source;
    let payload = match &variant.fields {
        Fields::Unit => return Ok(Vec::new()),
        Fields::Named(_) => return types.fields(&variant.fields),
        Fields::Unnamed(fields) => match fields.unnamed.first().map(|field| &field.ty) {
            Some(syn::Type::Path(path)) => path.path.require_ident()?.to_string(),
            _ => bail!("arguments that are no struct"),
        },
    };
    let item = source.require_struct(&payload)?;
    if variant.ident == payload {
        return types.fields(&item.fields);
    }
    let link = types.link(&payload)?;
    let mut argument = StructFieldTypeNode::new(payload, link);
    argument.docs = docs(&item.attrs).into();
    if let Some(default) = types.default(&argument.r#type)? {
        argument.default_value_strategy = Some(DefaultValueStrategy::Optional);
        *argument.default_value = Some(default);
    }
    Ok(vec![argument])
}

fn account(
    meta: &AccountMeta,
    listed: Listed,
    is_optional: bool,
    arguments: &[StructFieldTypeNode],
    pdas: &[Pda],
) -> Result<InstructionAccountNode> {
    ensure!(
        (meta.is_signer, meta.is_writable) == (listed.is_signer, listed.is_writable),
        "the builder passes signer {} and writable {}, the documentation says otherwise",
        meta.is_signer,
        meta.is_writable
    );
    let (name, default) = identify(&meta.pubkey, arguments, pdas)?;
    let mut node = InstructionAccountNode::new(name, meta.is_writable, meta.is_signer);
    node.docs = vec![listed.text].into();
    if is_optional {
        // No default: left out, an optional account stays out.
        node.is_optional = Some(true);
    } else {
        *node.default_value = default;
    }
    Ok(node)
}

/// What a sample's address stands for, and how a client finds it by itself.
fn identify(
    address: &Pubkey,
    arguments: &[StructFieldTypeNode],
    pdas: &[Pda],
) -> Result<(String, Option<InstructionInputValueNode>)> {
    if *address == ID {
        return Ok(("program".to_owned(), Some(ProgramIdValueNode::new().into())));
    }
    if *address == system_program::ID {
        let mut value = PublicKeyValueNode::new(address.to_string());
        value.identifier = Some("systemProgram".into());
        return Ok(("system_program".to_owned(), Some(value.into())));
    }
    if let Some(pda) = pdas.iter().find(|pda| pda.address == *address) {
        let seeds = pda.seeds.iter().map(|seed| {
            Some(PdaSeedValueNode::new(
                seed.name,
                seed_value(seed.name, arguments)?,
            ))
        });
        let default = seeds
            .collect::<Option<Vec<_>>>()
            .map(|seeds| PdaValueNode::new(PdaLinkNode::new(pda.name), seeds).into());
        return Ok((pda.name.to_owned(), default));
    }
    let name = pda::name_of(address).with_context(|| format!("{address} is no sample"))?;
    Ok((name, None))
}

/// Where a seed comes from: the argument or the account of its name. A path's hash comes from neither.
fn seed_value(name: &str, arguments: &[StructFieldTypeNode]) -> Option<PdaSeedValueValue> {
    match name {
        "device" | "program" => Some(AccountValueNode::new(name).into()),
        _ => arguments
            .iter()
            .any(|argument| *argument.name == name)
            .then(|| ArgumentValueNode::new(name).into()),
    }
}

/// An account as the documentation lists it.
pub struct Listed {
    pub is_signer: bool,
    pub is_writable: bool,
    pub text: String,
}

/// Parts an instruction's documentation into prose and its list of accounts.
pub fn split_docs(paragraphs: Vec<String>) -> Result<(Vec<String>, Vec<Listed>)> {
    let mut prose = Vec::new();
    let mut listed = Vec::new();
    for paragraph in paragraphs {
        let entry = paragraph
            .strip_prefix(&format!("{}. `[", listed.len()))
            .and_then(|entry| entry.split_once("]` "));
        match entry {
            Some((flags, text)) => listed.push(Listed {
                is_signer: flags.contains('s'),
                is_writable: flags.contains('w'),
                text: text.to_owned(),
            }),
            None if listed.is_empty() => prose.push(paragraph),
            None => bail!("`{paragraph}` does not continue the list of accounts"),
        }
    }
    Ok((prose, listed))
}
