//! How pages are answered, and what browsers may do with them.

use {
    super::super::problem::Problem,
    askama::Template,
    axum::{
        extract::Request,
        http::{header, HeaderName, HeaderValue, StatusCode},
        middleware::Next,
        response::{IntoResponse, Response},
    },
};

/// The media type of pages.
pub const HTML: &str = "text/html; charset=utf-8";

/// Scripts and styles are the server's own files, and pictures are part of these: nothing within a page is run.
const POLICY: &str =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const SECURITY: [(HeaderName, &str); 3] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
];

/// Answers with a page.
///
/// # Errors
/// The page cannot be written, which is a fault of the server.
pub fn page(status: StatusCode, template: &impl Template) -> Result<Response, Problem> {
    let internal =
        |error: askama::Error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string());
    let headers = [
        (header::CONTENT_TYPE, HTML),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let html = template.render().map_err(internal)?;
    Ok((status, headers, html).into_response())
}

/// Adds to every answer what keeps a browser from doing more with it than the page needs.
pub async fn secured(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in SECURITY {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}
