//! JSON RPC by HTTP.

use {
    super::super::{Failure, SecretUrl, TIMEOUT},
    hyper_util::client::proxy::matcher::Matcher,
    serde::Deserialize,
    serde_json::Value,
    solana_client::{
        client_error::reqwest::{
            self,
            header::{CONTENT_TYPE, RETRY_AFTER},
            Client, Response, StatusCode,
        },
        rpc_request::RpcRequest,
        rpc_response::RpcSimulateTransactionResult,
    },
    solana_rpc_client::http_sender::HttpSender,
    std::{error::Error, io, time::Duration},
};

/// How much of an error's body is shown, in characters.
const MAX_MESSAGE: usize = 300;

/// The connections to one endpoint.
pub struct Http {
    client: Client,
    url: String,
}

/// What an answer holds: one of the two.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    result: Value,
    error: Option<NodeError>,
}

/// The error that a node answers with.
#[derive(Deserialize)]
pub struct NodeError {
    code: i64,
    message: String,
    #[serde(default)]
    data: Value,
}

impl From<NodeError> for Failure {
    fn from(error: NodeError) -> Self {
        let NodeError {
            code,
            message,
            data,
        } = error;
        // Of preflight alone.
        let run = serde_json::from_value::<RpcSimulateTransactionResult>(data);
        match run.map(|run| (run.err, run.logs)) {
            Ok((Some(error), logs)) => Self::Rejected {
                error: error.into(),
                logs: logs.unwrap_or_default(),
            },
            Ok((None, _)) | Err(_) => Self::Answered { code, message },
        }
    }
}

impl Http {
    /// Connections to a URL.
    pub fn new(url: String) -> Self {
        let client = Client::builder()
            .default_headers(HttpSender::default_headers())
            .timeout(TIMEOUT)
            .read_timeout(TIMEOUT)
            .pool_idle_timeout(TIMEOUT)
            .build()
            .unwrap_or_default();
        Self { client, url }
    }

    /// The URL, secrets included.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Asks once and reads the whole answer.
    pub async fn ask(&self, request: RpcRequest, params: Value) -> Result<Value, Failure> {
        let response = self.open(request, params, TIMEOUT).await?;
        let answer: Answer = serde_json::from_slice(&response.bytes().await?)?;
        match answer.error {
            Some(error) => Err(error.into()),
            None => Ok(answer.result),
        }
    }

    /// Asks once; the answer is still to be read, within so long.
    pub async fn open(
        &self,
        request: RpcRequest,
        params: Value,
        timeout: Duration,
    ) -> Result<Response, Failure> {
        let body = request.build_request_json(0, params).to_string();
        let sent = self
            .client
            .post(&self.url)
            .timeout(timeout)
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .send();
        let response = sent.await.map_err(|error| self.unsent(error))?;
        match response.status() {
            status if status.is_success() => Ok(response),
            status => Err(refused(status, response).await),
        }
    }

    /// Names the proxy where it is what could not be reached.
    fn unsent(&self, error: reqwest::Error) -> Failure {
        let is_socket = has_io_cause(&error);
        match (Failure::from(error), self.proxy()) {
            (Failure::NotSent(reason), Some(proxy)) if is_socket => {
                Failure::NoProxy { proxy, reason }
            }
            (failure, _) => failure,
        }
    }

    /// The proxy that the environment names for the URL.
    fn proxy(&self) -> Option<String> {
        let uri = self.url.parse().ok()?;
        let intercept = Matcher::from_system().intercept(&uri)?;
        Some(SecretUrl::new(intercept.uri().to_string()).to_string())
    }
}

/// What a status other than success means.
async fn refused(status: StatusCode, response: Response) -> Failure {
    let retry_after = response.headers().get(RETRY_AFTER);
    let pause = retry_after.and_then(|seconds| seconds.to_str().ok()?.parse().ok());
    let pause = pause.map(Duration::from_secs);
    // It explains the status at best.
    let body = response.text().await.unwrap_or_default();
    let reason = match message(&body) {
        message if message.is_empty() => status.to_string(),
        message => format!("{status}: {message}"),
    };
    match status {
        StatusCode::TOO_MANY_REQUESTS => Failure::TooSoon { pause },
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Failure::Denied(reason),
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            Failure::Broken(reason)
        }
        status if status.is_client_error() => Failure::NotSent(reason),
        _ => Failure::NoAnswer(reason),
    }
}

/// The message in an error's body: of JSON RPC, or what stands there on one line.
fn message(body: &str) -> String {
    let parsed = serde_json::from_str::<Value>(body).ok();
    let message = parsed.as_ref().and_then(|body| {
        let error = body.get("error").unwrap_or(body);
        error.get("message").unwrap_or(error).as_str()
    });
    let words = message.unwrap_or(body).split_whitespace();
    let line = words.collect::<Vec<_>>().join(" ");
    line.chars().take(MAX_MESSAGE).collect()
}

fn has_io_cause(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<io::Error>() {
            return true;
        }
        cause = error.source();
    }
    false
}
