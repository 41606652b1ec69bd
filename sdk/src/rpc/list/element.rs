//! The pieces of an answer, as JSON gives them.
//!
//! This module depends on nothing else of this crate: it turns JSON into typed pieces or a typed error.

use {
    base64::{prelude::BASE64_STANDARD, Engine},
    serde::Deserialize,
    solana_account::Account,
    solana_program::pubkey::Pubkey,
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

/// The slot that a list is of.
#[derive(Deserialize)]
pub struct Context {
    pub slot: u64,
}

/// An answer whose elements are cut out; `E` is the error that a node may answer with instead.
#[derive(Deserialize)]
pub struct Envelope<E> {
    result: Option<ListResult>,
    error: Option<E>,
}

/// Why an answer has no list.
#[derive(Debug)]
pub enum NoList<E> {
    /// The node answered with an error.
    Error(E),
    /// The node answered with neither a result nor an error.
    NoResult,
}

#[derive(Deserialize)]
struct ListResult {
    context: Context,
    // Each stands for an element that was cut out.
    #[serde(rename = "value")]
    _elements: Vec<()>,
}

impl<E> Envelope<E> {
    /// The slot of the list that it held.
    pub fn slot(self) -> Result<u64, NoList<E>> {
        match (self.error, self.result) {
            (Some(error), _) => Err(NoList::Error(error)),
            (None, Some(found)) => Ok(found.context.slot),
            (None, None) => Err(NoList::NoResult),
        }
    }
}

/// A list that came in whole.
#[derive(Deserialize)]
pub struct Whole<'a> {
    pub context: Context,
    #[serde(borrow)]
    pub value: Vec<Element<'a>>,
}
