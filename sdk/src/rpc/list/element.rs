//! The pieces of an answer, as JSON gives them.

use {
    crate::rpc::Failure,
    base64::{prelude::BASE64_STANDARD, Engine},
    serde::Deserialize,
    solana_program::pubkey::Pubkey,
    solana_sdk::account::Account,
    std::borrow::Cow,
};

/// The encoding that accounts are asked for in.
const ENCODING: &str = "base64";

/// An account of a list.
#[derive(Deserialize)]
pub struct Element<'a> {
    #[serde(borrow)]
    pub pubkey: Cow<'a, str>,
    #[serde(borrow)]
    account: Encoded<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Encoded<'a> {
    lamports: u64,
    #[serde(borrow)]
    data: Data<'a>,
    #[serde(borrow)]
    owner: Cow<'a, str>,
    executable: bool,
    rent_epoch: u64,
}

/// The data and how they are encoded.
#[derive(Deserialize)]
struct Data<'a>(#[serde(borrow)] Cow<'a, str>, #[serde(borrow)] Cow<'a, str>);

impl Element<'_> {
    /// Its address and what is there; `None` if they cannot be read.
    pub fn account(&self) -> Option<(Pubkey, Account)> {
        let Data(data, encoding) = &self.account.data;
        if encoding != ENCODING {
            return None;
        }
        let account = Account {
            lamports: self.account.lamports,
            data: BASE64_STANDARD.decode(data.as_bytes()).ok()?,
            owner: self.account.owner.parse().ok()?,
            executable: self.account.executable,
            rent_epoch: self.account.rent_epoch,
        };
        Some((self.pubkey.parse().ok()?, account))
    }
}

/// An answer whose elements are cut out.
#[derive(Deserialize)]
pub struct Envelope {
    result: Option<Vec<()>>,
    error: Option<NodeError>,
}

#[derive(Deserialize)]
struct NodeError {
    code: i64,
    message: String,
}

impl Envelope {
    /// Whether it held a list.
    pub fn check(self) -> Result<(), Failure> {
        match self {
            Self {
                error: Some(NodeError { code, message }),
                ..
            } => Err(Failure::Answered { code, message }),
            Self {
                result: Some(_), ..
            } => Ok(()),
            Self { .. } => Err(Failure::NoAnswer("the answer has no result".into())),
        }
    }
}
