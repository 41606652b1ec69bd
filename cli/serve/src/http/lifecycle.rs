//! `lifecycle`

use {
    super::{
        answer::{answer, Query},
        document::{Found, Stamped},
        documentation::{Problems, Unchanged},
        parameters::none,
        problem::Problem,
        state::Shared,
    },
    axum::{
        extract::State,
        http::{HeaderMap, Uri},
        response::Response,
    },
    ebb_sdk::json::LifecycleJson,
};

/// Get the rules of the lifecycle
///
/// Who may do what, and when: what `ebb lifecycle --output json` prints.
#[utoipa::path(
    get, path = "/api/v1/lifecycle", operation_id = "getLifecycle", tag = "lifecycle",
    responses((status = 200, description = "The rules", body = Stamped<LifecycleJson>), Unchanged, Problems),
)]
pub async fn get(
    State(shared): State<Shared>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    none(&uri)?;
    let query = Query {
        headers: &headers,
        wait: None,
    };
    answer(&shared, query, |_| Found::new(&LifecycleJson::new(), None)).await
}
