//! What the program logs of each accepted mutation.

use {
    crate::{
        source::docs,
        types::{prefixed_text, Types},
    },
    anyhow::{ensure, Context, Result},
    codama_nodes::{DefinedTypeLinkNode, DefinedTypeNode, EventNode, StructTypeNode, U8},
    ebb_sdk::{
        event::{Event, EventKind},
        Role,
    },
};

/// The event's type, as it is logged: the reason ends it, and what pads it in memory is left out, and so is the
/// detail, a field of its own that some kinds log after it.
pub fn defined_type(types: &mut Types) -> Result<DefinedTypeNode> {
    let item = types.source.require_struct("Event")?;
    let mut fields = types.fields(&item.fields)?;
    let detail = fields.pop().context("an event without a detail")?;
    ensure!(*detail.name == "detail", "an event's detail comes last");
    let padding = fields.pop().context("an event without fields")?;
    ensure!(*padding.name == "padding", "an event ends in its padding");
    let mut reason = fields.pop().context("an event without a reason")?;
    ensure!(*reason.name == "reason", "an event's reason comes last");

    let logged = Event::new(
        EventKind::Initialized,
        &Default::default(),
        &Default::default(),
        Role::None,
    );
    let fixed = types.struct_size(&fields)?.map(|size| size + 1);
    ensure!(
        fixed == Some(logged.as_bytes().len() as u64),
        "an event without a reason has {fixed:?} bytes by its fields"
    );

    *reason.r#type = prefixed_text(U8).into();
    fields.push(reason);
    let mut node = DefinedTypeNode::new("Event", StructTypeNode::new(fields));
    node.docs = vec![docs(&item.attrs)
        .into_iter()
        .next()
        .context("an event without docs")?]
    .into();
    Ok(node)
}

pub fn event(types: &Types) -> Result<EventNode> {
    let item = types.source.require_struct("Event")?;
    let mut node = EventNode::new("Event", DefinedTypeLinkNode::new("Event"));
    node.docs = docs(&item.attrs)
        .into_iter()
        .take(1)
        .collect::<Vec<_>>()
        .into();
    Ok(node)
}
