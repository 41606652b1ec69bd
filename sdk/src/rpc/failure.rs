//! What an RPC error says about the request that it answers.

use {
    solana_client::{
        client_error::{reqwest, ClientError, ClientErrorKind},
        rpc_custom_error as code,
        rpc_request::{RpcError, RpcResponseErrorData},
    },
    solana_sdk::transaction::TransactionError,
    std::error::Error,
};

/// JSON RPC's own codes for requests that are malformed.
const MALFORMED: std::ops::RangeInclusive<i64> = -32602..=-32600;

/// An RPC error.
#[derive(Debug)]
pub(super) enum Failure {
    /// The node ran the transaction, for preflight, and does not forward it.
    Rejected {
        error: TransactionError,
        logs: Vec<String>,
    },
    /// The request cannot have had an effect.
    NotSent(String),
    /// The request may have had its effect.
    NoAnswer(String),
    /// The node answered with an error.
    Answered { code: i64, message: String },
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
        let refused = error.is_connect()
            || error.is_builder()
            || error
                .status()
                .is_some_and(|status| status.is_client_error());
        // The URL may hold secrets.
        let reason = with_causes(&error.without_url());
        match refused {
            true => Self::NotSent(reason),
            false => Self::NoAnswer(reason),
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
            Self::NotSent(_) | Self::NoAnswer(_) => false,
        }
    }

    /// Whether the request certainly had no effect, although the next one like it may.
    pub fn had_no_effect(&self) -> bool {
        match self {
            Self::NotSent(_) => true,
            Self::Rejected { error, .. } => *error == TransactionError::BlockhashNotFound,
            Self::Answered { code, .. } => {
                self.is_behind() || *code == code::JSON_RPC_SERVER_ERROR_NODE_UNHEALTHY
            }
            Self::NoAnswer(_) => false,
        }
    }

    /// Whether the node knows less than the client saw, as one that has just started.
    pub fn is_behind(&self) -> bool {
        matches!(
            self,
            Self::Answered {
                code: code::JSON_RPC_SERVER_ERROR_MIN_CONTEXT_SLOT_NOT_REACHED,
                ..
            }
        )
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
    pub fn is_silence(&self) -> bool {
        matches!(self, Self::NotSent(_) | Self::NoAnswer(_))
    }

    /// In words.
    pub fn reason(self) -> String {
        match self {
            Self::NotSent(reason) | Self::NoAnswer(reason) => reason,
            Self::Rejected { error, .. } => error.to_string(),
            Self::Answered { code, message } => format!("{message} ({code})"),
        }
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
