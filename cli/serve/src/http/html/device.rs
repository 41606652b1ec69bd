//! The page of a device.

use {
    super::{
        super::{
            documentation::{HistoryProblems, Problems},
            list::{absent, Named},
            parameters::{pairs, unknown},
            problem::Problem,
            state::Shared,
        },
        action::{commands, Command},
        frame::Frame,
        freshness::Freshness,
        obstacle::{obstacles, Obstacle},
        part::Moment,
        response,
        row::{Drain, HoldLine, Row},
        timeline::{Timeline, TimelineQuery},
    },
    crate::view::View,
    askama::Template,
    axum::{
        extract::{Path, State},
        http::{StatusCode, Uri},
        response::Response,
    },
    ebb_sdk::{
        client::Keyed,
        history::Tip,
        pda,
        state::{present, Device, DeviceHead},
        Role,
    },
};

#[derive(Template)]
#[template(path = "device.html")]
struct DevicePage {
    frame: Frame,
    freshness: Freshness,
    code: String,
    row: Row,
    drain: Option<Drain>,
    holds: Vec<HoldLine>,
    obstacles: Vec<Obstacle>,
    facts: Facts,
    commands: Vec<Command>,
    timeline: Timeline,
}

/// The page of a device that was removed.
#[derive(Template)]
#[template(path = "removed.html")]
struct RemovedPage {
    frame: Frame,
    freshness: Freshness,
    code: String,
    timeline: Timeline,
}

/// What the account says beyond what a row has.
struct Facts {
    address: String,
    contributor_address: String,
    generation: u64,
    sequence: u64,
    device_type: &'static str,
    public_ip: String,
    agent: Option<String>,
    status_changed_slot: u64,
    health_reported: Option<Moment>,
    health_reported_by: Option<&'static str>,
    disk_keys: u32,
    created: Option<Moment>,
    payer: String,
}

/// Show a device
///
/// A page for people: its state, what may be done with it, and what happened to it. Of a device that was removed, the last.
#[utoipa::path(
    get, path = "/devices/{code}", operation_id = "showDevice", tag = "page",
    params(
        ("code" = String, Path, description = "The device's code, or its address"),
        ("before" = Option<String>, Query, description = "Only events before this place, as the page's link has it"),
    ),
    responses(
        (status = 200, description = "The page", content_type = "text/html", body = String),
        HistoryProblems, Problems,
    ),
)]
pub async fn page(
    State(shared): State<Shared>,
    Path(code): Path<String>,
    uri: Uri,
) -> Result<Response, Problem> {
    let before = before(&uri)?;
    let view = shared.view().await?;
    let named = Named {
        kind: "device",
        name: &code,
        of_code: pda::device,
    };
    let address = named.address(shared.client.program_id());
    let absent = || absent(&named, address, &view.devices.unreadable);
    let address = address.ok_or_else(absent)?;
    let found = view.devices.at(&address);
    let wanted = TimelineQuery {
        device: &address,
        head: found.map(|found| Tip::from(&**found)),
        before: before.as_deref(),
        now: view.time,
    };
    let timeline = Timeline::read(&shared, wanted).await?;
    match found {
        Some(found) => {
            let template = DevicePage::new(&shared, &view, &uri, found, timeline);
            response::page(StatusCode::OK, &template)
        }
        None if timeline.is_empty() => Err(absent()),
        None => {
            let template = RemovedPage {
                frame: Frame::of(&shared, &uri),
                // Whoever registers the code again may do so anywhere.
                freshness: Freshness::of(&shared, &view, &[]),
                code,
                timeline,
            };
            response::page(StatusCode::OK, &template)
        }
    }
}

fn before(uri: &Uri) -> Result<Option<String>, Problem> {
    let mut before = None;
    for (name, value) in pairs(uri)? {
        match name.as_str() {
            "before" => before = Some(value),
            _ => return Err(unknown(&name, ["before"])),
        }
    }
    Ok(before)
}

/// The filters of the stream that has the device's changes, and as few of others as there is a filter for. Once the device does
/// not pass them any more, the stream reports it as removed.
fn streamed<'a>(view: &'a View, device: &DeviceHead) -> Vec<(&'static str, &'a str)> {
    let contributor = view.contributors.at(&device.contributor);
    let contributor = contributor.map(|found| ("contributor", found.account.code.as_str()));
    let location = view.locations.at(&device.location);
    let location = location.map(|found| ("location", found.account.code.as_str()));
    contributor.into_iter().chain(location).collect()
}

impl DevicePage {
    fn new(
        shared: &Shared,
        view: &View,
        uri: &Uri,
        found: &Keyed<Device>,
        timeline: Timeline,
    ) -> Self {
        let device = &found.account;
        let trail = shared.views.trail(&found.address);
        Self {
            frame: Frame::of(shared, uri),
            freshness: Freshness::of(shared, view, &streamed(view, &device.head)),
            code: device.code.clone(),
            row: Row::of(view, device),
            drain: Drain::of(view, device, &trail),
            holds: HoldLine::all(view, device),
            obstacles: obstacles(view, &device.head),
            facts: Facts::of(view, found),
            commands: commands(shared.ledger.options(), view, device),
            timeline,
        }
    }
}

impl Facts {
    fn of(view: &View, found: &Keyed<Device>) -> Self {
        let head = &found.account.head;
        let reporter = head.health_reported_by;
        Self {
            address: found.address.to_string(),
            contributor_address: head.contributor.to_string(),
            generation: head.generation,
            sequence: head.sequence,
            device_type: head.device_type.as_str(),
            public_ip: found.account.public_ip().to_string(),
            agent: present(&head.agent).map(ToString::to_string),
            status_changed_slot: head.status_changed_slot,
            health_reported: Moment::new(head.health_reported_at, view.time),
            health_reported_by: (reporter != Role::None).then(|| reporter.as_str()),
            disk_keys: head.disk_keys,
            created: Moment::new(head.created_at, view.time),
            payer: head.payer.to_string(),
        }
    }
}
