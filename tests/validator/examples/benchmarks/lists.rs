//! Listing a fleet, against the request that lies beneath.

use {
    crate::{figure, fleet::Fleet, process, REPEATS},
    base64::{prelude::BASE64_STANDARD, Engine},
    ebb_sdk::{
        state::{AccountType, DeviceHead, ProvisioningStatus},
        ID,
    },
    serde_json::{json, Value},
    solana_client::rpc_request::RpcRequest,
    std::time::{Duration, Instant},
};

/// `ebb device list --status draining` and the raw request, one after the other in turns.
pub async fn list(fleet: &Fleet) {
    let (mut lists, mut raw, mut count) = (vec![], vec![], 0);
    for _ in 0..REPEATS {
        lists.push(process::measure(
            &fleet.ebb,
            &["device", "list", "--status", "draining"],
        ));
        let (time, found) = request(fleet).await;
        raw.push(time);
        count = found;
    }
    let rows = lists[0].stdout.lines().count() - 1;
    assert_eq!(rows, count, "each account has a row");
    figure(
        &format!("getProgramAccounts of {count} draining devices"),
        &process::spread(&raw, |time| *time),
    );
    figure(
        &format!("ebb device list --status draining of {rows} devices"),
        &process::spread(&lists, |run| run.wall),
    );
    let first_row = |run: &process::Measured| run.first_row.expect("it has rows");
    figure("  first row", &process::spread(&lists, first_row));
    let peak = lists.iter().map(|run| run.peak).max().unwrap_or_default();
    figure("  peak", &format!("{} MiB", peak / 1024));
}

/// How long the raw request takes until its JSON is read, and how many accounts it has.
async fn request(fleet: &Fleet) -> (Duration, usize) {
    let client = fleet.validator.client();
    let memcmp = |offset: usize, byte: u8| {
        let bytes = BASE64_STANDARD.encode([byte]);
        json!({ "memcmp": { "offset": offset, "encoding": "base64", "bytes": bytes } })
    };
    let filters = [
        memcmp(0, AccountType::Device as u8),
        memcmp(
            DeviceHead::PROVISIONING_STATUS_OFFSET,
            ProvisioningStatus::Draining as u8,
        ),
    ];
    let params = json!([
        ID.to_string(),
        { "encoding": "base64", "commitment": "confirmed", "filters": filters },
    ]);
    let started = Instant::now();
    let answer: Value = client
        .send(RpcRequest::GetProgramAccounts, params)
        .await
        .expect("the validator answers");
    let time = started.elapsed();
    (time, answer.as_array().map_or(0, Vec::len))
}
