//! What those ask who run the server: whether it lives, whether it is of use, and its metrics.

use {
    super::{
        document::{Stamp, Stamped},
        documentation::Problems,
        problem::Problem,
        state::Shared,
    },
    axum::{
        extract::State,
        http::header,
        response::{IntoResponse, Response},
        Json,
    },
    serde::Serialize,
    std::sync::Arc,
    utoipa::ToSchema,
};

/// The media type of metrics.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The server is there.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// Always ok.
    status: &'static str,
}

/// Whether the server is there
///
/// Needs no token, and says nothing of the ledger.
#[utoipa::path(
    get, path = "/healthz", operation_id = "getHealth", tag = "operation", security(()),
    responses((status = 200, description = "It is there", body = Health), Problems),
)]
pub async fn healthz() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// The server serves a view that is fresh.
#[derive(Serialize, ToSchema)]
pub struct Readiness {
    /// Always ready.
    status: &'static str,
}

/// Whether the server's view is fresh
///
/// 503 before the ledger was read, and while the lag exceeds --max-lag.
#[utoipa::path(
    get, path = "/readyz", operation_id = "getReadiness", tag = "operation",
    responses((status = 200, description = "It is fresh", body = Stamped<Readiness>), Problems),
)]
pub async fn readyz(State(shared): State<Shared>) -> Result<Response, Problem> {
    let Some(view) = shared.views.newest() else {
        return Err(Problem::unavailable("the ledger has not been read yet", 1));
    };
    let (lag, max) = (view.lag(), shared.max_lag);
    if lag.time() > max {
        return Err(Problem::unavailable(
            format!(
                "the view lags by {} slots, about {} s; at most {} s are allowed",
                lag.slots,
                lag.time().as_secs(),
                max.as_secs()
            ),
            1,
        ));
    }
    let ready = Readiness { status: "ready" };
    Ok(Stamp::new(&view).respond(&ready))
}

/// Metrics
///
/// In OpenMetrics' text format, made from the view and the history at that moment.
#[utoipa::path(
    get, path = "/metrics", operation_id = "getMetrics", tag = "operation",
    responses(
        (status = 200, description = "Metrics", content_type = "application/openmetrics-text", body = String),
        Problems,
    ),
)]
pub async fn metrics(State(shared): State<Shared>) -> Result<Response, Problem> {
    let (view, history) = (shared.views.newest(), shared.history.now());
    let traffic = shared.client.ledger().traffic();
    // Twenty thousand devices have 17 MB of them.
    let metrics = Arc::clone(&shared.metrics);
    let render = move || metrics.render(view, history, traffic);
    let text = shared
        .workers
        .run(render)
        .await
        .ok_or_else(Problem::fault)?;
    let text = text.map_err(|_| Problem::fault())?;
    Ok(([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response())
}
