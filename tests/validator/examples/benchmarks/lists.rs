//! Listing a fleet, against the request that lies beneath.

use {
    crate::{figure, fleet::Fleet, process},
    base64::{prelude::BASE64_STANDARD, Engine},
    ebb_sdk::{
        pda,
        state::{AccountType, DeviceHead, ProvisioningStatus},
        ID,
    },
    serde_json::{json, Value},
    solana_client::{
        client_error::reqwest::{header::CONTENT_TYPE, Client},
        rpc_request::RpcRequest,
    },
    std::time::{Duration, Instant},
};

/// A bare request: when its last byte was there, and when its JSON was read.
struct Raw {
    last_byte: Duration,
    read: Duration,
    bytes: usize,
    accounts: usize,
}

/// Which devices are asked for.
#[derive(Clone, Copy, Default)]
pub struct Question<'a> {
    pub contributor: Option<&'a str>,
    pub status: Option<ProvisioningStatus>,
}

impl<'a> Question<'a> {
    /// The draining devices, of a contributor or of all.
    pub fn draining(contributor: Option<&'a str>) -> Self {
        Self {
            contributor,
            status: Some(ProvisioningStatus::Draining),
        }
    }

    /// The command that asks for them.
    fn arguments(&self) -> Vec<&'a str> {
        let status = self.status.map(ProvisioningStatus::as_str);
        let status = status.into_iter().flat_map(|it| ["--status", it]);
        let contributor = self.contributor.into_iter();
        let contributor = contributor.flat_map(|it| ["--contributor", it]);
        let command = ["device", "list"].into_iter();
        command.chain(status).chain(contributor).collect()
    }

    /// The bare request for them.
    pub fn body(&self) -> String {
        let memcmp = |offset: usize, bytes: &[u8]| {
            let bytes = BASE64_STANDARD.encode(bytes);
            json!({ "memcmp": { "offset": offset, "encoding": "base64", "bytes": bytes } })
        };
        let mut filters = vec![memcmp(0, &[AccountType::Device as u8])];
        if let Some(status) = self.status {
            let offset = DeviceHead::PROVISIONING_STATUS_OFFSET;
            filters.push(memcmp(offset, &[status as u8]));
        }
        if let Some(contributor) = self.contributor {
            let contributor = pda::contributor(&ID, contributor).0;
            filters.push(memcmp(
                DeviceHead::CONTRIBUTOR_OFFSET,
                contributor.as_array(),
            ));
        }
        let params = json!([
            ID.to_string(),
            { "encoding": "base64", "commitment": "confirmed", "filters": filters },
        ]);
        let body = RpcRequest::GetProgramAccounts.build_request_json(0, params);
        body.to_string()
    }
}

/// `ebb device list` of so many devices, and the bare request, one after the other in turns.
pub async fn list(fleet: &Fleet, question: Question<'_>, devices: usize, repeats: usize) {
    let arguments = question.arguments();
    let http = Client::new();
    let (mut lists, mut raw) = (vec![], vec![]);
    for _ in 0..repeats {
        lists.push(process::measure(&fleet.ebb, &arguments));
        raw.push(request(&http, &fleet.validator.url(), question).await);
    }
    let rows = lists[0].stdout.lines().count() - 1;
    let counts = (raw[0].accounts, devices);
    assert_eq!((rows, rows), counts, "each account has a row");

    let of = format!("of {rows} devices");
    figure(
        &format!("getProgramAccounts {of}"),
        &format!(
            "{}; {:.1} MB",
            process::spread(&raw, |run| run.read),
            raw[0].bytes as f64 / 1e6
        ),
    );
    figure(
        "  until its last byte",
        &process::spread(&raw, |run| run.last_byte),
    );
    figure(
        &format!("ebb {} {of}", arguments.join(" ")),
        &process::spread(&lists, |run| run.wall),
    );
    let median = process::median(&lists, |run| run.wall).as_secs_f64();
    let ratio = |time: fn(&Raw) -> Duration| median / process::median(&raw, time).as_secs_f64();
    figure(
        "  times the bare request",
        &format!(
            "{:.2} (until its last byte: {:.2})",
            ratio(|run| run.read),
            ratio(|run| run.last_byte)
        ),
    );
    let first_row = |run: &process::Measured| run.first_row.expect("it has rows");
    figure("  first row", &process::spread(&lists, first_row));
    let peak = lists.iter().map(|run| run.peak).max().unwrap_or_default();
    let written = lists[0].stdout.len() as f64 / 1e6;
    figure(
        "  peak",
        &format!("{:.1} MiB; writes {written:.1} MB", peak as f64 / 1024.0),
    );
}

async fn request(http: &Client, url: &str, question: Question<'_>) -> Raw {
    let request = http.post(url).header(CONTENT_TYPE, "application/json");
    let request = request.body(question.body());
    let started = Instant::now();
    let answer = request.send().await.expect("the validator answers");
    let answer = answer.bytes().await.expect("the validator answers");
    let last_byte = started.elapsed();
    let json: Value = serde_json::from_slice(&answer).expect("it is JSON");
    let read = started.elapsed();
    Raw {
        last_byte,
        read,
        bytes: answer.len(),
        accounts: json["result"].as_array().map_or(0, Vec::len),
    }
}
