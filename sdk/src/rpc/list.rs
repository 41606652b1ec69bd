//! Lists of a program's accounts, read as they come.
//!
//! A list may have tens of thousands of accounts. Each is handed over as soon as its last byte has come, and neither the
//! answer nor its JSON is ever held whole.

mod cutter;
mod element;
#[cfg(test)]
mod tests;

use {
    super::{
        transport::{at_floor, require_slot, Http, NodeError, Retry},
        Failure, RpcLedger,
    },
    crate::ledger::{Filter, LedgerError, RequestOutcome, Visit},
    base64::{prelude::BASE64_STANDARD, Engine},
    cutter::{Cutter, Piece},
    element::{Context, Element, Envelope, NoList, Whole},
    serde::Deserialize,
    serde_json::{json, Value},
    solana_client::{
        rpc_config::RpcProgramAccountsConfig,
        rpc_filter::{Memcmp, MemcmpEncodedBytes, RpcFilterType},
        rpc_request::{RpcRequest, MAX_GET_PROGRAM_ACCOUNT_FILTERS},
    },
    solana_program::pubkey::Pubkey,
    std::time::Duration,
};

const REQUEST: RpcRequest = RpcRequest::GetProgramAccounts;
/// How long a list may on_element from a node that goes on sending: tens of megabytes need more than other answers.
const LONGEST: Duration = Duration::from_secs(600);

/// Is called with each account of a list as it comes.
type OnElement<'a> = dyn FnMut(Element<'_>) -> Result<(), LedgerError> + Send + 'a;

/// Why a list is not whole.
enum Incomplete {
    /// No account was handed over yet: it may be asked for again.
    NotBegun(Failure),
    /// It is over.
    Ended(LedgerError),
}

impl From<&Incomplete> for RequestOutcome {
    fn from(incomplete: &Incomplete) -> Self {
        match incomplete {
            Incomplete::NotBegun(failure) => failure.into(),
            Incomplete::Ended(error) => error.into(),
        }
    }
}

impl RpcLedger {
    /// See [`Ledger::visit_program_accounts`](crate::ledger::Ledger::visit_program_accounts).
    pub(super) async fn list(
        &self,
        program_id: &Pubkey,
        filters: &[Filter],
        visit: &mut Visit<'_>,
    ) -> Result<u64, LedgerError> {
        let params = self.list_params(program_id, filters);
        let mut on_element = |element: Element<'_>| {
            let (address, account) = element.account().ok_or_else(|| {
                let address = element.pubkey;
                LedgerError::Other(format!("{} sent an unreadable account {address}", self.url))
            })?;
            if filters.iter().all(|filter| filter.matches(&account.data)) {
                visit(address, account);
            }
            Ok(())
        };
        let Some(http) = self.transport.as_http() else {
            return self.fetch(params, &mut on_element).await;
        };
        let mut retry = Retry::new(REQUEST);
        loop {
            let streamed = self.stream(http, params.clone(), &mut on_element).await;
            let outcome = streamed.as_ref().err().map(RequestOutcome::from);
            let outcome = outcome.unwrap_or(RequestOutcome::Ok);
            self.transport.meter.count(REQUEST, outcome);
            let failure = match streamed {
                Ok(slot) => return Ok(slot),
                Err(Incomplete::Ended(error)) => return Err(error),
                Err(Incomplete::NotBegun(failure)) => failure,
            };
            self.answered(self.transport.wait(&mut retry, failure).await)?;
        }
    }

    fn list_params(&self, program_id: &Pubkey, filters: &[Filter]) -> Value {
        // Nodes on_element a few filters only. Fewer of them let more accounts through, never less.
        let asked = filters.iter().take(MAX_GET_PROGRAM_ACCOUNT_FILTERS);
        let config = RpcProgramAccountsConfig {
            filters: Some(asked.map(memcmp).collect()),
            account_config: self.account_config(),
            with_context: Some(true),
            ..RpcProgramAccountsConfig::default()
        };
        json!([program_id.to_string(), config])
    }

    /// Reads a list as it comes, and returns its slot, which a node names before the first account.
    async fn stream(
        &self,
        http: &Http,
        mut params: Value,
        on_element: &mut OnElement<'_>,
    ) -> Result<u64, Incomplete> {
        let transport = &self.transport;
        let floor = transport.floor_for(REQUEST, &params);
        require_slot(&mut params, floor);
        let believe = |slot| match floor {
            Some(floor) => transport.believe(REQUEST, &params, slot, floor),
            None => Ok(()),
        };
        let mut has_begun = false;
        let incomplete = |failure: Failure, has_begun| {
            if has_begun {
                Incomplete::Ended(self.unanswered(failure))
            } else {
                Incomplete::NotBegun(at_floor(failure, floor))
            }
        };
        let opened = http.open(REQUEST, params.clone(), LONGEST).await;
        let mut response = opened.map_err(|failure| incomplete(failure, false))?;
        let mut cutter = Cutter::default();
        loop {
            let chunk = response.chunk().await;
            let Some(chunk) = chunk.map_err(|error| incomplete(error.into(), has_begun))? else {
                break;
            };
            cutter.take(&chunk, |piece| match piece {
                Piece::Context(context) => match serde_json::from_slice(context) {
                    Ok(Context { slot }) => {
                        believe(slot).map_err(|failure| incomplete(failure, has_begun))
                    }
                    // An error's, which the envelope holds too.
                    Err(_) => Ok(()),
                },
                Piece::Element(element) => {
                    has_begun = true;
                    let element = self.answered(serde_json::from_slice(element));
                    element
                        .and_then(&mut *on_element)
                        .map_err(Incomplete::Ended)
                }
            })?;
        }
        slot_of(&cutter.envelope())
            .and_then(|slot| believe(slot).map(|()| slot))
            .map_err(|failure| incomplete(failure, has_begun))
    }

    /// Reads a list that comes in whole, and returns its slot.
    async fn fetch(
        &self,
        params: Value,
        on_element: &mut OnElement<'_>,
    ) -> Result<u64, LedgerError> {
        let answer = self.answered(self.transport.ask(REQUEST, params).await)?;
        let list = self.answered(Whole::deserialize(&answer))?;
        list.value.into_iter().try_for_each(on_element)?;
        Ok(list.context.slot)
    }

    /// What came of a request that is no transaction.
    pub(super) fn answered<T>(
        &self,
        answer: Result<T, impl Into<Failure>>,
    ) -> Result<T, LedgerError> {
        answer.map_err(|error| self.unanswered(error))
    }
}

/// The slot of the list whose elements were cut out of this answer.
fn slot_of(envelope: &[u8]) -> Result<u64, Failure> {
    let envelope: Envelope<NodeError> = serde_json::from_slice(envelope)?;
    envelope.slot().map_err(|no_list| match no_list {
        NoList::Error(error) => error.into(),
        NoList::NoResult => Failure::NoAnswer("the answer has no result".into()),
    })
}

fn memcmp(filter: &Filter) -> RpcFilterType {
    let bytes = BASE64_STANDARD.encode(&filter.bytes);
    RpcFilterType::Memcmp(Memcmp::new(
        filter.offset,
        MemcmpEncodedBytes::Base64(bytes),
    ))
}
