//! Reading from the ledger itself.

use {
    super::{
        device::select::select,
        reader::{Devices, History, Listed, Reader, Watch},
    },
    crate::{
        context::{resolve, Context},
        error::CliError,
        input::{
            address,
            filter::FilterArgs,
            value::{Identifier, Time},
        },
        render::{
            self,
            device::DeviceView,
            history::{EventEntry, GapEntry},
        },
    },
    async_trait::async_trait,
    ebb_sdk::{
        client::Unreadable,
        fleet::Waker,
        history::{DeviceHistory, Record},
        json::{ContributorJson, EventJson, LocationJson, RegistryJson},
    },
    std::time::Duration,
    tokio::time::{sleep, Instant},
};

/// How long after a reading the next one begins at the earliest.
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);
/// How often a selection is read that may change though no device does.
const TIMED_INTERVAL: Duration = Duration::from_secs(1);

#[async_trait(?Send)]
impl Reader for Context {
    async fn devices(&self, filter: &FilterArgs) -> Result<Devices, CliError> {
        let selected = select(self, filter).await?;
        require_registry(self, selected.is_empty(), &selected.unreadable).await?;
        Ok(selected.into())
    }

    async fn device(&self, device: &Identifier) -> Result<DeviceView, CliError> {
        Ok(DeviceView::of(&resolve::subject(self, device).await?))
    }

    async fn locations(&self) -> Result<Listed<LocationJson>, CliError> {
        let listing = self.client.locations().await?;
        require_registry(self, listing.items.is_empty(), &listing.unreadable).await?;
        Ok(render::views(listing, LocationJson::from, |it| {
            it.code.clone()
        }))
    }

    async fn location(&self, location: &Identifier) -> Result<LocationJson, CliError> {
        Ok(resolve::location(self, location).await?.into())
    }

    async fn contributors(&self) -> Result<Listed<ContributorJson>, CliError> {
        let listing = self.client.contributors().await?;
        require_registry(self, listing.items.is_empty(), &listing.unreadable).await?;
        Ok(render::views(listing, ContributorJson::from, |it| {
            it.code.clone()
        }))
    }

    async fn contributor(&self, contributor: &Identifier) -> Result<ContributorJson, CliError> {
        Ok(resolve::contributor(self, contributor).await?.into())
    }

    async fn registry(&self) -> Result<RegistryJson, CliError> {
        let registry = resolve::registry(self).await?;
        Ok(RegistryJson::new(self.program_id(), &registry))
    }

    async fn history<'a>(
        &'a self,
        device: &'a Identifier,
        since: Option<Time>,
    ) -> Result<Box<dyn History + 'a>, CliError> {
        let address = address::device(self.program_id(), device);
        let code = match device {
            Identifier::Code(code) => Some(code.as_str()),
            Identifier::Address(_) => None,
        };
        let history = DeviceHistory::new(self.client.clone(), address, code);
        let mut history = history.finality(self.finality);
        history.read().await?;
        if history.registrations().is_empty() && history.gaps().is_empty() {
            return Err(resolve::device_absent(self, device).await);
        }
        let since = match since {
            Some(since) => Some(since.before(self.now().await?.time)),
            None => None,
        };
        Ok(Box::new(LedgerHistory {
            history,
            since,
            waker: Waker::new(self.client.ledger(), vec![address]),
        }))
    }

    fn watch<'a>(&'a self, filter: &'a FilterArgs) -> Box<dyn Watch + 'a> {
        Box::new(LedgerWatch {
            context: self,
            filter,
            waker: Waker::of_program(self.client.ledger(), self.program_id()),
            pause: None,
        })
    }
}

/// Fails where there is nothing because there is no registry.
async fn require_registry(
    context: &Context,
    is_empty: bool,
    unreadable: &Unreadable,
) -> Result<(), CliError> {
    if is_empty && unreadable.is_empty() {
        resolve::registry(context).await?;
    }
    Ok(())
}

struct LedgerHistory<'a> {
    history: DeviceHistory,
    since: Option<i64>,
    waker: Waker<'a>,
}

impl LedgerHistory<'_> {
    fn entries(&self, is_wanted: impl Fn(&Record) -> bool) -> Vec<EventEntry> {
        let registrations = self.history.registrations();
        let of_each = registrations.iter().flat_map(|registration| {
            let records = registration.records.iter();
            records.map(|record| (registration.number, record))
        });
        of_each
            .filter(|(_, record)| is_wanted(record))
            .map(|(number, record)| EventEntry {
                registration: Some(number),
                event: EventJson::from(record),
            })
            .collect()
    }
}

#[async_trait(?Send)]
impl History for LedgerHistory<'_> {
    fn events(&self) -> Vec<EventEntry> {
        self.entries(|record| self.since.is_none_or(|since| record.event.time >= since))
    }

    fn gaps(&self) -> Vec<GapEntry> {
        let gaps = self.history.gaps().iter();
        gaps.map(|gap| GapEntry {
            registration: Some(gap.registration),
            from: gap.from,
            to: gap.to,
        })
        .collect()
    }

    fn reasons(&self) -> Vec<String> {
        let unread = self.history.failures().iter().map(ToString::to_string);
        let cut = self.history.truncated().iter().map(ToString::to_string);
        unread.chain(cut).collect()
    }

    async fn next(&mut self) -> Result<Vec<EventEntry>, CliError> {
        self.waker.next(None).await;
        let new = self.history.read().await?;
        Ok(if new.is_empty() {
            vec![]
        } else {
            self.entries(|record| new.contains(record))
        })
    }
}

struct LedgerWatch<'a> {
    context: &'a Context,
    filter: &'a FilterArgs,
    waker: Waker<'a>,
    /// How long to leave the ledger alone after the last reading; `None` before the first.
    pause: Option<Duration>,
}

#[async_trait(?Send)]
impl Watch for LedgerWatch<'_> {
    async fn next(&mut self) -> Result<Devices, CliError> {
        if let Some(pause) = self.pause {
            sleep(pause).await;
            self.waker
                .next(self.filter.is_timed().then_some(TIMED_INTERVAL))
                .await;
        }
        let began = Instant::now();
        let devices = match self.pause {
            None => self.context.devices(self.filter).await,
            Some(_) => select(self.context, self.filter).await.map(Devices::from),
        };
        // Half of the time at most is spent reading, however long it takes.
        self.pause = Some(began.elapsed().max(SHORTEST_PAUSE));
        devices
    }
}
