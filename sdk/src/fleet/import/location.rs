//! Locations to create.

use {
    super::{differing, Lookup, Source, Wanted},
    crate::{
        fleet::{subject::no_registry, Fleet, FleetError, RowReport},
        instruction::{create_location, CreateLocation},
        lifecycle::AUTHORITY,
        pda,
        state::Location,
    },
    async_trait::async_trait,
    solana_program::pubkey::Pubkey,
    std::sync::Arc,
};

/// In which values a location differs from one that is to be created.
pub fn differences(wanted: &CreateLocation, found: &Location) -> Vec<&'static str> {
    let head = &found.head;
    differing([
        ("name", *found.name == *wanted.name),
        ("country", head.country == wanted.country),
        ("lat", head.latitude == wanted.latitude),
        ("lng", head.longitude == wanted.longitude),
        ("min_activated", head.min_activated == wanted.min_activated),
    ])
}

#[async_trait]
impl Source for Wanted<CreateLocation> {
    fn reports(&self, fleet: &Fleet) -> Vec<RowReport> {
        let report = |location: &CreateLocation| {
            let address = pda::location(fleet.program_id(), &location.code).0;
            RowReport::new(location.code.to_string(), address, None)
        };
        self.0.iter().map(report).collect()
    }

    async fn read(
        &self,
        fleet: &Fleet,
        rows: &[usize],
        addresses: &[Pubkey],
    ) -> Result<Vec<Result<Lookup, FleetError>>, FleetError> {
        let client = fleet.client();
        let (found, registry) =
            tokio::try_join!(client.locations_at(addresses), client.registry())?;
        let authority = registry.ok_or_else(|| no_registry(client))?.authority;
        let found = self.of(rows).zip(found);
        found
            .map(|(wanted, found)| match found {
                Some(found) => match differences(wanted, &found.account) {
                    differences if differences.is_empty() => {
                        Ok(Ok(Lookup::Location(Arc::new(found))))
                    }
                    differences => Ok(Err(FleetError::Differs(differences))),
                },
                None => match absent(fleet, wanted, &authority) {
                    Err(error) if error.is_of_signer() => Err(error),
                    row => Ok(row),
                },
            })
            .collect()
    }
}

fn absent(
    fleet: &Fleet,
    wanted: &CreateLocation,
    authority: &Pubkey,
) -> Result<Lookup, FleetError> {
    let (signer, payer) = (fleet.signer_key()?, fleet.fee_payer_key()?);
    if signer != *authority {
        return Err(FleetError::Role {
            signer,
            held: None,
            allowed: AUTHORITY.to_vec(),
        });
    }
    let create = create_location(fleet.program_id(), &signer, &payer, wanted.clone());
    Ok(Lookup::Absent(create?))
}
