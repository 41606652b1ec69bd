//! The addresses of accounts. The nodes are tried: with sample seeds, each derives the same address as the SDK.

use {
    crate::source::{docs, Source},
    anyhow::{ensure, Result},
    codama_nodes::{
        BytesTypeNode, ConstantPdaSeedNode, FixedSizeTypeNode, PdaNode, PdaSeedNode,
        PublicKeyTypeNode, StringTypeNode, StringValueNode, TypeNode, VariablePdaSeedNode,
    },
    ebb_sdk::{pda, ID},
    solana_program::{hash::hash, pubkey::Pubkey},
    solana_sdk_ids::bpf_loader_upgradeable,
};

/// The code of every sample account.
pub const CODE: &str = "sample-code";
/// The path of every sample disk key.
pub const PATH: &str = "/dev/sample";

/// A sample address that says its own name.
pub fn key(name: &str) -> Pubkey {
    let mut bytes = [0; 32];
    for (place, byte) in bytes.iter_mut().zip(name.bytes()) {
        *place = byte;
    }
    Pubkey::new_from_array(bytes)
}

/// The name that a sample address says.
pub fn name_of(key: &Pubkey) -> Option<String> {
    let bytes = key.to_bytes();
    let end = bytes.iter().position(|byte| *byte == 0)?;
    let name = core::str::from_utf8(bytes.get(..end)?).ok()?;
    name.bytes()
        .all(|byte| byte.is_ascii_alphabetic())
        .then(|| name.to_owned())
}

/// A seed that differs from account to account.
pub struct Seed {
    pub name: &'static str,
    node: TypeNode,
    sample: Vec<u8>,
}

impl Seed {
    fn key(name: &'static str) -> Self {
        Self {
            name,
            node: PublicKeyTypeNode::new().into(),
            sample: key(name).to_bytes().to_vec(),
        }
    }

    fn text(name: &'static str, sample: &str) -> Self {
        Self {
            name,
            node: StringTypeNode::utf8().into(),
            sample: sample.into(),
        }
    }

    fn digest(name: &'static str, sample: &str) -> Self {
        let digest = hash(sample.as_bytes()).to_bytes();
        Self {
            name,
            node: FixedSizeTypeNode::<TypeNode>::new(BytesTypeNode::new(), digest.len()).into(),
            sample: digest.to_vec(),
        }
    }
}

pub struct Pda {
    /// The function in [`ebb_sdk::pda`] that derives it.
    pub name: &'static str,
    /// The sample's address, as that function derives it.
    pub address: Pubkey,
    /// The deriving program, if it is not this one.
    program: Option<Pubkey>,
    prefix: Option<&'static [u8]>,
    pub seeds: Vec<Seed>,
}

impl Pda {
    fn new(
        name: &'static str,
        (address, _bump): (Pubkey, u8),
        prefix: &'static [u8],
        seeds: Vec<Seed>,
    ) -> Self {
        Self {
            name,
            address,
            program: None,
            prefix: Some(prefix),
            seeds,
        }
    }

    pub fn node(&self, source: &Source) -> Result<PdaNode> {
        let seeds = self
            .prefix
            .into_iter()
            .chain(self.seeds.iter().map(|seed| &*seed.sample));
        let program = self.program.unwrap_or(ID);
        let derived = Pubkey::find_program_address(&seeds.collect::<Vec<_>>(), &program).0;
        ensure!(
            derived == self.address,
            "the SDK derives `{}` from other seeds",
            self.name
        );

        let mut node = PdaNode::new(self.name, Vec::new());
        node.docs = docs(&source.require_function(self.name)?.attrs).into();
        node.program_id = self.program.map(|program| program.to_string());
        if let Some(prefix) = self.prefix {
            let text = core::str::from_utf8(prefix)?;
            let seed = ConstantPdaSeedNode::new(StringTypeNode::utf8(), StringValueNode::new(text));
            node.seeds.push(seed.into());
        }
        node.seeds.extend(
            self.seeds.iter().map(|seed| {
                PdaSeedNode::from(VariablePdaSeedNode::new(seed.name, seed.node.clone()))
            }),
        );
        Ok(node)
    }
}

/// Every PDA, each with a sample.
pub fn all() -> Vec<Pda> {
    let (device, user) = (key("device"), key("user"));
    vec![
        Pda::new("registry", pda::registry(&ID), pda::REGISTRY_SEED, vec![]),
        Pda::new(
            "contributor",
            pda::contributor(&ID, CODE),
            pda::CONTRIBUTOR_SEED,
            vec![Seed::text("code", CODE)],
        ),
        Pda::new(
            "location",
            pda::location(&ID, CODE),
            pda::LOCATION_SEED,
            vec![Seed::text("code", CODE)],
        ),
        Pda::new(
            "device",
            pda::device(&ID, CODE),
            pda::DEVICE_SEED,
            vec![Seed::text("code", CODE)],
        ),
        Pda::new(
            "session",
            pda::session(&ID, &device, &user),
            pda::SESSION_SEED,
            vec![Seed::key("device"), Seed::key("user")],
        ),
        Pda::new(
            "disk_key",
            pda::disk_key(&ID, &device, PATH),
            pda::DISK_KEY_SEED,
            vec![Seed::key("device"), Seed::digest("path_hash", PATH)],
        ),
        Pda {
            name: "program_data",
            address: pda::program_data(&ID),
            program: Some(bpf_loader_upgradeable::ID),
            prefix: None,
            seeds: vec![Seed {
                sample: ID.to_bytes().to_vec(),
                ..Seed::key("program")
            }],
        },
    ]
}
