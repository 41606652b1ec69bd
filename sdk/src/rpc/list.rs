//! Lists of a program's accounts, read as they come.
//!
//! A list may have tens of thousands of accounts. Each is handed over as soon as its last byte has come, and neither the
//! answer nor its JSON is ever held whole.

mod cutter;
mod element;
#[cfg(test)]
mod tests;

use {
    super::{Failure, RpcLedger},
    crate::ledger::{Filter, LedgerError, Visit},
    base64::{prelude::BASE64_STANDARD, Engine},
    cutter::Cutter,
    element::{Element, Envelope},
    serde::Deserialize,
    serde_json::{json, Value},
    solana_client::{
        client_error::reqwest::{
            header::{CONTENT_TYPE, RETRY_AFTER},
            Client, Response, StatusCode,
        },
        rpc_config::RpcProgramAccountsConfig,
        rpc_filter::{Memcmp, MemcmpEncodedBytes, RpcFilterType},
        rpc_request::{RpcRequest, MAX_GET_PROGRAM_ACCOUNT_FILTERS},
    },
    solana_program::pubkey::Pubkey,
    std::time::Duration,
    tokio::time::sleep,
};

/// How long a list may take from a node that goes on sending: tens of megabytes need more than other answers.
const LONGEST: Duration = Duration::from_secs(600);
/// How often a request is repeated that came too soon after others, as Solana's own client does.
const TOO_SOON_RETRIES: u32 = 5;
/// How long to wait before that if the node does not say.
const TOO_SOON_PAUSE: Duration = Duration::from_millis(500);
/// The longest that a node may make it wait.
const LONGEST_TOO_SOON_PAUSE: Duration = Duration::from_secs(120);

impl RpcLedger {
    /// See [`Ledger::visit_program_accounts`](crate::ledger::Ledger::visit_program_accounts).
    pub(super) async fn list(
        &self,
        program_id: &Pubkey,
        filters: &[Filter],
        visit: &mut Visit<'_>,
    ) -> Result<(), LedgerError> {
        let params = self.list_params(program_id, filters);
        let mut take = |element: Element<'_>| {
            let (address, account) = element.account().ok_or_else(|| {
                let address = element.pubkey;
                LedgerError::Other(format!("{} sent an unreadable account {address}", self.url))
            })?;
            if filters.iter().all(|filter| filter.matches(&account.data)) {
                visit(address, account);
            }
            Ok(())
        };
        match &self.http {
            Some(http) => self.stream(http, params, &mut take).await,
            None => self.fetch(params, &mut take).await,
        }
    }

    fn list_params(&self, program_id: &Pubkey, filters: &[Filter]) -> Value {
        // Nodes take a few filters only. Fewer of them let more accounts through, never less.
        let asked = filters.iter().take(MAX_GET_PROGRAM_ACCOUNT_FILTERS);
        let config = RpcProgramAccountsConfig {
            filters: Some(asked.map(memcmp).collect()),
            account_config: self.account_config(),
            ..RpcProgramAccountsConfig::default()
        };
        json!([program_id.to_string(), config])
    }

    /// Reads a list as it comes.
    async fn stream(
        &self,
        http: &Client,
        params: Value,
        take: &mut (dyn FnMut(Element<'_>) -> Result<(), LedgerError> + Send),
    ) -> Result<(), LedgerError> {
        let mut response = self.post(http, params).await?;
        let mut cutter = Cutter::default();
        while let Some(chunk) = self.answered(response.chunk().await)? {
            cutter.take(&chunk, |element| {
                take(self.answered(serde_json::from_slice(element))?)
            })?;
        }
        let envelope: Envelope = self.answered(serde_json::from_slice(&cutter.envelope()))?;
        self.answered(envelope.check())
    }

    /// Reads a list through a client that answers in whole.
    async fn fetch(
        &self,
        params: Value,
        take: &mut (dyn FnMut(Element<'_>) -> Result<(), LedgerError> + Send),
    ) -> Result<(), LedgerError> {
        let answer = self.client.send(RpcRequest::GetProgramAccounts, params);
        let elements: Vec<Value> = self.answered(answer.await)?;
        for element in &elements {
            take(self.answered(Element::deserialize(element))?)?;
        }
        Ok(())
    }

    async fn post(&self, http: &Client, params: Value) -> Result<Response, LedgerError> {
        let body = RpcRequest::GetProgramAccounts.build_request_json(0, params);
        let body = body.to_string();
        let mut retries = TOO_SOON_RETRIES;
        loop {
            let request = http.post(self.client.url()).timeout(LONGEST);
            let request = request.header(CONTENT_TYPE, "application/json");
            let response = self.answered(request.body(body.clone()).send().await)?;
            if response.status() != StatusCode::TOO_MANY_REQUESTS || retries == 0 {
                return self.answered(response.error_for_status());
            }
            retries -= 1;
            sleep(too_soon_pause(&response)).await;
        }
    }

    /// What came of a request that is no transaction.
    fn answered<T>(&self, answer: Result<T, impl Into<Failure>>) -> Result<T, LedgerError> {
        answer.map_err(|error| self.unanswered(error))
    }
}

fn too_soon_pause(response: &Response) -> Duration {
    let asked = response.headers().get(RETRY_AFTER);
    asked
        .and_then(|asked| asked.to_str().ok()?.parse().ok())
        .map(Duration::from_secs)
        .filter(|pause| *pause < LONGEST_TOO_SOON_PAUSE)
        .unwrap_or(TOO_SOON_PAUSE)
}

fn memcmp(filter: &Filter) -> RpcFilterType {
    let bytes = BASE64_STANDARD.encode(&filter.bytes);
    RpcFilterType::Memcmp(Memcmp::new(
        filter.offset,
        MemcmpEncodedBytes::Base64(bytes),
    ))
}
