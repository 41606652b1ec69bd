//! Probes and metrics.

mod metrics;

pub use metrics::Metrics;

use {
    crate::status::Status,
    axum::{
        extract::State,
        http::{header, StatusCode},
        response::{IntoResponse, Response},
        routing::get,
        Json, Router,
    },
    serde_json::json,
    std::sync::Arc,
    tokio::sync::watch,
};

/// The media type of metrics.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What is served.
#[derive(Clone)]
struct Shared {
    status: watch::Receiver<Status>,
    metrics: Arc<Metrics>,
}

/// `/healthz`, `/readyz` and `/metrics`.
#[expect(
    clippy::disallowed_methods,
    reason = "an agent has no OpenAPI document"
)]
pub fn router(status: watch::Receiver<Status>, metrics: Arc<Metrics>) -> Router {
    Router::new()
        .route(
            "/healthz",
            get(|| async { Json(json!({ "status": "ok" })) }),
        )
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics_text))
        .with_state(Shared { status, metrics })
}

async fn readyz(State(shared): State<Shared>) -> Response {
    let status = shared.status.borrow().clone();
    let (code, word) = if status.is_ready() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready")
    };
    let body = json!({
        "status": word,
        "phase": status.phase.name(),
        "text": status.line(),
        "problems": status.problems(),
    });
    (code, Json(body)).into_response()
}

async fn metrics_text(State(shared): State<Shared>) -> Response {
    let status = shared.status.borrow().clone();
    match shared.metrics.render(&status) {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
