//! JSON documents, and the fields that people read in their place.

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        terminal::{self, json, Field, Output},
    },
    serde::Serialize,
};

/// The version of every JSON document's shape.
pub const SCHEMA_VERSION: u32 = 1;

/// A JSON document with its `schema_version` first.
#[derive(Serialize)]
pub struct Versioned<'a, T: Serialize> {
    schema_version: u32,
    #[serde(flatten)]
    body: &'a T,
}

impl<'a, T: Serialize> Versioned<'a, T> {
    /// A document of the present version.
    pub fn new(body: &'a T) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            body,
        }
    }
}

/// Writes one JSON document with its `schema_version` first.
pub fn versioned(output: Output, body: &impl Serialize) -> Result<(), CliError> {
    json(output, &Versioned::new(body))
}

/// Writes one document: `body` for scripts, `fields` for people.
pub fn document(
    context: &Context,
    body: &impl Serialize,
    fields: &[Field],
) -> Result<Exit, CliError> {
    if context.output.is_json() {
        versioned(context.output, body)?;
        return Ok(Exit::DONE);
    }
    terminal::fields(fields, context.terminal)?;
    Ok(Exit::DONE)
}
