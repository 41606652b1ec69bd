//! `registry`

use {
    super::{
        answer::{answer, Query},
        document::{Found, Stamped},
        documentation::{Problems, Unchanged},
        list::only_wait,
        page::WaitParams,
        problem::Problem,
        state::Shared,
    },
    crate::view::View,
    axum::{
        extract::State,
        http::{HeaderMap, Uri},
        response::Response,
    },
    ebb_sdk::{json::RegistryJson, pda},
    solana_sdk::pubkey::Pubkey,
};

/// Get the registry
///
/// Who runs the network, and by which policy: what `ebb registry get --output json` prints.
#[utoipa::path(
    get, path = "/api/v1/registry", operation_id = "getRegistry", tag = "registry",
    params(WaitParams),
    responses((status = 200, description = "The registry", body = Stamped<RegistryJson>), Unchanged, Problems),
)]
pub async fn get(
    State(shared): State<Shared>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let query = Query {
        headers: &headers,
        wait: only_wait(&uri)?,
    };
    let program_id = shared.client.program_id();
    answer(&shared, query, |view| found(view, program_id)).await
}

fn found(view: &View, program_id: &Pubkey) -> Result<Found, Problem> {
    match &view.registry {
        Some(Ok(registry)) => Found::new(&RegistryJson::new(program_id, registry), None),
        Some(Err(error)) => {
            let address = pda::registry(program_id).0;
            let detail = format!("the registry ({address}) cannot be read: {error}");
            Err(Problem::not_found(detail).with_error(*error))
        }
        None => Err(Problem::not_found(format!(
            "program {program_id} has no registry here yet"
        ))),
    }
}
