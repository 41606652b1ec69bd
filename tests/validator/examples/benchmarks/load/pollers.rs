//! Who asks again and again.

use {
    crate::lists::Question,
    reqwest::{
        header::{HeaderValue, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
        Client, Request,
    },
    std::time::Duration,
    tokio::time::{interval_at, timeout, Instant},
};

const PATIENCE: Duration = Duration::from_secs(60);

/// One request: its status, if it was answered, and how long it took.
pub struct Asked {
    pub status: Option<u16>,
    pub took: Duration,
}

/// One client, which has a connection of its own while it asks.
pub struct Poller {
    client: Client,
    request: Request,
    etag: Option<HeaderValue>,
}

impl Poller {
    /// Who asks the server, with If-None-Match.
    pub fn of_server(client: &Client, url: &str) -> Self {
        let request = client.get(url).build().expect("the URL is one");
        Self {
            client: client.clone(),
            request,
            etag: None,
        }
    }

    /// Who puts the same question to the validator.
    pub fn of_validator(client: &Client, url: &str) -> Self {
        let request = client.post(url).header(CONTENT_TYPE, "application/json");
        let request = request.body(Question::draining(None).body()).build();
        Self {
            client: client.clone(),
            request: request.expect("the URL is one"),
            etag: None,
        }
    }

    /// Asks until the end: every so often, or again at once.
    pub async fn ask(
        mut self,
        offset: Duration,
        every: Option<Duration>,
        end: Instant,
    ) -> Vec<Asked> {
        let mut ticks = every.map(|every| interval_at(Instant::now() + offset, every));
        let mut asked = vec![];
        loop {
            if let Some(ticks) = &mut ticks {
                ticks.tick().await;
            }
            if Instant::now() >= end {
                return asked;
            }
            asked.push(self.ask_once().await);
        }
    }

    async fn ask_once(&mut self) -> Asked {
        let mut request = self.request.try_clone().expect("its body is no stream");
        if let Some(etag) = &self.etag {
            request.headers_mut().insert(IF_NONE_MATCH, etag.clone());
        }
        let began = Instant::now();
        let answered = timeout(PATIENCE, async {
            let response = self.client.execute(request).await?;
            let (status, headers) = (response.status(), response.headers().clone());
            let _body = response.bytes().await?;
            self.etag = headers.get(ETAG).cloned();
            Ok::<_, reqwest::Error>(status.as_u16())
        });
        let status = answered.await.ok().and_then(Result::ok);
        Asked {
            status,
            took: began.elapsed(),
        }
    }
}
