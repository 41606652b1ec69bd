//! Requests to a server.

#[cfg(feature = "top")]
use ebb_sdk::json::LedgerOptions;
use {
    super::problem,
    crate::{
        error::CliError,
        input::{options::GlobalOptions, server, token},
        terminal::{status, Format, Terminal},
    },
    ebb_sdk::rpc::SecretUrl,
    reqwest::{
        header::{ETAG, IF_NONE_MATCH, LINK},
        Client, RequestBuilder, Response, StatusCode,
    },
    serde::de::DeserializeOwned,
    std::{cell::Cell, time::Duration},
    url::Url,
    zeroize::Zeroizing,
};

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(60);
/// How long a server is asked to wait for another result.
pub const WAIT: Duration = Duration::from_secs(50);
/// From how many slots on a server is behind.
const SLOTS_BEHIND: u64 = 50;
/// How long a slot takes, as clusters aim for.
const MILLISECONDS_PER_SLOT: u64 = 400;

/// A server of a ledger.
pub struct Server {
    named: SecretUrl,
    url: Url,
    token: Option<Zeroizing<String>>,
    client: Client,
    format: Format,
    /// The program as it was named; the ledger is the server's.
    #[cfg(feature = "top")]
    pub given: LedgerOptions,
    /// Whether the user knows that it is behind.
    is_behind: Cell<bool>,
}

/// What is asked of a server.
#[derive(Clone, Debug, Default)]
pub struct ServerRequest {
    /// The path below `/api/v1`.
    pub path: Vec<String>,
    /// The parameters.
    pub query: Vec<(&'static str, String)>,
    /// The result that is known: another one is waited for.
    pub known: Option<String>,
}

/// What a server answered.
pub struct Answer {
    /// What the same result is known by.
    pub etag: Option<String>,
    /// Behind which item the next page begins, if there is one.
    pub next: Option<String>,
    body: Vec<u8>,
}

impl ServerRequest {
    /// Asks for a path.
    pub fn new<'a>(path: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            path: path.into_iter().map(str::to_owned).collect(),
            ..Self::default()
        }
    }
}

impl Answer {
    /// The bytes of it.
    #[cfg(feature = "serve")]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Reads the JSON of it.
    ///
    /// # Errors
    /// It is not what this version understands.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, CliError> {
        serde_json::from_slice(&self.body).map_err(|error| problem::not_understood(&error))
    }
}

impl Server {
    /// The server that the options name. Nothing is sent yet.
    pub fn open(options: &GlobalOptions) -> Result<Self, CliError> {
        let named = options.server.clone();
        let named = named.ok_or_else(|| CliError::usage("--server: no server is named"))?;
        let token = options.server_token_file.as_deref();
        let token = token.map(|file| token::read("--server-token-file", file));
        let client = Client::builder().connect_timeout(CONNECT).build();
        Ok(Self {
            url: server::url(&named)?,
            token: token.transpose()?.map(Zeroizing::new),
            client: client.map_err(|error| CliError::other(error.to_string()))?,
            format: Format {
                output: options.output,
                verbose: options.verbose,
                terminal: Terminal::detect(),
            },
            named,
            #[cfg(feature = "top")]
            given: LedgerOptions::new(None, options.program_id.as_ref()),
            is_behind: Cell::new(false),
        })
    }

    /// How results are written.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Asks, and takes the answer; `None` if the result is the known one.
    ///
    /// # Errors
    /// The server cannot be reached, or answers with a problem.
    pub async fn get(&self, request: &ServerRequest) -> Result<Option<Answer>, CliError> {
        let mut asked = self.request(request).timeout(ANSWER);
        if let Some(known) = &request.known {
            asked = asked
                .query(&[("wait", format!("{}s", WAIT.as_secs()))])
                .header(IF_NONE_MATCH, known)
                .timeout(ANSWER + WAIT);
        }
        let response = self.send(asked).await?;
        if response.status() == StatusCode::NOT_MODIFIED {
            return Ok(None);
        }
        let header = |name| {
            let value = response.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let (etag, next) = (header(ETAG), header(LINK));
        let body = response.bytes().await;
        Ok(Some(Answer {
            etag,
            next: next.as_deref().and_then(next_page),
            body: body.map_err(|error| self.unreachable(error))?.to_vec(),
        }))
    }

    /// The same, where every result is new.
    pub async fn get_full(&self, request: &ServerRequest) -> Result<Answer, CliError> {
        let answer = self.get(request).await?;
        answer.ok_or_else(|| CliError::other("the server answered that nothing changed, unasked"))
    }

    /// Opens a stream of events behind the one of an id.
    pub async fn stream(
        &self,
        request: &ServerRequest,
        last: Option<&str>,
    ) -> Result<Response, CliError> {
        let mut asked = self.request(request);
        if let Some(last) = last {
            asked = asked.header("last-event-id", last);
        }
        self.send(asked).await
    }

    fn request(&self, request: &ServerRequest) -> RequestBuilder {
        let mut url = self.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty()
                .extend(["api", "v1"])
                .extend(&request.path);
        }
        let asked = self.client.get(url).query(&request.query);
        match &self.token {
            Some(token) => asked.bearer_auth(token.as_str()),
            None => asked,
        }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, CliError> {
        let response = request.send().await;
        let response = response.map_err(|error| self.unreachable(error))?;
        let status = response.status();
        if status.is_success() || status == StatusCode::NOT_MODIFIED {
            return Ok(response);
        }
        let body = response.bytes().await.unwrap_or_default();
        Err(problem::explain(&self.named, status, &body))
    }

    /// That the server cannot be reached, or the connection was cut.
    pub fn unreachable(&self, error: reqwest::Error) -> CliError {
        problem::unreachable(&self.named, &error)
    }

    /// That a stream is silent.
    pub fn is_silent(&self) -> CliError {
        CliError::unreachable(format!("{}: the stream is silent", self.named))
    }

    /// That a stream ended before it was complete.
    pub fn cut(&self) -> CliError {
        CliError::unreachable(format!("{}: the server ended the stream", self.named))
    }

    /// That the server knows less than was seen.
    pub fn behind(&self, slot: u64, seen: u64) -> CliError {
        CliError::unreachable(format!(
            "{}: the server is at slot {slot}, behind slot {seen}, which was seen",
            self.named
        ))
    }

    /// Warns when the server begins to be behind the ledger, and says when it no longer is.
    pub fn note_lag(&self, slots: u64) {
        let is_behind = slots > SLOTS_BEHIND;
        if self.is_behind.replace(is_behind) == is_behind {
            return;
        }
        if is_behind {
            status(format_args!(
                "warning: {} is {slots} slots (about {} s) behind the ledger",
                self.named,
                slots.saturating_mul(MILLISECONDS_PER_SLOT).div_ceil(1_000)
            ));
        } else {
            status(format_args!("{} is up to date again", self.named));
        }
    }
}

/// Behind which item the next page begins, as the Link header has it.
fn next_page(link: &str) -> Option<String> {
    let target = link.strip_suffix("; rel=\"next\"")?;
    let path = target.strip_prefix('<')?.strip_suffix('>')?;
    let base = Url::parse("http://localhost").ok()?;
    let url = base.join(path).ok()?;
    let mut parameters = url.query_pairs();
    let after = parameters.find(|(name, _)| name == "after");
    after.map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::next_page;

    #[test]
    fn the_next_page_is_in_the_link() {
        for (link, after) in [
            (
                "</api/v1/history?limit=1&after=0a-1.0.2.0>; rel=\"next\"",
                Some("0a-1.0.2.0"),
            ),
            ("</api/v1/history?after=a%2Db>; rel=\"next\"", Some("a-b")),
            ("</api/v1/watch>; rel=\"alternate\"", None),
            ("</api/v1/history>; rel=\"next\"", None),
            ("", None),
        ] {
            assert_eq!(next_page(link).as_deref(), after, "{link}");
        }
    }
}
