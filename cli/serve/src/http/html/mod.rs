//! The page for people: the fleet, and each device. It changes nothing.

mod action;
mod assets;
mod change;
mod device;
mod fleet;
mod form;
mod frame;
mod freshness;
mod obstacle;
mod part;
mod places;
mod problem_page;
mod progress;
mod response;
mod row;
#[cfg(test)]
mod tests;
mod timeline;

pub use {problem_page::as_page, response::secured};

use {
    super::state::Shared,
    utoipa_axum::{router::OpenApiRouter, routes},
};

/// The routes of the page.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(fleet::page))
        .routes(routes!(device::page))
        .routes(routes!(assets::get_style))
        .routes(routes!(assets::get_script))
}
