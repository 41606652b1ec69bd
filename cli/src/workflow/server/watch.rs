//! A selection of devices that a server is asked for again and again: as a stream of its changes, and where it depends on
//! the time too, which no stream has, as a list.

use {
    super::{
        documents::{self, ListEnd, Removed, Stamp},
        events::{Event, Events},
        http::{Server, ServerRequest},
        query,
    },
    crate::{
        error::CliError,
        input::filter::FilterArgs,
        render::device::DeviceView,
        workflow::reader::{Devices, Watch},
    },
    async_trait::async_trait,
    ebb_sdk::{client::Unreadable, json::DeviceJson},
    std::{collections::BTreeMap, time::Duration},
    tokio::time::{sleep, Instant},
};

/// How long after a failure the server is asked again.
const PAUSE: Duration = Duration::from_secs(1);

/// Waits a little after each failure.
#[derive(Default)]
struct Pause {
    has_failed: bool,
}

impl Pause {
    async fn before_trying(&mut self) {
        if self.has_failed {
            sleep(PAUSE).await;
        }
        self.has_failed = true;
    }

    fn succeeded(&mut self) {
        self.has_failed = false;
    }
}

/// A list that is asked for when it has changed.
pub struct ListWatch<'a> {
    server: &'a Server,
    request: ServerRequest,
    /// The newest slot that was seen.
    slot: u64,
    pause: Pause,
}

impl<'a> ListWatch<'a> {
    /// Nothing was asked yet.
    pub fn new(server: &'a Server, filter: &FilterArgs) -> Self {
        let mut request = ServerRequest::new(["devices"]);
        request.query = query::filter(filter);
        Self {
            server,
            request,
            slot: 0,
            pause: Pause::default(),
        }
    }
}

#[async_trait(?Send)]
impl Watch for ListWatch<'_> {
    async fn next(&mut self) -> Result<Devices, CliError> {
        loop {
            self.pause.before_trying().await;
            let answer = self.server.get(&self.request).await?;
            let Some(answer) = answer else {
                self.pause.succeeded();
                continue;
            };
            let stamp = Stamp::of(self.server, &answer)?;
            // Another server may have answered.
            if stamp.slot < self.slot {
                return Err(self.server.behind(stamp.slot, self.slot));
            }
            let devices = documents::devices(&answer, stamp.now())?;
            self.slot = stamp.slot;
            self.request.known = answer.etag;
            self.pause.succeeded();
            return Ok(devices);
        }
    }
}

/// A list, and a stream of its changes that is resumed where it broke off, or begun again with a list.
pub struct StreamWatch<'a> {
    server: &'a Server,
    query: Vec<(&'static str, String)>,
    stream: Option<Events<'a>>,
    /// Where the stream stands, once the list is complete.
    last: Option<String>,
    selection: BTreeMap<String, DeviceJson<'static>>,
    seen: Seen,
    pause: Pause,
}

/// The newest state that was seen.
struct Seen {
    slot: u64,
    /// The ledger's time then, in Unix seconds, and when that was.
    time: i64,
    at: Instant,
}

impl Seen {
    /// The ledger's time now.
    fn now(&self) -> i64 {
        self.time
            .saturating_add_unsigned(self.at.elapsed().as_secs())
    }
}

impl<'a> StreamWatch<'a> {
    /// Nothing was asked yet.
    pub fn new(server: &'a Server, filter: &FilterArgs) -> Self {
        Self {
            server,
            query: query::filter(filter),
            stream: None,
            last: None,
            selection: BTreeMap::new(),
            seen: Seen {
                slot: 0,
                time: 0,
                at: Instant::now(),
            },
            pause: Pause::default(),
        }
    }

    /// The selection once something has changed and all of that is there.
    async fn read(&mut self) -> Result<(), CliError> {
        loop {
            if self.last.is_none() {
                return self.list().await;
            }
            if self.stream.is_none() {
                self.resume().await?;
            }
            if self.follow().await? {
                return Ok(());
            }
        }
    }

    fn request(&self, route: &str) -> ServerRequest {
        let mut request = ServerRequest::new([route]);
        request.query.clone_from(&self.query);
        request
    }

    /// Reads the list, behind which the stream goes on.
    async fn list(&mut self) -> Result<(), CliError> {
        let response = self.server.stream(&self.request("watch"), None).await?;
        let mut stream = Events::new(self.server, response);
        let mut selection = BTreeMap::new();
        while let Some(event) = stream.next().await? {
            match event.name.as_str() {
                "device" => {
                    let device: DeviceJson<'static> = event.json()?;
                    selection.insert(device.code.to_string(), device);
                }
                "listed" => {
                    self.take_list(&event.json()?, selection)?;
                    self.last = event.id;
                    self.stream = Some(stream);
                    return Ok(());
                }
                _ => {}
            }
        }
        Err(self.server.cut())
    }

    fn take_list(
        &mut self,
        listed: &ListEnd,
        selection: BTreeMap<String, DeviceJson<'static>>,
    ) -> Result<(), CliError> {
        // What was seen of a device may be newer than the last list.
        let changes = self.selection.values().map(|it| it.status_changed_slot);
        let seen = changes.max().unwrap_or(0).max(self.seen.slot);
        if listed.slot < seen {
            return Err(self.server.behind(listed.slot, seen));
        }
        self.seen = Seen {
            slot: listed.slot,
            time: listed.now(),
            at: Instant::now(),
        };
        self.selection = selection;
        Ok(())
    }

    /// Goes on strictly behind what is known; where the server does not know that, the next reading is a list.
    async fn resume(&mut self) -> Result<(), CliError> {
        let last = self.last.as_deref();
        match self.server.stream(&self.request("events"), last).await {
            Ok(response) => {
                self.stream = Some(Events::new(self.server, response));
                Ok(())
            }
            Err(error) if error.is_gone() => {
                self.last = None;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Takes the next events until what changed at one time is complete. Returns whether anything did.
    async fn follow(&mut self) -> Result<bool, CliError> {
        let Some(stream) = &mut self.stream else {
            return Ok(false);
        };
        let mut changed = vec![];
        loop {
            let Some(event) = stream.next().await? else {
                // The server ends. What came of a reading that is not complete comes again.
                self.stream = None;
                sleep(PAUSE).await;
                return Ok(false);
            };
            if event.name == "resync" {
                (self.stream, self.last) = (None, None);
                return Ok(false);
            }
            let id = event.id.clone();
            if !event.name.is_empty() {
                changed.push(event);
            }
            if id.is_some() {
                self.last = id;
                break;
            }
        }
        let has_changed = !changed.is_empty();
        changed.iter().try_for_each(|event| self.take(event))?;
        Ok(has_changed)
    }

    fn take(&mut self, event: &Event) -> Result<(), CliError> {
        match event.name.as_str() {
            "device" => {
                let device: DeviceJson<'static> = event.json()?;
                self.selection.insert(device.code.to_string(), device);
            }
            "removed" => {
                let removed: Removed = event.json()?;
                self.selection.remove(&removed.code);
            }
            // A location or a contributor changes no device, but what may be done with one.
            _ => {}
        }
        Ok(())
    }

    fn devices(&self) -> Devices {
        let now = self.seen.now();
        let devices = self.selection.values().cloned();
        let views = devices.map(|device| DeviceView { device, now }).collect();
        Devices::new(now, views, Unreadable::new())
    }
}

#[async_trait(?Send)]
impl Watch for StreamWatch<'_> {
    async fn next(&mut self) -> Result<Devices, CliError> {
        self.pause.before_trying().await;
        let read = self.read().await;
        match read {
            Ok(()) => {
                self.pause.succeeded();
                Ok(self.devices())
            }
            Err(error) => {
                self.stream = None;
                Err(error)
            }
        }
    }
}
