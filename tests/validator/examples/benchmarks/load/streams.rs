//! Who listens.

use {
    super::{changes::Reports, confirmations::Confirmations},
    reqwest::{Client, Response},
    serde_json::Value,
    std::{
        sync::{Arc, Mutex},
        time::{Duration, SystemTime, UNIX_EPOCH},
    },
    tokio::task::JoinSet,
};

/// The event of a change, at one client.
struct Arrival {
    code: String,
    sequence: u64,
    /// In milliseconds since 1970.
    at: u64,
    /// Whether the client has every change.
    is_full: bool,
}

/// What all clients were sent.
#[derive(Default)]
pub struct Heard(Mutex<Vec<Arrival>>);

impl Heard {
    /// From the confirmation of each change's slot to its event at each client: of draining devices, and of all.
    pub fn since_confirmed(
        &self,
        reports: &Reports,
        confirmations: &Confirmations,
    ) -> (Vec<Duration>, Vec<Duration>) {
        let (mut some, mut all) = (vec![], vec![]);
        for arrival in self.0.lock().expect("nobody panicked").iter() {
            let slot = reports.slot(&arrival.code, arrival.sequence);
            let confirmed = slot.and_then(|slot| confirmations.at(slot));
            let Some(confirmed) = confirmed else {
                continue;
            };
            let since = Duration::from_millis(arrival.at.saturating_sub(confirmed));
            if arrival.is_full {
                all.push(since);
            } else {
                some.push(since);
            }
        }
        (some, all)
    }
}

/// Milliseconds since 1970.
fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| now.as_millis() as u64)
}

/// The clients that listen.
#[derive(Default)]
pub struct Streams {
    open: JoinSet<()>,
    opened: usize,
}

impl Streams {
    /// Opens so many streams.
    pub async fn open(&mut self, client: &Client, url: &str, count: usize, heard: &Arc<Heard>) {
        let is_full = !url.contains('?');
        for _ in 0..count {
            let response = client.get(url).send().await;
            let response = response.expect("the server answers");
            assert_eq!(response.status(), 200, "{url}");
            let heard = Arc::clone(heard);
            self.open.spawn(listen(response, is_full, heard));
            self.opened += 1;
        }
    }

    /// How many ended before the client did.
    pub fn cut(&mut self) -> usize {
        self.opened - self.open.len() + std::iter::from_fn(|| self.open.try_join_next()).count()
    }
}

async fn listen(mut response: Response, is_full: bool, heard: Arc<Heard>) {
    let mut rest: Vec<u8> = vec![];
    while let Ok(Some(chunk)) = response.chunk().await {
        rest.extend_from_slice(&chunk);
        let at = now();
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = rest.drain(..=end).collect();
            let Some(data) = line.strip_prefix(b"data: ") else {
                continue;
            };
            let device: Value = serde_json::from_slice(data).expect("the server sends JSON");
            let (code, sequence) = (device["code"].as_str(), device["sequence"].as_u64());
            let (Some(code), Some(sequence)) = (code, sequence) else {
                continue;
            };
            let arrival = Arrival {
                code: code.to_owned(),
                sequence,
                at,
                is_full,
            };
            heard.0.lock().expect("nobody panicked").push(arrival);
        }
    }
}
