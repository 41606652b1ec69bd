use {
    serde_json::{json, Value},
    solana_client::client_error::reqwest::{header::CONTENT_TYPE, Client},
    std::{
        future::{ready, Future},
        io,
        pin::Pin,
        sync::{
            atomic::{AtomicBool, Ordering},
            Arc, Mutex,
        },
    },
    tokio::{
        io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
        net::{TcpListener, TcpStream},
    },
};

type Decision = Pin<Box<dyn Future<Output = bool> + Send>>;
type Decide = dyn Fn(&str, usize) -> Decision + Send + Sync;
type Rewrite = dyn Fn(&mut Value) + Send + Sync;

/// Stands between a command and a validator as a server of its own, and notes what goes through.
#[derive(Clone)]
pub struct Tap {
    url: String,
    validator: String,
    http: Client,
    decide: Arc<Decide>,
    rewrite: Arc<Rewrite>,
    seen: Arc<Mutex<Vec<Exchange>>>,
    /// Whether it answers as it did before.
    is_frozen: Arc<AtomicBool>,
    /// The genesis hash that it answers with, in place of the validator's.
    genesis: Arc<Mutex<Option<String>>>,
    /// The method that it refuses, and the error with which it does.
    refused: Arc<Mutex<Option<(String, Value)>>>,
}

/// A request that went through, and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// What was asked for.
    pub method: String,
    /// With which parameters.
    pub params: Value,
    /// What came back.
    pub result: Value,
}

impl Tap {
    /// Before the validator at a URL. `decide` is asked for each request, with its method and the number of those of that
    /// method before it: one that does not go through has no answer. What it waits for happens first.
    pub async fn new<F>(
        validator: String,
        decide: impl Fn(&str, usize) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = bool> + Send + 'static,
    {
        let (tap, listener) = Self::bound(validator, decide, |_| ()).await;
        tap.listen(listener);
        tap
    }

    /// Before the validator at a URL. Every request goes through as `rewrite` leaves it.
    pub async fn rewriting(
        validator: String,
        rewrite: impl Fn(&mut Value) + Send + Sync + 'static,
    ) -> Self {
        let (tap, listener) = Self::bound(validator, |_, _| ready(true), rewrite).await;
        tap.listen(listener);
        tap
    }

    async fn bound<F>(
        validator: String,
        decide: impl Fn(&str, usize) -> F + Send + Sync + 'static,
        rewrite: impl Fn(&mut Value) + Send + Sync + 'static,
    ) -> (Self, TcpListener)
    where
        F: Future<Output = bool> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let tap = Self {
            url: format!("http://{address}"),
            validator,
            http: Client::new(),
            decide: Arc::new(move |method, number| Box::pin(decide(method, number))),
            rewrite: Arc::new(rewrite),
            seen: Arc::default(),
            is_frozen: Arc::default(),
            genesis: Arc::default(),
            refused: Arc::default(),
        };
        (tap, listener)
    }

    fn listen(&self, listener: TcpListener) {
        let serving = self.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let tap = serving.clone();
                // A connection that breaks off concerns the command alone.
                tokio::spawn(async move { tap.serve(connection).await });
            }
        });
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Answers as a node of another cluster when it is asked which this is.
    pub fn claim_genesis(&self, hash: &str) {
        *self.genesis.lock().expect("no one panicked") = Some(hash.to_owned());
    }

    /// Answers each request of a method with an error, or none any more.
    pub fn refuse(&self, refused: Option<(&str, Value)>) {
        let refused = refused.map(|(method, error)| (method.to_owned(), error));
        *self.refused.lock().expect("no one panicked") = refused;
    }

    /// From now on answers what it was asked before as it answered then, as a node does that stands still.
    pub fn freeze(&self) {
        self.is_frozen.store(true, Ordering::SeqCst);
    }

    /// What went through, in the order of the requests.
    pub fn seen(&self) -> Vec<Exchange> {
        self.seen.lock().expect("no one panicked").clone()
    }

    async fn serve(&self, connection: TcpStream) -> io::Result<()> {
        let mut connection = BufReader::new(connection);
        while let Some(request) = read_request(&mut connection).await? {
            let mut json: Value = serde_json::from_slice(&request)?;
            (self.rewrite)(&mut json);
            let (place, number) = self.note(&json);
            let method = json["method"].as_str().unwrap_or_default();
            if !(self.decide)(method, number).await {
                return Ok(());
            }
            let own = self.claimed(&json).or_else(|| self.refusal(&json));
            let answer = match own.or_else(|| self.remembered(&json)) {
                Some(answer) => answer,
                None => self
                    .pass(json.to_string())
                    .await
                    .map_err(io::Error::other)?,
            };
            let parsed: Value = serde_json::from_slice(&answer)?;
            self.seen.lock().expect("no one panicked")[place].result = parsed["result"].clone();
            let len = answer.len();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {len}\r\n\r\n");
            connection.write_all(head.as_bytes()).await?;
            connection.write_all(&answer).await?;
        }
        Ok(())
    }

    /// Notes a request: its place among all, and its number among those of its method.
    fn note(&self, request: &Value) -> (usize, usize) {
        let method = request["method"].as_str().unwrap_or_default();
        let mut seen = self.seen.lock().expect("no one panicked");
        let number = seen.iter().filter(|it| it.method == method).count();
        seen.push(Exchange {
            method: method.to_owned(),
            params: request["params"].clone(),
            result: Value::Null,
        });
        (seen.len() - 1, number)
    }

    /// The answer to a question for the genesis hash, if another one is claimed.
    fn claimed(&self, request: &Value) -> Option<Vec<u8>> {
        let genesis = self.genesis.lock().expect("no one panicked").clone()?;
        let is_asked = request["method"] == "getGenesisHash";
        let answer = json!({ "jsonrpc": "2.0", "id": request["id"], "result": genesis });
        is_asked.then(|| answer.to_string().into_bytes())
    }

    /// The error that a request is answered with, if its method is refused.
    fn refusal(&self, request: &Value) -> Option<Vec<u8>> {
        let (method, error) = self.refused.lock().expect("no one panicked").clone()?;
        let answer = json!({ "jsonrpc": "2.0", "id": request["id"], "error": error });
        let is_refused = request["method"] == method;
        is_refused.then(|| answer.to_string().into_bytes())
    }

    /// The answer to a question that was asked before, at the newest slot that any answer named.
    fn remembered(&self, request: &Value) -> Option<Vec<u8>> {
        if !self.is_frozen.load(Ordering::SeqCst) {
            return None;
        }
        let seen = self.seen();
        let slot = |it: &Exchange| it.result.pointer("/context/slot").and_then(Value::as_u64);
        let newest = seen.iter().filter_map(slot).max();
        let asked = without_slot(&request["params"]);
        let mut before = seen.into_iter().rev().filter(|it| {
            let is_same = request["method"] == it.method && without_slot(&it.params) == asked;
            is_same && !it.result.is_null()
        });
        let mut result = before.next()?.result;
        if let (Some(slot), Some(newest)) = (result.pointer_mut("/context/slot"), newest) {
            *slot = json!(newest);
        }
        let answer = json!({ "jsonrpc": "2.0", "id": request["id"], "result": result });
        Some(answer.to_string().into_bytes())
    }

    async fn pass(
        &self,
        request: String,
    ) -> Result<Vec<u8>, solana_client::client_error::reqwest::Error> {
        let post = self.http.post(&self.validator);
        let post = post.header(CONTENT_TYPE, "application/json").body(request);
        Ok(post.send().await?.bytes().await?.to_vec())
    }
}

/// Parameters without the slot from which on an answer counts.
fn without_slot(params: &Value) -> Value {
    let mut params = params.clone();
    let config = params.as_array_mut().and_then(|all| all.last_mut());
    if let Some(config) = config.and_then(Value::as_object_mut) {
        config.remove("minContextSlot");
    }
    params
}

/// The body of the next request; `None` once there are no more.
async fn read_request(connection: &mut BufReader<TcpStream>) -> io::Result<Option<Vec<u8>>> {
    let mut len = 0;
    loop {
        let mut line = String::new();
        if connection.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            len = value.trim().parse().map_err(io::Error::other)?;
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; len];
    connection.read_exact(&mut body).await?;
    Ok(Some(body))
}
