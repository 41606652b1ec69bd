//! The page of the fleet.

use {
    super::{
        super::{
            documentation::Problems,
            filter::FilterParams,
            list::page_of,
            page::{Page, PagingParams},
            problem::Problem,
            state::Shared,
        },
        form::{first, next, Field, FleetQuery},
        frame::Frame,
        freshness::Freshness,
        places::{places, DeviceCounts, LocationRow},
        response,
        row::{Card, Row},
    },
    crate::view::View,
    askama::Template,
    axum::{
        extract::State,
        http::{StatusCode, Uri},
        response::Response,
    },
    ebb_sdk::{
        client::Keyed,
        state::{Device, DeviceHead, ProvisioningStatus},
    },
    std::collections::HashSet,
};

/// How many rows the table has unless the request says, and at most.
const ROWS: u32 = 150;
const MAX_ROWS: u32 = 200;
/// How many draining devices have a card. The others are in the table.
const MAX_CARDS: usize = 50;

#[derive(Template)]
#[template(path = "fleet.html")]
struct FleetPage {
    frame: Frame,
    freshness: Freshness,
    devices: usize,
    counts: DeviceCounts,
    places: Vec<LocationRow>,
    more_places: usize,
    fields: Vec<Field>,
    kept: Vec<(String, String)>,
    is_filtered: bool,
    draining: usize,
    draining_alone: String,
    cards: Vec<Card>,
    rows: Vec<Row>,
    is_first: bool,
    first: String,
    next: Option<String>,
    unreadable: usize,
}

/// Show the fleet
///
/// A page for people: draining devices first, then the others. The filters are those of `/api/v1/devices`; a page has 150
/// devices, or `limit` up to 200.
#[utoipa::path(
    get, path = "/", operation_id = "showFleet", tag = "page",
    params(FilterParams, PagingParams),
    responses((status = 200, description = "The page", content_type = "text/html", body = String), Problems),
)]
pub async fn page(State(shared): State<Shared>, uri: Uri) -> Result<Response, Problem> {
    let view = shared.view().await?;
    let workers = shared.workers.clone();
    // Counting and filtering take every device.
    let write = move || {
        let asked = FleetQuery::of(&uri, shared.client.program_id(), &view)?;
        let template = FleetPage::new(&shared, &view, &uri, &asked)?;
        response::page(StatusCode::OK, &template)
    };
    workers.run(write).await.ok_or_else(Problem::fault)?
}

impl FleetPage {
    fn new(shared: &Shared, view: &View, uri: &Uri, asked: &FleetQuery) -> Result<Self, Problem> {
        let draining = draining(view, asked);
        let with_card = draining.get(..MAX_CARDS).unwrap_or(&draining);
        let carded: HashSet<&str> = with_card
            .iter()
            .map(|it| it.account.code.as_str())
            .collect();
        let page = Page {
            limit: Some(asked.page.limit.unwrap_or(ROWS).min(MAX_ROWS)),
            ..asked.page.clone()
        };
        let admits = |device: &Device| {
            !carded.contains(device.code.as_str()) && asked.filter.admits(view, device)
        };
        let (rows, last) = page_of(&view.devices.by_code, &page, admits);
        let is_first = page.after.is_none();
        let with_card = with_card.iter().filter(|_| is_first);
        let cards = with_card.filter_map(|found| Card::of(shared, view, found));
        let (places, more_places) = places(view, &asked.filter);
        Ok(Self {
            frame: Frame::of(shared, uri),
            freshness: Freshness::of(shared, view, &asked.streamed()),
            devices: view.devices.by_code.len(),
            counts: DeviceCounts::of(view),
            places,
            more_places,
            fields: asked.fields(),
            kept: asked.kept(),
            is_filtered: asked.is_filtered(),
            draining: draining.len(),
            draining_alone: asked.draining_alone(),
            cards: cards.collect(),
            rows: rows.iter().map(|it| Row::of(view, &it.account)).collect(),
            is_first,
            first: first(uri)?,
            next: next(uri, last)?,
            unreadable: view.unreadable(),
        })
    }
}

/// The draining devices that pass, those first that are overdue, then by their deadlines.
fn draining<'a>(view: &'a View, asked: &FleetQuery) -> Vec<&'a Keyed<Device>> {
    let devices = view.devices.by_code.values().map(AsRef::as_ref);
    let is_draining = |found: &&Keyed<Device>| {
        found.account.head.provisioning_status == ProvisioningStatus::Draining
            && asked.filter.admits(view, &found.account)
    };
    let mut draining: Vec<&Keyed<Device>> = devices.filter(is_draining).collect();
    draining.sort_by_key(|found| urgency(&found.account.head, view.time));
    draining
}

/// What comes first is the least.
fn urgency(device: &DeviceHead, now: i64) -> (bool, bool, i64) {
    let deadline = match device.drain.deadline {
        0 => i64::MAX,
        at => at,
    };
    (!device.is_overdue(now), device.is_drained(), deadline)
}
