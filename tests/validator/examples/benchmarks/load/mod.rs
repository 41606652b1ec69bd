//! A server under load: pollers, streams and changes at once, and the same question put to the validator itself.

pub mod changes;
pub mod confirmations;
mod pollers;
pub mod server;
pub mod streams;

use {
    self::{
        changes::{Changes, Reports},
        confirmations::Confirmations,
        pollers::{Asked, Poller},
        server::Server,
        streams::{Heard, Streams},
    },
    crate::{
        figure,
        fleet::{Fleet, CONTRIBUTOR},
        process::quantiles,
    },
    reqwest::Client,
    std::{sync::Arc, time::Duration},
    tokio::time::Instant,
};

/// How many devices drain, which are what pollers and streams ask for.
pub const DRAINING: usize = 20;
const POLLERS: usize = 1_000;
const STREAMS: usize = 1_000;
/// How many streams have every change, whatever device it is of.
const FULL_STREAMS: usize = 10;
/// How many ask the validator itself, which cannot answer a thousand.
const BARE_POLLERS: usize = 10;
/// How often a poller asks.
const EVERY: Duration = Duration::from_secs(1);
/// How long pollers ask so often, while events are timed.
const PACED: Duration = Duration::from_secs(30);
/// How long they ask again as soon as they are answered.
const UNPACED: Duration = Duration::from_secs(10);

/// The question: which devices drain.
const QUESTION: &str = "/api/v1/devices?status=draining";

/// Measures a server of a fleet whose devices were imported and activated.
pub async fn measure(fleet: &Fleet) {
    let drained = fleet.drain_some(CONTRIBUTOR, DRAINING).await;
    let last = drained.last().expect("some drain");
    let server = Server::start(fleet, last).await;
    figure("memory of the server with the view", &server.memory());

    let confirmations = Confirmations::watch(&fleet.validator.websocket_url()).await;
    let heard = Arc::<Heard>::default();
    let (http, mut streams) = (Client::new(), Streams::default());
    let draining = format!("{}/api/v1/watch?status=draining", server.url);
    streams.open(&http, &draining, STREAMS, &heard).await;
    let all = format!("{}/api/v1/events", server.url);
    streams.open(&http, &all, FULL_STREAMS, &heard).await;
    let reports = Arc::new(Reports::of(fleet).await);
    let changes = Changes::begin(Arc::clone(&reports));

    let url = format!("{}{QUESTION}", server.url);
    let of_server = || Poller::of_server(&http, &url);
    let polled = poll(POLLERS, Some(EVERY), PACED, of_server).await;
    report("server, each poller once a second", &polled, PACED);
    let rate = changes.rate();
    figure("changes", &format!("{rate:.0} a second, confirmed"));
    let (of_draining, of_all) = heard.since_confirmed(&reports, &confirmations);
    figure(
        "from confirmation to the event, streams of draining devices",
        &quantiles(of_draining),
    );
    figure(
        "from confirmation to the event, streams of all changes",
        &quantiles(of_all),
    );
    figure("memory of the server under load", &server.memory());

    let polled = poll(POLLERS, None, UNPACED, of_server).await;
    let server_rate = report("server, each poller again at once", &polled, UNPACED);
    let validator = fleet.validator.url();
    let bare = || Poller::of_validator(&http, &validator);
    let polled = poll(BARE_POLLERS, None, UNPACED, bare).await;
    let bare_rate = report(
        "getProgramAccounts, each poller again at once",
        &polled,
        UNPACED,
    );
    figure(
        "requests to the server for one of the validator",
        &format!("{:.0}", server_rate / bare_rate),
    );

    figure("streams that were cut", &streams.cut().to_string());
    figure("memory of the server at most", &server.peak());
}

/// Has so many pollers ask for some time.
async fn poll(
    count: usize,
    every: Option<Duration>,
    for_so_long: Duration,
    poller: impl Fn() -> Poller,
) -> Vec<Asked> {
    let end = Instant::now() + for_so_long;
    let pollers = (0..count).map(|number| {
        // Not all at once.
        let part = number as f64 / count as f64;
        let offset = every.unwrap_or_default().mul_f64(part);
        tokio::spawn(poller().ask(offset, every, end))
    });
    let pollers: Vec<_> = pollers.collect();
    let mut asked = vec![];
    for poller in pollers {
        asked.extend(poller.await.expect("a poller does not panic"));
    }
    asked
}

/// Writes what pollers met with, and returns how many requests were answered in a second.
fn report(what: &str, asked: &[Asked], in_so_long: Duration) -> f64 {
    let answered = asked.iter().filter(|it| it.status.is_some());
    let rate = answered.clone().count() as f64 / in_so_long.as_secs_f64();
    let of = |status| asked.iter().filter(|it| it.status == status).count();
    let (ok, unchanged) = (of(Some(200)), of(Some(304)));
    let took = quantiles(answered.map(|it| it.took).collect());
    let others = asked.len() - ok - unchanged;
    figure(
        what,
        &format!("{rate:.0} requests/s; {took}; 200: {ok}, 304: {unchanged}, others: {others}"),
    );
    rate
}
