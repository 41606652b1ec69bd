//! A server of a large fleet.

use {
    super::{shown, REPEATS},
    crate::{
        figure,
        fleet::Fleet,
        load::{
            changes::Reports,
            confirmations::Confirmations,
            server::Server,
            streams::{Heard, Streams},
        },
        process::{self, quantiles},
    },
    ebb_validator_tests::ebb_binary,
    reqwest::{
        header::{ETAG, IF_NONE_MATCH, LINK},
        Client, Response,
    },
    serde_json::Value,
    std::{process::Command, sync::Arc, time::Duration},
    tokio::time::{sleep, Instant},
};

/// How long anything that is waited for may take.
const LONGEST: Duration = Duration::from_secs(1_200);
const POLL: Duration = Duration::from_millis(50);
/// How many streams have every change.
const STREAMS: usize = 1_000;
/// How many transactions are sent while they are open, and how long one waits for the next: for a reading or two.
const CHANGES: usize = 10;
const PAUSE: Duration = Duration::from_secs(4);
/// A device that the second transaction of changes has.
const CHANGED: &str = "co02-00010";

/// Measures a server of a fleet of which so many devices drain.
pub async fn measure(fleet: &Fleet, drained: usize) {
    let began = Instant::now();
    let server = Server::spawn(fleet);
    let http = Client::new();
    let asked = Asked {
        http: &http,
        url: &server.url,
    };
    asked.until("/readyz", |_| true).await;
    let until_ready = began.elapsed();
    figure(
        "ebb serve until /readyz answers 200",
        &format!("{until_ready:.1?}; {} of memory", server.memory()),
    );
    let is_complete = |history: &Value| history["complete"] == true;
    asked.until("/api/v1/history?limit=1", is_complete).await;
    // Each was registered and activated; beside them stand the registry, the contributors and the locations.
    let events = 2 * fleet.len(None) + drained + fleet.locations().len() + 3;
    let took = began.elapsed();
    figure(
        "  until its history is complete",
        &format!(
            "{took:.1?}: {events} events, {:.0} a second; {:.0} bytes each; {} of memory, {} at most",
            events as f64 / took.as_secs_f64(),
            server.history_bytes() as f64 / events as f64,
            server.memory(),
            server.peak()
        ),
    );

    asked.pages(1_000).await;
    asked.pages(10_000).await;
    for path in [
        "/api/v1/devices",
        "/api/v1/devices?status=draining",
        "/api/v1/locations",
        "/metrics",
        "/",
    ] {
        asked.twice(path).await;
    }
    let mut list = Command::new(ebb_binary());
    list.args(["device", "list", "--server", &server.url]);
    let runs: Vec<_> = (0..REPEATS)
        .map(|_| process::measure_command(&list))
        .collect();
    shown("ebb device list --server", &runs);
    figure("memory of the server after these", &server.memory());

    let confirmations = Confirmations::watch(&fleet.validator.websocket_url()).await;
    let reports = Reports::of(fleet).await;
    asked.wait(&reports).await;
    let heard = Arc::<Heard>::default();
    let mut streams = Streams::default();
    let url = format!("{}/api/v1/events", server.url);
    streams.open(&http, &url, STREAMS, &heard).await;
    for number in 0..CHANGES {
        reports.send(number).await;
        sleep(PAUSE).await;
    }
    let (_, all) = heard.since_confirmed(&reports, &confirmations);
    figure(
        "from confirmation to the event, 1,000 streams",
        &quantiles(all),
    );
    figure("streams that were cut", &streams.cut().to_string());
    figure("memory of the server at most", &server.peak());
}

/// Who asks a server.
struct Asked<'a> {
    http: &'a Client,
    url: &'a str,
}

impl Asked<'_> {
    async fn get(&self, path: &str) -> Response {
        let answer = self.http.get(format!("{}{path}", self.url)).send().await;
        answer.expect("the server answers")
    }

    /// Waits until the answer has status 200 and is what is waited for.
    async fn until(&self, path: &str, is_it: impl Fn(&Value) -> bool) {
        let began = Instant::now();
        loop {
            let answer = self.get(path).await;
            let is_ok = answer.status() == 200;
            let body: Value = answer.json().await.unwrap_or_default();
            if is_ok && is_it(&body) {
                return;
            }
            assert!(began.elapsed() < LONGEST, "{path}: {body}");
            sleep(POLL).await;
        }
    }

    /// The same request twice: the second may be answered from what the first made.
    async fn twice(&self, path: &str) {
        let mut took = vec![];
        let mut bytes = 0;
        for _ in 0..2 {
            let began = Instant::now();
            let answer = self.get(path).await;
            if path == "/" && answer.status() == 404 {
                return;
            }
            assert_eq!(answer.status(), 200, "{path}");
            bytes = answer.bytes().await.expect("the server answers").len();
            took.push(format!("{:.1?}", began.elapsed()));
        }
        figure(
            &format!("GET {path}"),
            &format!(
                "{:.1} MB in {}, again in {}",
                bytes as f64 / 1e6,
                took[0],
                took[1]
            ),
        );
    }

    /// All devices, from page to page.
    async fn pages(&self, limit: usize) {
        let began = Instant::now();
        let (mut pages, mut bytes, mut first) = (0, 0, None);
        let mut next = Some(format!("/api/v1/devices?limit={limit}"));
        while let Some(path) = next {
            let answer = self.get(&path).await;
            assert_eq!(answer.status(), 200, "{path}");
            let link = answer.headers().get(LINK).and_then(|it| it.to_str().ok());
            next =
                link.and_then(|link| Some(link.strip_prefix('<')?.split_once('>')?.0.to_owned()));
            bytes += answer.bytes().await.expect("the server answers").len();
            pages += 1;
            first.get_or_insert_with(|| began.elapsed());
        }
        figure(
            &format!("GET /api/v1/devices?limit={limit}"),
            &format!(
                "first page in {:.1?}; {pages} pages, {:.1} MB in {:.1?}",
                first.unwrap_or_default(),
                bytes as f64 / 1e6,
                began.elapsed()
            ),
        );
    }

    /// One device with `wait`, until it changes.
    async fn wait(&self, reports: &Reports) {
        let path = format!("/api/v1/devices/{CHANGED}");
        let first = self.get(&path).await;
        let etag = first.headers()[ETAG].clone();
        let request = self.http.get(format!("{}{path}?wait=60s", self.url));
        let waiting = tokio::spawn(request.header(IF_NONE_MATCH, etag).send());
        sleep(PAUSE).await;
        reports.send(1).await;
        let confirmed = Instant::now();
        let answer = waiting.await.expect("no panic").expect("it answers");
        assert_eq!(answer.status(), 200, "{path}");
        figure(
            "GET /api/v1/devices/CODE?wait=60s, from the sender's receipt to the answer",
            &format!("{:.1?}", confirmed.elapsed()),
        );
    }
}
