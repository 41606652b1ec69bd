//! What an RPC error says about the request that it answers.

use {
    crate::ledger::node_behind,
    solana_client::{
        client_error::{reqwest, ClientError, ClientErrorKind},
        rpc_custom_error as code,
        rpc_request::{RpcError, RpcResponseErrorData},
    },
    solana_sdk::transaction::TransactionError,
    std::{error::Error, io, time::Duration},
};

/// JSON RPC's own codes for requests that are malformed.
const MALFORMED: std::ops::RangeInclusive<i64> = -32602..=-32600;

/// An RPC error.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The node ran the transaction, for preflight, and does not forward it.
    #[error("{error}")]
    Rejected {
        error: TransactionError,
        logs: Vec<String>,
    },
    /// The request cannot have had an effect.
    #[error("{0}")]
    NotSent(String),
    /// As [`Failure::NotSent`], because the proxy in front of the node could not be reached.
    #[error("{reason}")]
    NoProxy { proxy: String, reason: String },
    /// The request may have had its effect.
    #[error("{0}")]
    NoAnswer(String),
    /// As [`Failure::NoAnswer`], because a connection or gateway broke; the next request may pass.
    #[error("{0}")]
    Broken(String),
    /// The node answered with an error.
    #[error("{message} ({code})")]
    Answered { code: i64, message: String },
    /// The node refuses to serve this client: HTTP 401 or 403.
    #[error("{0}")]
    Denied(String),
    /// The node asks to come back later: HTTP 429.
    #[error("429 Too Many Requests")]
    TooSoon { pause: Option<Duration> },
    /// The node is at `slot`, as far as it says, and knows less than was `seen`.
    #[error("{}", node_behind(*.slot, *.seen))]
    Behind { slot: Option<u64>, seen: u64 },
}

/// The client's own error type has no place for a [`Failure`] but in an I/O error.
impl From<Failure> for ClientError {
    fn from(failure: Failure) -> Self {
        ClientErrorKind::Io(io::Error::other(failure)).into()
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        match *error.kind {
            ClientErrorKind::RpcError(RpcError::RpcResponseError {
                code,
                message,
                data,
            }) => match data {
                RpcResponseErrorData::SendTransactionPreflightFailure(run) => match run.err {
                    Some(error) => Self::Rejected {
                        error: error.into(),
                        logs: run.logs.unwrap_or_default(),
                    },
                    None => Self::Answered { code, message },
                },
                _ => Self::Answered { code, message },
            },
            ClientErrorKind::TransactionError(error) => Self::Rejected {
                error,
                logs: Vec::new(),
            },
            ClientErrorKind::Reqwest(error) => Self::http(error),
            ClientErrorKind::Io(error) => match error.downcast::<Self>() {
                Ok(failure) => failure,
                Err(error) => Self::NoAnswer(error.to_string()),
            },
            error => Self::NoAnswer(error.to_string()),
        }
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self::http(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::NoAnswer(format!("the answer cannot be read: {error}"))
    }
}

impl Failure {
    fn http(error: reqwest::Error) -> Self {
        let is_sent = !(error.is_connect() || error.is_builder());
        let is_timeout = error.is_timeout();
        // The URL may hold secrets.
        let reason = with_causes(&error.without_url());
        match (is_sent, is_timeout) {
            (false, _) => Self::NotSent(reason),
            (true, false) => Self::Broken(reason),
            (true, true) => Self::NoAnswer(reason),
        }
    }

    /// Whether a node that answered `sendTransaction` so will answer so for ever, and did not
    /// forward the transaction.
    pub fn is_final(&self) -> bool {
        match self {
            // The node is behind the one that gave the blockhash, or knows the transaction.
            Self::Rejected { error, .. } => !matches!(
                error,
                TransactionError::BlockhashNotFound | TransactionError::AlreadyProcessed
            ),
            Self::Answered { code, .. } => {
                MALFORMED.contains(code)
                    || matches!(
                    *code,
                    code::JSON_RPC_SERVER_ERROR_TRANSACTION_SIGNATURE_VERIFICATION_FAILURE
                        | code::JSON_RPC_SERVER_ERROR_TRANSACTION_PRECOMPILE_VERIFICATION_FAILURE
                        | code::JSON_RPC_SERVER_ERROR_TRANSACTION_SIGNATURE_LEN_MISMATCH
                        | code::JSON_RPC_SERVER_ERROR_UNSUPPORTED_TRANSACTION_VERSION
                )
            }
            Self::Denied(_) => true,
            _ => false,
        }
    }

    /// Whether the request certainly had no effect, although the next one like it may.
    pub fn had_no_effect(&self) -> bool {
        match self {
            Self::NotSent(_)
            | Self::NoProxy { .. }
            | Self::Denied(_)
            | Self::TooSoon { .. }
            | Self::Behind { .. } => true,
            Self::Rejected { error, .. } => *error == TransactionError::BlockhashNotFound,
            Self::Answered { code, .. } => *code == code::JSON_RPC_SERVER_ERROR_NODE_UNHEALTHY,
            Self::NoAnswer(_) | Self::Broken(_) => false,
        }
    }

    /// Whether the node keeps no history to search.
    pub fn is_without_history(&self) -> bool {
        matches!(
            self,
            Self::Answered {
                code: code::JSON_RPC_SERVER_ERROR_TRANSACTION_HISTORY_NOT_AVAILABLE,
                ..
            }
        )
    }

    /// Whether the cluster did not answer.
    pub fn is_unanswered(&self) -> bool {
        matches!(
            self,
            Self::NotSent(_)
                | Self::NoProxy { .. }
                | Self::NoAnswer(_)
                | Self::Broken(_)
                | Self::TooSoon { .. }
        )
    }
}

/// The error and what caused it, as in "error sending request: … : Connection refused".
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let reason = error.to_string();
        if !text.ends_with(&reason) {
            text = format!("{text}: {reason}");
        }
        cause = error.source();
    }
    text
}
