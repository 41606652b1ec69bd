//! The program as a whole.

use {
    crate::{
        account, event, instruction, pda,
        source::{docs, Source},
        types::Types,
    },
    anyhow::{Context, Result},
    codama_nodes::{
        ConstantNode, ErrorNode, NumberTypeNode, NumberValueNode, ProgramNode, RootNode, U32,
    },
    ebb_sdk::{event::EVENT_VERSION, state::*, value::*, EbbError, ID},
};

const DOCS: [&str; 3] = [
    "Takes network devices out of service without cutting anyone off.",
    "The address is the development id. The program works at any address.",
    "A credential is the account that gives the signer its role: the device's contributor (roles \
     contributor and operator) or the registry (roles authority and health oracle).",
];

pub fn root(source: &Source) -> Result<RootNode> {
    let mut types = Types::new(source);
    let mut program = ProgramNode::new("ebb_device_registry", ID.to_string());
    program.version = env!("CARGO_PKG_VERSION").to_owned();
    program.docs = DOCS.map(str::to_owned).to_vec().into();
    program.pdas = pda::all()
        .iter()
        .map(|pda| pda.node(source))
        .collect::<Result<_>>()?;
    program.accounts = account::all(&mut types).context("accounts")?;
    program.instructions = instruction::all(&mut types).context("instructions")?;
    program.events = vec![event::event(&types)?];
    let event = event::defined_type(&mut types)?;
    program.defined_types = types.defined_types()?;
    program.defined_types.push(event);
    program.defined_types.sort_by(|a, b| a.name.cmp(&b.name));
    program.errors = EbbError::ALL
        .iter()
        .map(|error| error_node(*error))
        .collect();
    program.constants = constants(source)?;
    Ok(RootNode::new(program))
}

fn error_node(error: EbbError) -> ErrorNode {
    let mut node = ErrorNode::new(error.name(), error.number(), error.to_string());
    node.docs = vec![format!("{}: {error}", error.name())].into();
    node
}

macro_rules! constants {
    ($source:ident: $($name:ident)*) => {
        vec![$(constant($source, stringify!($name), u32::try_from($name)?)?,)*]
    };
}

fn constants(source: &Source) -> Result<Vec<ConstantNode>> {
    Ok(constants! { source:
        ACCOUNT_VERSION
        EVENT_VERSION
        MAX_AGENT_HOLDS
        MAX_AUTHORITY_HOLDS
        MAX_CODE_LEN
        MAX_DISK_KEYS
        MAX_DURATION_SECONDS
        MAX_HOLDS
        MAX_HOLD_SECONDS
        MAX_NAME_LEN
        MAX_PATH_LEN
        MIN_DEADLINE_SECONDS
        MIN_DEAD_SECONDS
    })
}

fn constant(source: &Source, name: &str, value: u32) -> Result<ConstantNode> {
    let mut node = ConstantNode::new(
        name.to_lowercase(),
        NumberTypeNode::le(U32),
        NumberValueNode::new(value),
    );
    node.docs = docs(&source.require_constant(name)?.attrs).into();
    Ok(node)
}
