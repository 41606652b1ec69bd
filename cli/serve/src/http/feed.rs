//! One client's stream of changes.

use {
    super::{
        filter::Filter,
        problem::Problem,
        state::Shared,
        step::{StepEvents, Unsent},
        stream::{respond, Feed, Next, Open, SseEvent},
    },
    crate::view::{Change, Changes, Position, View, Views},
    axum::{body::Bytes, response::Response},
    ebb_sdk::{
        client::Keyed,
        json::{rfc3339, ContributorJson, LocationJson, RegistryJson},
        state::{Contributor, Device, Location, Registry},
    },
    serde::Serialize,
    solana_sdk::pubkey::Pubkey,
    std::{
        mem,
        ops::Bound::{Excluded, Unbounded},
        sync::Arc,
    },
    tokio::sync::watch,
};

/// Begins a stream behind a position; with a list, that comes first.
///
/// # Errors
/// Too many are open.
pub fn begin(
    shared: Shared,
    filter: Filter,
    after: Position,
    listing: Option<Listing>,
) -> Result<Response, Problem> {
    let changes = DeviceChanges {
        newest: shared.views.subscribe(),
        // What changed behind the position comes at once.
        has_news: true,
        unsent: Unsent::default(),
        has_ended: false,
        shared: Arc::clone(&shared),
        filter: Arc::new(filter),
        after,
        listing,
    };
    let open = Open::new(&shared)?;
    Ok(respond(shared, open, changes))
}

/// How far a list has come.
pub struct Listing {
    view: Arc<View>,
    last: Option<String>,
    count: usize,
}

impl Listing {
    /// All that passes in a view.
    pub fn new(view: Arc<View>) -> Self {
        Self {
            view,
            last: None,
            count: 0,
        }
    }
}

/// One client's stream. It holds no more than the changes of one view, and the view that it lists: a client that does not read
/// falls behind the changes that are kept, and gets `resync`.
struct DeviceChanges {
    shared: Shared,
    filter: Arc<Filter>,
    after: Position,
    listing: Option<Listing>,
    newest: watch::Receiver<Option<Arc<View>>>,
    /// Whether there may be changes behind the position.
    has_news: bool,
    /// What is to be sent next.
    unsent: Unsent,
    has_ended: bool,
}

#[derive(Serialize)]
struct Removed<'a> {
    code: &'a str,
    address: String,
}

#[derive(Serialize)]
struct Listed {
    count: usize,
    slot: u64,
    time: Option<String>,
}

impl Feed for DeviceChanges {
    async fn next(&mut self) -> Next {
        loop {
            // A client that reads its list so slowly would only be sent away behind it.
            if self.listing.is_some() && !self.shared.views.keeps_all_after(&self.after) {
                self.resync();
            }
            if let Some(event) = self.unsent.take().or_else(|| self.listed()) {
                return Next::Event(event);
            }
            if self.has_ended {
                return Next::End;
            }
            if !mem::take(&mut self.has_news) {
                return Next::Nothing;
            }
            self.take_changes().await;
        }
    }

    async fn changed(&mut self) -> bool {
        let goes_on = self.newest.changed().await.is_ok();
        self.has_news = true;
        goes_on
    }

    fn position(&self) -> String {
        self.after.to_string()
    }
}

impl DeviceChanges {
    /// The next event of the list.
    fn listed(&mut self) -> Option<Bytes> {
        let listing = self.listing.as_mut()?;
        let view = Arc::clone(&listing.view);
        let from = listing.last.as_deref().map_or(Unbounded, Excluded);
        let mut devices = view.devices.by_code.range::<str, _>((from, Unbounded));
        let found = devices.find(|(_, device)| self.filter.admits(&view, &device.account));
        match found {
            Some((code, device)) => {
                listing.last = Some(code.clone());
                listing.count += 1;
                Some(device_event(&view, device).into())
            }
            None => {
                let count = listing.count;
                self.listing = None;
                let listed = Listed {
                    count,
                    slot: view.slot,
                    time: rfc3339(view.time),
                };
                let event = SseEvent::new("listed", &listed);
                Some(event.id(&self.after.to_string()).into())
            }
        }
    }

    async fn take_changes(&mut self) {
        let Some(view) = self.newest.borrow_and_update().clone() else {
            return;
        };
        let (shared, version) = (&self.shared, view.version);
        let advance = Advance {
            filter: Arc::clone(&self.filter),
            after: self.after,
            views: Arc::clone(&shared.views),
            view,
            program_id: *shared.client.program_id(),
        };
        let key = (Arc::clone(&self.filter), self.after);
        let events = shared.steps.get(version, key, move || advance.events());
        match events.await.flatten() {
            Some(events) => {
                self.unsent = events.into();
                self.after = self.shared.views.position(version);
            }
            None => self.resync(),
        }
    }

    /// Has the stream end with the advice to list again.
    fn resync(&mut self) {
        self.shared.metrics.sse_dropped.inc();
        self.has_ended = true;
        self.listing = None;
        let resync = SseEvent::new("resync", &serde_json::json!({}));
        self.unsent = Arc::<[Bytes]>::from([resync.into()]).into();
    }
}

/// What leads from a position to a view, for every stream with a filter.
struct Advance {
    filter: Arc<Filter>,
    after: Position,
    views: Arc<Views>,
    view: Arc<View>,
    program_id: Pubkey,
}

impl Advance {
    fn events(&self) -> StepEvents {
        let mut all: Vec<Bytes> = vec![];
        for (version, changes) in self.views.changes(&self.after, self.view.version)? {
            let mut events = self.events_of(&changes);
            let id = self.views.position(version).to_string();
            let last = events.pop().map(|last| last.id(&id));
            all.extend(events.into_iter().chain(last).map(Bytes::from));
        }
        Some(all.into())
    }

    /// What changes are for these streams: devices last, so that whoever acts on one knows what the registry, its contributor
    /// and its location allow.
    fn events_of(&self, changes: &Changes) -> Vec<SseEvent> {
        let registry = changes.registry.iter();
        let registry = registry.map(|registry| registry_event(&self.program_id, registry));
        let contributors = changes.contributors.iter();
        let contributors = contributors.filter(|it| self.filter.admits_contributor(&it.address));
        let locations = changes.locations.iter();
        let locations = locations.filter(|it| self.filter.admits_location(&it.address));
        let devices = changes.devices.iter();
        registry
            .chain(contributors.map(|it| contributor_event(it)))
            .chain(locations.map(|it| location_event(it)))
            .chain(devices.filter_map(|change| self.event_of(change)))
            .collect()
    }

    /// What the change of a device is for these streams.
    fn event_of(&self, change: &Change) -> Option<SseEvent> {
        let admits = |device: &&Arc<Keyed<Device>>| self.filter.admits(&self.view, &device.account);
        let before = change.before.as_ref().filter(admits);
        let after = change.after.as_ref().filter(admits);
        match (before, after) {
            (_, Some(device)) => Some(device_event(&self.view, device)),
            (Some(device), None) => {
                let (code, address) = (device.account.code.as_str(), device.address.to_string());
                Some(SseEvent::new("removed", &Removed { code, address }))
            }
            (None, None) => None,
        }
    }
}

fn device_event(view: &View, device: &Keyed<Device>) -> SseEvent {
    view.with_json(device, |json| SseEvent::new("device", &json))
}

fn registry_event(program_id: &Pubkey, registry: &Registry) -> SseEvent {
    SseEvent::new("registry", &RegistryJson::new(program_id, registry))
}

fn contributor_event(contributor: &Keyed<Contributor>) -> SseEvent {
    SseEvent::new("contributor", &ContributorJson::from(contributor.clone()))
}

fn location_event(location: &Keyed<Location>) -> SseEvent {
    SseEvent::new("location", &LocationJson::from(location.clone()))
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::{
            http::state::tests::server,
            view::tests::{device, publish, view},
        },
        axum::{
            http::{header, StatusCode},
            response::IntoResponse,
        },
        ebb_sdk::state::ProvisioningStatus::{self, Activated, Draining},
        futures_util::StreamExt,
    };

    async fn text(response: Response) -> String {
        let body = axum::body::to_bytes(response.into_body(), usize::MAX);
        String::from_utf8(body.await.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_client_that_is_too_slow_is_sent_to_the_list() {
        let (shared, _closing, _dir) = server(Views::keeping(2));
        publish(&shared.views, 1, Activated);
        let after = shared.views.position(1);
        let stream = begin(shared.clone(), Filter::default(), after, None).unwrap();
        for (version, status) in [(2, Draining), (3, Activated), (4, Draining)] {
            publish(&shared.views, version, status);
        }
        assert_eq!(shared.metrics.sse_clients.get(), 1);
        assert_eq!(text(stream).await, "event: resync\ndata: {}\n\n");
        let metrics = &shared.metrics;
        assert_eq!(
            (metrics.sse_clients.get(), metrics.sse_dropped.get()),
            (0, 1)
        );
    }

    #[tokio::test]
    async fn a_client_that_reads_its_list_too_slowly_is_sent_away_and_its_view_is_not_held() {
        let (shared, _closing, _dir) = server(Views::keeping(2));
        let devices = |statuses: [ProvisioningStatus; 2]| {
            let codes = ["a", "b"].into_iter().zip(statuses);
            codes.map(|(code, status)| device(code, status)).collect()
        };
        let listed = view(1, None, devices([Activated, Activated]));
        shared.views.publish(listed);
        let listed = shared.views.newest().unwrap();
        let held = Arc::downgrade(&listed);
        let after = shared.views.position(1);
        let listing = Some(Listing::new(listed));
        let stream = begin(shared.clone(), Filter::default(), after, listing).unwrap();
        let mut frames = stream.into_body().into_data_stream();
        let mut next = async || {
            let frame = frames.next().await?.unwrap();
            Some(String::from_utf8(frame.to_vec()).unwrap())
        };
        assert!(next()
            .await
            .unwrap()
            .starts_with("event: device\ndata: {\"code\":\"a\""));
        for (version, status) in [(2, Draining), (3, Activated), (4, Draining)] {
            let before = shared.views.newest();
            let devices = devices([status, Activated]);
            shared
                .views
                .publish(view(version, before.as_deref(), devices));
        }
        assert!(held.upgrade().is_some());
        let resync = "event: resync\ndata: {}\n\n".to_owned();
        assert_eq!(next().await, Some(resync));
        assert!(held.upgrade().is_none());
        assert_eq!(next().await, None);
        assert_eq!(shared.metrics.sse_dropped.get(), 1);
    }

    #[tokio::test]
    async fn streams_of_one_filter_share_what_they_are_sent() {
        let (shared, _closing, _dir) = server(Views::keeping(100));
        publish(&shared.views, 1, Activated);
        let mut filter = Filter::default();
        let view = shared.views.newest().unwrap();
        let taken = filter.take("status", "draining", &ebb_sdk::ID, &view);
        assert!(taken.ok().unwrap());
        let step = || (Arc::new(filter.clone()), shared.views.position(1));
        let stream = begin(shared.clone(), filter.clone(), step().1, None).unwrap();
        publish(&shared.views, 2, Draining);
        let mut frames = stream.into_body().into_data_stream();
        let first = frames.next().await.unwrap().unwrap();
        assert!(first.starts_with(b"event: device\n"), "{first:?}");
        // The same filter from the same position is not looked at again, and its streams send the same bytes.
        let found = shared.steps.get(2, step(), || None).await;
        let found = found.flatten().unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(first.as_ptr(), found[0].as_ptr());
    }

    #[tokio::test]
    async fn streams_are_limited_and_end_with_the_server() {
        let (shared, closing, _dir) = server(Views::keeping(100));
        publish(&shared.views, 1, Activated);
        let open = || {
            begin(
                shared.clone(),
                Filter::default(),
                shared.views.position(1),
                None,
            )
        };
        let stream = open().unwrap();
        let refused = open().unwrap_err().into_response();
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.headers()[header::RETRY_AFTER], "5");
        closing.send_replace(true);
        assert_eq!(text(stream).await, "");
        assert!(open().is_ok());
    }
}
