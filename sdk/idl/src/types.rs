//! Rust types as Codama's.

use {
    crate::source::{discriminant, docs, Source},
    anyhow::{bail, ensure, Context, Result},
    codama_nodes::{
        ArrayTypeNode, BooleanTypeNode, BytesTypeNode, CountNode, DefaultValueStrategy,
        DefinedTypeLinkNode, DefinedTypeNode, EnumEmptyVariantTypeNode, EnumTypeNode,
        FixedSizeTypeNode, NoneValueNode, NumberFormat, NumberTypeNode, OptionTypeNode,
        PublicKeyTypeNode, SizePrefixTypeNode, StringTypeNode, StructFieldTypeNode,
        StructFieldValueNode, StructTypeNode, StructValueNode, TypeNode, ValueNode, U32, U8,
    },
    std::collections::{BTreeMap, BTreeSet},
    syn::{Field, Fields, GenericArgument, PathArguments, PathSegment, Type},
};

/// Turns types of the source into nodes, and keeps the names that those nodes link to.
pub struct Types<'a> {
    pub source: &'a Source,
    linked: BTreeSet<String>,
}

impl<'a> Types<'a> {
    pub fn new(source: &'a Source) -> Self {
        Self {
            source,
            linked: BTreeSet::new(),
        }
    }

    pub fn node(&mut self, ty: &Type) -> Result<TypeNode> {
        match ty {
            Type::Array(array) => {
                let length = self.source.length(&array.len)?;
                Ok(match self.node(&array.elem)? {
                    TypeNode::Number(NumberTypeNode { format: U8, .. }) => {
                        FixedSizeTypeNode::<TypeNode>::new(BytesTypeNode::new(), length).into()
                    }
                    item => ArrayTypeNode::fixed(item, length as u64).into(),
                })
            }
            Type::Path(path) => {
                let segment = path.path.segments.last().context("a type without a name")?;
                self.named(segment)
            }
            _ => bail!("a type that has no node"),
        }
    }

    fn named(&mut self, segment: &PathSegment) -> Result<TypeNode> {
        let name = segment.ident.to_string();
        Ok(match name.as_str() {
            "bool" => BooleanTypeNode::default().into(),
            "Pubkey" => PublicKeyTypeNode::new().into(),
            "String" => prefixed_text(U32).into(),
            "Option" => OptionTypeNode::new(self.node(type_argument(segment)?)?).into(),
            "FixedText" => {
                let size = self.source.length(length_argument(segment)?)?;
                FixedSizeTypeNode::<TypeNode>::new(prefixed_text(U8), size).into()
            }
            name => {
                if let Ok(format) = NumberFormat::try_from(name) {
                    return Ok(NumberTypeNode::le(format).into());
                }
                return self.defined(name);
            }
        })
    }

    fn defined(&mut self, name: &str) -> Result<TypeNode> {
        let source = self.source;
        if let Some(alias) = source.find_alias(name) {
            return self.node(&alias.ty);
        }
        if let Some(wrapper) = source.find_struct(name).and_then(only_field) {
            return self.node(&wrapper.ty);
        }
        Ok(self.link(name)?.into())
    }

    /// A link to a type, which becomes one of the program's defined types.
    pub fn link(&mut self, name: &str) -> Result<DefinedTypeLinkNode> {
        if self.source.find_enum(name).is_none() {
            self.source.require_struct(name)?;
        }
        self.linked.insert(name.to_owned());
        Ok(DefinedTypeLinkNode::new(name))
    }

    pub fn fields(&mut self, fields: &Fields) -> Result<Vec<StructFieldTypeNode>> {
        fields.iter().map(|field| self.field(field)).collect()
    }

    fn field(&mut self, field: &Field) -> Result<StructFieldTypeNode> {
        let name = field.ident.as_ref().context("a field without a name")?;
        let node = self
            .node(&field.ty)
            .with_context(|| format!("field {name}"))?;
        let default = self.default(&node)?;
        let mut node = StructFieldTypeNode::new(name.to_string(), node);
        node.docs = docs(&field.attrs).into();
        if let Some(value) = default {
            node.default_value_strategy = Some(DefaultValueStrategy::Optional);
            *node.default_value = Some(value);
        }
        Ok(node)
    }

    /// What a value is if a client leaves it out. `Option`s have such a value, and so have structs
    /// of nothing else.
    pub fn default(&mut self, node: &TypeNode) -> Result<Option<ValueNode>> {
        match node {
            TypeNode::Option(_) => Ok(Some(NoneValueNode::new().into())),
            TypeNode::Link(link) => {
                let Some(item) = self.find_linked_struct(&link.name) else {
                    return Ok(None);
                };
                let fields = self.fields(&item.fields)?;
                let values = fields
                    .into_iter()
                    .map(|field| {
                        Some(StructFieldValueNode::new(
                            field.name,
                            (*field.default_value)?,
                        ))
                    })
                    .collect::<Option<Vec<_>>>();
                Ok(values.map(|values| StructValueNode::new(values).into()))
            }
            _ => Ok(None),
        }
    }

    fn find_linked_struct(&self, link: &str) -> Option<&'a syn::ItemStruct> {
        self.linked
            .iter()
            .find(|name| *DefinedTypeLinkNode::new(name.as_str()).name == *link)
            .and_then(|name| self.source.find_struct(name))
    }

    /// Every type that was linked to, and those that these link to.
    pub fn defined_types(&mut self) -> Result<Vec<DefinedTypeNode>> {
        let mut done = BTreeMap::new();
        while let Some(name) = self.linked.iter().find(|name| !done.contains_key(*name)) {
            let name = name.clone();
            let node = self
                .defined_type(&name)
                .with_context(|| format!("type {name}"))?;
            done.insert(name, node);
        }
        Ok(done.into_values().collect())
    }

    fn defined_type(&mut self, name: &str) -> Result<DefinedTypeNode> {
        let source = self.source;
        let (attributes, node): (_, TypeNode) = match source.find_enum(name) {
            Some(item) => (&item.attrs, enum_node(item)?.into()),
            None => {
                let item = source.require_struct(name)?;
                let fields = self.fields(&item.fields)?;
                (&item.attrs, StructTypeNode::new(fields).into())
            }
        };
        let mut node = DefinedTypeNode::new(name, node);
        node.docs = docs(attributes).into();
        if let Some(item) = source.find_enum(name) {
            node.docs.extend(variant_docs(item)?);
        }
        Ok(node)
    }

    /// The length of an encoding in bytes, if it is always the same.
    pub fn size(&mut self, node: &TypeNode) -> Result<Option<u64>> {
        Ok(match node {
            TypeNode::Boolean(_) => Some(1),
            TypeNode::Number(number) => Some(number_size(number.format)?),
            TypeNode::PublicKey(_) => Some(32),
            TypeNode::FixedSize(fixed) => Some(fixed.size as u64),
            TypeNode::Array(array) => match (*array.count.clone(), self.size(&array.item)?) {
                (CountNode::Fixed(count), Some(size)) => Some(count.value * size),
                _ => None,
            },
            TypeNode::Link(link) => match self.find_linked_struct(&link.name) {
                Some(item) => {
                    let fields = self.fields(&item.fields)?;
                    self.struct_size(&fields)?
                }
                None => Some(1),
            },
            _ => None,
        })
    }

    pub fn struct_size(&mut self, fields: &[StructFieldTypeNode]) -> Result<Option<u64>> {
        fields.iter().try_fold(Some(0), |sum, field| {
            let size = self.size(&field.r#type)?;
            Ok(sum.zip(size).map(|(sum, size)| sum + size))
        })
    }
}

/// UTF-8 after its length in bytes.
pub fn prefixed_text(length: NumberFormat) -> SizePrefixTypeNode<TypeNode> {
    SizePrefixTypeNode::new(StringTypeNode::utf8(), NumberTypeNode::le(length))
}

fn number_size(format: NumberFormat) -> Result<u64> {
    use NumberFormat::*;
    Ok(match format {
        U8 | I8 => 1,
        U16 | I16 => 2,
        U32 | I32 | F32 => 4,
        U64 | I64 | F64 => 8,
        U128 | I128 => 16,
        _ => bail!("a number whose size varies"),
    })
}

/// A fieldless enum of one byte. Renderers take a variant's position for its number, so it must be.
fn enum_node(item: &syn::ItemEnum) -> Result<EnumTypeNode> {
    let mut variants = Vec::new();
    for (position, variant) in item.variants.iter().enumerate() {
        let name = variant.ident.to_string();
        ensure!(variant.fields.is_empty(), "variant {name} has fields");
        ensure!(
            usize::from(discriminant(variant)?) == position,
            "variant {name} is not numbered by its position"
        );
        variants.push(EnumEmptyVariantTypeNode::new(name).into());
    }
    Ok(EnumTypeNode::new(variants))
}

/// Codama's variants carry no docs, so the type's say what each means.
fn variant_docs(item: &syn::ItemEnum) -> Result<Vec<String>> {
    item.variants
        .iter()
        .map(|variant| {
            let (number, name) = (discriminant(variant)?, &variant.ident);
            let meaning = docs(&variant.attrs).join(" ");
            Ok(format!("{number} {name}: {meaning}"))
        })
        .collect()
}

fn only_field(item: &syn::ItemStruct) -> Option<&Field> {
    match &item.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => fields.unnamed.first(),
        _ => None,
    }
}

fn argument(segment: &PathSegment) -> Result<&GenericArgument> {
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) if arguments.args.len() == 1 => arguments
            .args
            .first()
            .with_context(|| format!("{} without an argument", segment.ident)),
        _ => bail!("{} takes one argument", segment.ident),
    }
}

fn type_argument(segment: &PathSegment) -> Result<&Type> {
    match argument(segment)? {
        GenericArgument::Type(ty) => Ok(ty),
        _ => bail!("{} takes a type", segment.ident),
    }
}

fn length_argument(segment: &PathSegment) -> Result<&syn::Expr> {
    match argument(segment)? {
        GenericArgument::Const(length) => Ok(length),
        _ => bail!("{} takes a length", segment.ident),
    }
}
