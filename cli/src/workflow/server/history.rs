//! The history of a device, page by page.

use {
    super::{
        documents::DeviceHistory,
        http::{Server, ServerRequest},
        query,
    },
    crate::{
        error::CliError,
        input::value::{Identifier, Time},
        render::history::{EventEntry, GapEntry},
        workflow::reader::History,
    },
    async_trait::async_trait,
    std::{collections::HashSet, time::Duration},
    tokio::time::sleep,
};

/// How long after a failure the server is asked again.
const PAUSE: Duration = Duration::from_secs(1);

/// What a server has of a device's history.
pub struct ServerHistory<'a> {
    server: &'a Server,
    request: ServerRequest,
    known: Pages,
    has_failed: bool,
}

/// A whole history.
struct Pages {
    events: Vec<EventEntry>,
    gaps: Vec<GapEntry>,
    /// What asks whether there is more: the last page, with what it is known by.
    last: ServerRequest,
}

impl<'a> ServerHistory<'a> {
    /// Reads what there is.
    pub async fn read(
        server: &'a Server,
        device: &Identifier,
        since: Option<Time>,
    ) -> Result<Self, CliError> {
        let mut request = ServerRequest::new(["devices", &query::segment(device), "history"]);
        request.query.extend(since.map(query::since));
        Ok(Self {
            known: Pages::read(server, &request).await?,
            server,
            request,
            has_failed: false,
        })
    }

    /// Waits for another result, and reads all of it; `None` if it stays the same.
    async fn read_on(&self) -> Result<Option<Pages>, CliError> {
        match self.server.get(&self.known.last).await {
            Ok(None) => return Ok(None),
            Ok(Some(_)) => {}
            // The server keeps another store now, whose places are others.
            Err(error) if error.is_gone() => {}
            Err(error) => return Err(error),
        }
        Pages::read(self.server, &self.request).await.map(Some)
    }
}

impl Pages {
    async fn read(server: &Server, request: &ServerRequest) -> Result<Self, CliError> {
        let (mut events, mut page) = (vec![], request.clone());
        loop {
            let answer = server.get_full(&page).await?;
            let document: DeviceHistory = answer.json()?;
            events.extend(document.events);
            match answer.next {
                Some(after) => {
                    page = request.clone();
                    page.query.push(("after", after));
                }
                None => {
                    page.known = answer.etag;
                    return Ok(Self {
                        events,
                        gaps: document.gaps,
                        last: page,
                    });
                }
            }
        }
    }
}

/// Where the ledger has an event, which no other one has.
fn place(entry: &EventEntry) -> (&str, u32) {
    (&entry.event.signature, entry.event.place)
}

#[async_trait(?Send)]
impl History for ServerHistory<'_> {
    fn events(&self) -> Vec<EventEntry> {
        self.known.events.clone()
    }

    fn gaps(&self) -> Vec<GapEntry> {
        self.known.gaps.clone()
    }

    fn reasons(&self) -> Vec<String> {
        vec![]
    }

    async fn next(&mut self) -> Result<Vec<EventEntry>, CliError> {
        if self.has_failed {
            sleep(PAUSE).await;
        }
        let read = self.read_on().await;
        self.has_failed = read.is_err();
        let Some(read) = read? else {
            return Ok(vec![]);
        };
        let known: HashSet<_> = self.known.events.iter().map(place).collect();
        let new = read.events.iter().filter(|it| !known.contains(&place(it)));
        let new = new.cloned().collect();
        self.known = read;
        Ok(new)
    }
}
