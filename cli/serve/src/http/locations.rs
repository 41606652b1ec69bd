//! `locations`

use {
    super::{
        document::{Found, Stamped},
        documentation::{Problems, Unchanged},
        list::{one, plain, Named, UnreadableJson},
        page::{PageParams, WaitParams},
        problem::Problem,
        state::Shared,
    },
    crate::view::View,
    axum::{
        extract::{Path, State},
        http::{HeaderMap, Uri},
        response::Response,
    },
    ebb_sdk::{client::Keyed, json::LocationJson, pda, state::Location},
    serde::Serialize,
    utoipa::ToSchema,
};

/// Locations, in the order of their codes.
#[derive(Serialize, ToSchema)]
pub struct LocationList {
    /// All of them.
    locations: Vec<LocationJson>,
    /// Those that cannot be read.
    unreadable: Vec<UnreadableJson>,
}

/// List locations
#[utoipa::path(
    get, path = "/api/v1/locations", operation_id = "listLocations", tag = "locations",
    params(PageParams),
    responses((status = 200, description = "Locations", body = Stamped<LocationList>), Unchanged, Problems),
)]
pub async fn list(
    State(shared): State<Shared>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let document = |locations, unreadable| LocationList {
        locations,
        unreadable,
    };
    plain(
        &shared,
        &uri,
        &headers,
        |view| &view.locations,
        LocationJson::from,
        document,
    )
    .await
}

/// Get a location
#[utoipa::path(
    get, path = "/api/v1/locations/{code}", operation_id = "getLocation", tag = "locations",
    params(("code" = String, Path, description = "The location's code, or its address"), WaitParams),
    responses((status = 200, description = "The location", body = Stamped<LocationJson>), Unchanged, Problems),
)]
pub async fn get(
    State(shared): State<Shared>,
    Path(code): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let named = Named {
        kind: "location",
        name: &code,
        of_code: pda::location,
    };
    let json =
        |_: &View, found: &Keyed<Location>| Found::new(&LocationJson::from(found.clone()), None);
    one(&shared, &uri, &headers, named, |view| &view.locations, json).await
}
