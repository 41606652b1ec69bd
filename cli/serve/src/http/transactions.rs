//! `transactions`: what others signed for this program, passed on.

use {
    super::{
        document::{Stamp, Stamped},
        documentation::{Problems, RelayProblems},
        gate::body_too_long,
        problem::Problem,
        state::Shared,
    },
    axum::{
        body::Bytes,
        extract::{rejection::BytesRejection, State},
        http::{header, HeaderMap, StatusCode},
        response::Response,
        Extension,
    },
    base64::{prelude::BASE64_STANDARD, Engine},
    ebb_connections::Peer,
    ebb_sdk::{
        ledger::{LedgerError, Receipt, MAX_TRANSACTION_LEN},
        EbbError,
    },
    serde::{Deserialize, Serialize},
    solana_sdk::{
        pubkey::Pubkey,
        signature::Signature,
        transaction::{TransactionError, VersionedTransaction},
    },
    std::time::{Duration, Instant},
    tokio::time::timeout,
    utoipa::ToSchema,
};

/// How long the cluster's confirmation is waited for. The transaction is seen through however long that takes.
const SEND_TIMEOUT: Duration = Duration::from_secs(60);
/// The system program's AdvanceNonceAccount, as its instructions are numbered.
const ADVANCE_NONCE: [u8; 4] = 4_u32.to_le_bytes();

/// A transaction that is signed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// Its bytes in base64, as a cluster's sendTransaction takes them.
    transaction: String,
}

/// A transaction that was accepted.
#[derive(Serialize, ToSchema)]
pub struct Accepted {
    /// Its first signature.
    signature: String,
    /// The slot that it landed in.
    landed_slot: u64,
}

/// Relay a signed transaction
///
/// Of this program's instructions, and those that set the compute budget or advance a nonce; of no others. It is sent
/// as it is, and waited for until the cluster has confirmed it. One that landed before is not sent: the answer is what
/// came of it then, so a request whose answer was lost can be made again.
#[utoipa::path(
    post, path = "/api/v1/transactions", operation_id = "relayTransaction", tag = "transactions",
    request_body = Signed,
    responses((status = 200, description = "It was accepted", body = Stamped<Accepted>), RelayProblems, Problems),
)]
pub async fn relay(
    State(shared): State<Shared>,
    Extension(Peer(address)): Extension<Peer>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    if let Err(pause) = shared.relayed.pass(address, Instant::now()) {
        shared.metrics.count_transaction("limited");
        let detail = "too many transactions come from this address";
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, detail);
        return Err(problem.retry_after(pause.as_secs() + 1));
    }
    let answer = pass_on(&shared, &headers, body).await;
    shared.metrics.count_transaction(match &answer {
        Ok(_) => "accepted",
        Err(problem) => result_of(problem.status()),
    });
    answer
}

/// Sends what may be relayed, and answers with its receipt.
async fn pass_on(
    shared: &Shared,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let transaction = read(headers, body, shared.client.program_id())?;
    // Before anything is sent, so that what is accepted is answered with its receipt.
    let view = shared.view().await?;
    let receipt = send(shared, transaction).await?;
    let accepted = Accepted {
        signature: receipt.signature.to_string(),
        landed_slot: receipt.slot,
    };
    let newest = shared.views.newest().unwrap_or(view);
    Ok(Stamp::new(&newest).respond(&accepted))
}

/// What came of a transaction that was not accepted.
fn result_of(status: StatusCode) -> &'static str {
    if status == StatusCode::GATEWAY_TIMEOUT {
        "unconfirmed"
    } else if status.is_server_error() {
        "failed"
    } else {
        "refused"
    }
}

/// Sees a transaction through, also if the client goes away.
async fn send(shared: &Shared, transaction: VersionedTransaction) -> Result<Receipt, Problem> {
    let signature = transaction.signatures.first().copied().unwrap_or_default();
    let client = shared.client.clone();
    let sending = async move { client.ledger().send_transaction(transaction).await };
    match timeout(SEND_TIMEOUT, tokio::spawn(sending)).await {
        Ok(Ok(Ok(receipt))) => Ok(receipt),
        Ok(Ok(Err(error))) => Err(refusal(error, &signature)),
        // Whatever cut the sending short, it may have been sent.
        Ok(Err(_)) | Err(_) => Err(unconfirmed(&signature)),
    }
}

/// Reads a transaction and checks that it may be relayed.
fn read(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
    program_id: &Pubkey,
) -> Result<VersionedTransaction, Problem> {
    let media_type = headers.get(header::CONTENT_TYPE);
    let media_type = media_type
        .and_then(|it| it.to_str().ok())
        .unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        let detail = "the body is JSON, as Content-Type: application/json says";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => body_too_long(),
        _ => Problem::bad_request("the body could not be read"),
    })?;
    let signed: Signed = serde_json::from_slice(&body)
        .map_err(|error| Problem::bad_request(format!("the body: {error}")))?;
    let transaction = decode(&signed.transaction)?;
    check(&transaction, program_id)?;
    Ok(transaction)
}

fn decode(text: &str) -> Result<VersionedTransaction, Problem> {
    let malformed = |what: &str| Problem::bad_request(format!("transaction: {what}"));
    let bytes = BASE64_STANDARD
        .decode(text)
        .map_err(|_| malformed("not base64"))?;
    if bytes.len() > MAX_TRANSACTION_LEN {
        return Err(malformed(&format!(
            "{} bytes, and a cluster takes at most {MAX_TRANSACTION_LEN}",
            bytes.len()
        )));
    }
    let transaction: VersionedTransaction =
        wincode::deserialize_exact(&bytes).map_err(|_| malformed("its bytes are none"))?;
    let sanitized = transaction.sanitize();
    sanitized.map_err(|_| malformed("its parts do not fit together"))?;
    Ok(transaction)
}

/// Checks that a transaction is signed, and is this program's and nobody else's.
fn check(transaction: &VersionedTransaction, program_id: &Pubkey) -> Result<(), Problem> {
    let refused = |detail: &str| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail);
    let message = &transaction.message;
    let keys = message.static_account_keys();
    let mut is_ours = false;
    for (place, instruction) in message.instructions().iter().enumerate() {
        let program = keys.get(usize::from(instruction.program_id_index));
        let is_nonce = || place == 0 && instruction.data == ADVANCE_NONCE;
        match program {
            Some(program) if program == program_id => is_ours = true,
            Some(program) if *program == solana_sdk_ids::compute_budget::ID => {}
            Some(program) if *program == solana_sdk_ids::system_program::ID && is_nonce() => {}
            _ => {
                return Err(refused(&format!(
                    "instruction {place} is another program's; only those of {program_id} are relayed, and beside them \
                     those that set the compute budget or advance a nonce"
                )))
            }
        }
    }
    if !is_ours {
        return Err(refused(&format!("it has no instruction of {program_id}")));
    }
    let verified = transaction.verify_with_results();
    match verified.iter().position(|is_valid| !is_valid) {
        Some(place) => {
            let key = keys.get(place).map(ToString::to_string).unwrap_or_default();
            Err(refused(&format!(
                "the signature of {key} is missing or wrong"
            )))
        }
        None => Ok(()),
    }
}

/// What the ledger's refusal is for the client.
fn refusal(error: LedgerError, signature: &Signature) -> Problem {
    let detail = error.to_string();
    match error {
        LedgerError::Refused { error, .. } => {
            Problem::new(status_of(error), detail).with_error(error)
        }
        LedgerError::Failed {
            error: TransactionError::BlockhashNotFound,
            ..
        } => expired(),
        LedgerError::Failed {
            error: TransactionError::AlreadyProcessed,
            ..
        } => Problem::new(StatusCode::CONFLICT, detail),
        LedgerError::Dropped { .. } => expired(),
        LedgerError::Failed { .. } => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail),
        LedgerError::Unconfirmed(_) => return unconfirmed(signature),
        LedgerError::Unreachable { .. }
        | LedgerError::Behind { .. }
        | LedgerError::NoProgram(_)
        | LedgerError::NotAProgram { .. } => Problem::unavailable(detail, 5),
        _ => Problem::new(StatusCode::BAD_GATEWAY, detail),
    }
    .with_signature(signature)
}

fn expired() -> Problem {
    let detail = "the ledger does not have the transaction, and its blockhash or nonce is no longer valid, or never \
                  was; sign it anew";
    Problem::new(StatusCode::CONFLICT, detail)
}

fn unconfirmed(signature: &Signature) -> Problem {
    let detail = "the transaction was sent and is not confirmed yet; relay the same again before signing another";
    Problem::new(StatusCode::GATEWAY_TIMEOUT, detail).with_signature(signature)
}

/// 422 for what is never accepted as it is, 409 for what the accounts' state forbids.
fn status_of(error: EbbError) -> StatusCode {
    let is_of_state = error.number() >= EbbError::AlreadyInStatus.number()
        || matches!(
            error,
            EbbError::AlreadyExists
                | EbbError::ContributorSuspended
                | EbbError::AlreadySuspended
                | EbbError::NotSuspended
                | EbbError::NothingToChange
        );
    if is_of_state {
        StatusCode::CONFLICT
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::{
            http::state::tests::server,
            view::{tests::view, Views},
        },
        ebb_sdk::{
            embedded::{EmbeddedLedger, EmbeddedOptions},
            instruction::{initialize, Initialize},
            ledger::Traffic,
        },
        solana_sdk::{
            hash::Hash,
            message::{Message, VersionedMessage},
            signature::Keypair,
            signer::Signer,
        },
        std::{net::Ipv4Addr, sync::Arc},
    };

    /// The body of a request whose transaction creates the registry.
    fn initialization(key: &Keypair, blockhash: &Hash) -> Bytes {
        let me = key.pubkey();
        let args = Initialize {
            authority: me,
            health_oracle: me,
            require_healthy: false,
        };
        let instruction = initialize(&ebb_sdk::ID, &me, &me, args).unwrap();
        let message = Message::new_with_blockhash(&[instruction], Some(&me), blockhash);
        let message = VersionedMessage::Legacy(message);
        let transaction = VersionedTransaction::try_new(message, &[key]).unwrap();
        let bytes = wincode::serialize(&transaction).unwrap();
        let body = serde_json::json!({"transaction": BASE64_STANDARD.encode(bytes)});
        body.to_string().into()
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_view_to_answer_with_nothing_is_sent() {
        let (shared, _closing, dir) = server(Views::keeping(1));
        let options = EmbeddedOptions::default();
        let ledger = EmbeddedLedger::open(dir.path().join("ledger"), options).unwrap();
        let body = initialization(&ledger.default_key(), &ledger.info().unwrap().blockhash);
        let post = || {
            let headers = [(header::CONTENT_TYPE, "application/json".parse().unwrap())];
            relay(
                State(Arc::clone(&shared)),
                Extension(Peer(Ipv4Addr::LOCALHOST.into())),
                HeaderMap::from_iter(headers),
                Ok(body.clone()),
            )
        };
        let problem = post().await.unwrap_err();
        assert_eq!(problem.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(ledger.history().unwrap(), []);

        shared.views.publish(view(1, None, vec![]));
        assert_eq!(post().await.unwrap().status(), StatusCode::OK);
        assert_eq!(ledger.history().unwrap().len(), 1);
        let history = shared.history.now();
        let metrics = shared.metrics.render(None, history, Traffic::default());
        let metrics = metrics.unwrap();
        for result in ["failed", "accepted"] {
            let line = format!("ebb_transactions_total{{result=\"{result}\"}} 1");
            assert!(metrics.lines().any(|it| it == line), "{line}\n{metrics}");
        }
    }

    #[test]
    fn what_the_cluster_did_not_answer_is_no_refusal() {
        let signature = Signature::default();
        let unreachable = LedgerError::Unreachable {
            url: "http://node".to_owned(),
            reason: "connection refused".to_owned(),
        };
        let refused = LedgerError::Refused {
            error: EbbError::AlreadyInStatus,
            instruction: 0,
            logs: vec![],
        };
        for (error, status, result) in [
            (unreachable, 503, "failed"),
            (LedgerError::Other("nonsense".to_owned()), 502, "failed"),
            (LedgerError::Unconfirmed(signature), 504, "unconfirmed"),
            (refused, 409, "refused"),
            (LedgerError::Dropped { attempts: 1 }, 409, "refused"),
        ] {
            let problem = refusal(error, &signature).status();
            assert_eq!((problem.as_u16(), result_of(problem)), (status, result));
        }
        let malformed = Problem::bad_request("").status();
        assert_eq!(result_of(malformed), "refused");
    }
}
