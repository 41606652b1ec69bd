//! The routes: a file for each group. A route is mounted with its documentation or not at all: clippy refuses
//! what else mounts one.

mod answer;
mod answers;
mod contributors;
mod devices;
mod document;
mod documentation;
mod events;
mod feed;
mod filter;
mod gate;
mod history;
mod history_cursor;
mod history_events;
mod history_export;
mod history_find;
mod html;
mod lifecycle;
mod list;
mod locations;
mod page;
mod parameters;
mod probes;
mod problem;
mod rate;
mod registry;
mod served_ledger;
mod state;
mod step;
mod stream;
mod token;
mod transactions;
mod work;

pub use {gate::too_many_connections, served_ledger::ServedLedger, state::State, token::Token};

use {
    axum::{extract::DefaultBodyLimit, middleware, Router},
    state::Shared,
    std::sync::Arc,
    utoipa_axum::{router::OpenApiRouter, routes},
};

/// Every route, behind the checks that all requests pass.
pub fn router(state: State) -> Router {
    let (router, document) = routes().split_for_parts();
    let shared = Arc::new(State {
        document: text_of(&document),
        ..state
    });
    router
        .fallback(gate::no_route)
        .method_not_allowed_fallback(gate::no_method)
        // Of bodies whose length was not announced.
        .layer(DefaultBodyLimit::max(gate::MAX_BODY_LEN))
        .layer(middleware::from_fn(gate::in_time))
        .layer(middleware::from_fn_with_state(
            shared.clone(),
            gate::authorized,
        ))
        .layer(middleware::from_fn(gate::within_limits))
        .layer(middleware::from_fn(gate::explained))
        .layer(middleware::from_fn(html::as_page))
        .layer(middleware::from_fn(html::secured))
        .layer(middleware::from_fn_with_state(
            shared.clone(),
            gate::counted,
        ))
        .with_state(shared)
}

fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(documentation::head())
        .routes(routes!(devices::list))
        .routes(routes!(devices::get))
        .routes(routes!(locations::list))
        .routes(routes!(locations::get))
        .routes(routes!(contributors::list))
        .routes(routes!(contributors::get))
        .routes(routes!(registry::get))
        .routes(routes!(lifecycle::get))
        .routes(routes!(events::events))
        .routes(routes!(events::watch))
        .routes(routes!(history::list))
        .routes(routes!(history::of_device))
        .routes(routes!(history_events::events))
        .routes(routes!(history_export::export))
        .routes(routes!(transactions::relay))
        .routes(routes!(documentation::get))
        .routes(routes!(probes::healthz))
        .routes(routes!(probes::readyz))
        .routes(routes!(probes::metrics))
        .merge(html::routes())
}

/// The OpenAPI document, as it is served.
pub fn openapi() -> String {
    text_of(&routes().into_openapi())
}

fn text_of(document: &utoipa::openapi::OpenApi) -> String {
    // Text and numbers only, which are always JSON.
    let mut text = document.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use std::{env, fs};

    const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

    #[test]
    fn the_committed_document_is_that_of_the_routes() {
        let document = super::openapi();
        if env::var_os("EBB_UPDATE_OPENAPI").is_some() {
            fs::write(COMMITTED, &document).unwrap();
        }
        // EBB_UPDATE_OPENAPI=1 writes it anew.
        assert!(fs::read_to_string(COMMITTED).unwrap() == document);
    }
}
