//! Listing a fleet, against the request that lies beneath.

use {
    crate::{figure, fleet::Fleet, process, REPEATS},
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
    accounts: usize,
}

/// `ebb device list --status draining`, of a contributor or of all, and the bare request, one after the other in turns.
pub async fn list(fleet: &Fleet, contributor: Option<&str>) {
    let mut arguments = vec!["device", "list", "--status", "draining"];
    arguments.extend(contributor.iter().flat_map(|it| ["--contributor", it]));
    let http = Client::new();
    let (mut lists, mut raw) = (vec![], vec![]);
    for _ in 0..REPEATS {
        lists.push(process::measure(&fleet.ebb, &arguments));
        raw.push(request(&http, &fleet.validator.url(), contributor).await);
    }
    let rows = lists[0].stdout.lines().count() - 1;
    let counts = (raw[0].accounts, fleet.len(contributor));
    assert_eq!((rows, rows), counts, "each account has a row");

    let of = format!("of {rows} devices");
    figure(
        &format!("getProgramAccounts {of}"),
        &process::spread(&raw, |run| run.read),
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
    figure("  peak", &format!("{:.1} MiB", peak as f64 / 1024.0));
}

/// The request of a list of draining devices, of a contributor or of all.
pub fn body(contributor: Option<&str>) -> String {
    let memcmp = |offset: usize, bytes: &[u8]| {
        let bytes = BASE64_STANDARD.encode(bytes);
        json!({ "memcmp": { "offset": offset, "encoding": "base64", "bytes": bytes } })
    };
    let draining = ProvisioningStatus::Draining as u8;
    let mut filters = vec![
        memcmp(0, &[AccountType::Device as u8]),
        memcmp(DeviceHead::PROVISIONING_STATUS_OFFSET, &[draining]),
    ];
    if let Some(contributor) = contributor {
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

async fn request(http: &Client, url: &str, contributor: Option<&str>) -> Raw {
    let request = http.post(url).header(CONTENT_TYPE, "application/json");
    let request = request.body(body(contributor));
    let started = Instant::now();
    let answer = request.send().await.expect("the validator answers");
    let answer = answer.bytes().await.expect("the validator answers");
    let last_byte = started.elapsed();
    let json: Value = serde_json::from_slice(&answer).expect("it is JSON");
    let read = started.elapsed();
    Raw {
        last_byte,
        read,
        accounts: json["result"].as_array().map_or(0, Vec::len),
    }
}
