//! What a server answers in place of the ledger.

use {
    super::{
        documents::{self, Stamp},
        history::ServerHistory,
        http::{Server, ServerRequest},
        query,
        watch::{ListWatch, StreamWatch},
    },
    crate::{
        error::CliError,
        input::{
            filter::FilterArgs,
            value::{Identifier, Time},
        },
        render::device::DeviceView,
        workflow::reader::{Devices, History, Listed, Reader, Watch},
    },
    async_trait::async_trait,
    ebb_sdk::json::{ContributorJson, LocationJson, RegistryJson},
};

#[async_trait(?Send)]
impl Reader for Server {
    async fn devices(&self, filter: &FilterArgs) -> Result<Devices, CliError> {
        let mut request = ServerRequest::new(["devices"]);
        request.query = query::filter(filter);
        let answer = self.get_full(&request).await?;
        let stamp = Stamp::of(self, &answer)?;
        documents::devices(&answer, stamp.now())
    }

    async fn device(&self, device: &Identifier) -> Result<DeviceView, CliError> {
        let request = ServerRequest::new(["devices", &query::segment(device)]);
        let answer = self.get_full(&request).await?;
        let stamp = Stamp::of(self, &answer)?;
        documents::device(&answer, stamp.now())
    }

    async fn locations(&self) -> Result<Listed<LocationJson>, CliError> {
        let answer = self.get_full(&ServerRequest::new(["locations"])).await?;
        Stamp::of(self, &answer)?;
        documents::locations(&answer)
    }

    async fn location(&self, location: &Identifier) -> Result<LocationJson, CliError> {
        let request = ServerRequest::new(["locations", &query::segment(location)]);
        let answer = self.get_full(&request).await?;
        Stamp::of(self, &answer)?;
        answer.json()
    }

    async fn contributors(&self) -> Result<Listed<ContributorJson>, CliError> {
        let answer = self.get_full(&ServerRequest::new(["contributors"])).await?;
        Stamp::of(self, &answer)?;
        documents::contributors(&answer)
    }

    async fn contributor(&self, contributor: &Identifier) -> Result<ContributorJson, CliError> {
        let request = ServerRequest::new(["contributors", &query::segment(contributor)]);
        let answer = self.get_full(&request).await?;
        Stamp::of(self, &answer)?;
        answer.json()
    }

    async fn registry(&self) -> Result<RegistryJson, CliError> {
        let answer = self.get_full(&ServerRequest::new(["registry"])).await?;
        Stamp::of(self, &answer)?;
        answer.json()
    }

    async fn history<'a>(
        &'a self,
        device: &'a Identifier,
        since: Option<Time>,
    ) -> Result<Box<dyn History + 'a>, CliError> {
        // A history says up to where the ledger was read, and not how far that is behind; any other answer does.
        let lag = self.get_full(&ServerRequest::new(["lifecycle"])).await?;
        Stamp::of(self, &lag)?;
        Ok(Box::new(ServerHistory::read(self, device, since).await?))
    }

    fn watch<'a>(&'a self, filter: &'a FilterArgs) -> Box<dyn Watch + 'a> {
        if filter.is_timed() {
            Box::new(ListWatch::new(self, filter))
        } else {
            Box::new(StreamWatch::new(self, filter))
        }
    }
}
