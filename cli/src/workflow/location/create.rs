//! Creating a location, and what is reported of it.

use {
    crate::{
        context::{resolve, role, Context},
        error::CliError,
        render::Item,
    },
    ebb_sdk::{
        fleet::{differences, FleetError, TransactionState},
        instruction::CreateLocation,
        json::to_degrees,
        state::Location,
        EbbError,
    },
    solana_sdk::{pubkey::Pubkey, signature::Signature},
};

/// The verb as results name it.
pub const ACTION: &str = "create";

/// What it leads to.
const CREATED: &str = "created";

/// Creates a location, unless it is there as asked.
pub async fn create(context: &Context, wanted: &CreateLocation) -> Result<Item, CliError> {
    let run = context.fleet().import_locations(vec![wanted.clone()]);
    let reports = run.finish().await;
    let reports = reports.map_err(|error| context.explain_run(error))?;
    let Some(report) = reports.first() else {
        return Err(CliError::other("it was not sent"));
    };
    match (&report.failure, &report.transaction) {
        (None, TransactionState::Signed(message)) => {
            Ok(Item::signed_only(ACTION, &*wanted.code, message))
        }
        (Some(failure), _) => Err(explain(context, wanted, &report.address, failure).await),
        (None, _) if report.unchanged => Ok(existing(&wanted.code)),
        (None, _) => Ok(created(wanted, report.transaction.signature().as_ref())),
    }
}

/// A location that was created.
pub fn created(wanted: &CreateLocation, signature: Option<&Signature>) -> Item {
    let (code, budget) = (wanted.code.to_string(), wanted.min_activated);
    let text = match budget {
        0 => format!("{code}: created"),
        _ => format!("{code}: created; drains leave at least {budget} activated"),
    };
    Item::written(ACTION, code, None, CREATED, signature, text)
}

/// A location that is there already.
pub fn existing(code: &str) -> Item {
    let text = format!("{code}: exists already, as asked");
    Item::unchanged(ACTION, code, CREATED, text)
}

/// Why a location was not created.
pub async fn explain(
    context: &Context,
    wanted: &CreateLocation,
    address: &Pubkey,
    failure: &FleetError,
) -> CliError {
    let registry = resolve::registry(context).await;
    match (failure, registry) {
        (FleetError::Differs(_), _) => match context.client.location(address).await {
            Ok(Some(found)) => differs(&found.account, wanted),
            _ => failure.clone().into(),
        },
        (FleetError::Role { signer, .. }, Ok(registry)) => {
            let required = role::require_authority(&registry, signer);
            required.err().unwrap_or_else(|| failure.clone().into())
        }
        (FleetError::NotFound { .. }, Err(error)) => error,
        _ => failure.clone().into(),
    }
}

/// That a location is there and differs, value by value.
fn differs(found: &Location, wanted: &CreateLocation) -> CliError {
    let Location { head, code, name } = found;
    let value = |field: &str| match field {
        "name" => name.clone(),
        "country" => String::from_utf8_lossy(&head.country).into(),
        "lat" => to_degrees(head.latitude).to_string(),
        "lng" => to_degrees(head.longitude).to_string(),
        _ => head.min_activated.to_string(),
    };
    let fields = differences(wanted, found);
    let differences = fields.iter();
    let differences: Vec<String> = differences
        .map(|field| format!("{field} {}", value(field)))
        .collect();
    let error = CliError::refused(EbbError::AlreadyExists)
        .because(format!("{code} has {}", differences.join(", ")));
    match fields.as_slice() {
        ["min_activated"] => error.hint(format!(
            "set it with: ebb location set-budget {code} --min-activated {}",
            wanted.min_activated
        )),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use {super::*, ebb_sdk::state::LocationHead};

    #[test]
    fn a_location_that_differs_is_refused_by_field() {
        let head = LocationHead::new(*b"NL", 52_300_000, 4_940_000, 1, 255);
        let found = Location {
            head,
            code: "ams".into(),
            name: "Amsterdam".into(),
        };
        let same = CreateLocation {
            code: "ams".into(),
            name: "Amsterdam".into(),
            country: *b"NL",
            latitude: 52_300_000,
            longitude: 4_940_000,
            min_activated: 1,
        };
        assert!(differences(&same, &found).is_empty());

        let budget = CreateLocation {
            min_activated: 2,
            ..same.clone()
        };
        let error = differs(&found, &budget);
        assert!(
            error.to_string().ends_with("ams has min_activated 1"),
            "{error}"
        );
        assert_eq!(error.hints().len(), 1);

        let moved = CreateLocation {
            latitude: 0,
            country: *b"BE",
            ..same
        };
        let error = differs(&found, &moved);
        assert!(
            error.to_string().ends_with("ams has country NL, lat 52.3"),
            "{error}"
        );
        assert!(error.is_refusal(EbbError::AlreadyExists));
    }
}
