//! `contributors`

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
    ebb_sdk::{client::Keyed, json::ContributorJson, pda, state::Contributor},
    serde::Serialize,
    utoipa::ToSchema,
};

/// Contributors, in the order of their codes.
#[derive(Serialize, ToSchema)]
pub struct ContributorList {
    /// All of them.
    contributors: Vec<ContributorJson>,
    /// Those that cannot be read.
    unreadable: Vec<UnreadableJson>,
}

/// List contributors
#[utoipa::path(
    get, path = "/api/v1/contributors", operation_id = "listContributors", tag = "contributors",
    params(PageParams),
    responses((status = 200, description = "Contributors", body = Stamped<ContributorList>), Unchanged, Problems),
)]
pub async fn list(
    State(shared): State<Shared>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let document = |contributors, unreadable| ContributorList {
        contributors,
        unreadable,
    };
    plain(
        &shared,
        &uri,
        &headers,
        |view| &view.contributors,
        ContributorJson::from,
        document,
    )
    .await
}

/// Get a contributor
#[utoipa::path(
    get, path = "/api/v1/contributors/{code}", operation_id = "getContributor", tag = "contributors",
    params(("code" = String, Path, description = "The contributor's code, or its address"), WaitParams),
    responses((status = 200, description = "The contributor", body = Stamped<ContributorJson>), Unchanged, Problems),
)]
pub async fn get(
    State(shared): State<Shared>,
    Path(code): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let named = Named {
        kind: "contributor",
        name: &code,
        of_code: pda::contributor,
    };
    let json = |_: &View, found: &Keyed<Contributor>| {
        Found::new(&ContributorJson::from(found.clone()), None)
    };
    one(
        &shared,
        &uri,
        &headers,
        named,
        |view| &view.contributors,
        json,
    )
    .await
}
