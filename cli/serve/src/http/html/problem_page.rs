//! Problems as pages, for browsers.

use {
    super::{
        super::problem::ProblemJson,
        frame::Frame,
        response::{page, HTML},
    },
    askama::Template,
    axum::{
        body::Body,
        extract::Request,
        http::{header, HeaderMap, HeaderValue, Method},
        middleware::Next,
        response::Response,
    },
    ebb_sdk::text::escaped,
};

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    title: &'static str,
    status: u16,
    detail: String,
    frame: Frame,
}

/// Makes a page of a problem where the client asks for pages. The API's problems stay documents.
pub async fn as_page(request: Request, next: Next) -> Response {
    let is_head = request.method() == Method::HEAD;
    let is_for_people = !request.uri().path().starts_with("/api/") && names_html(request.headers());
    let response = next.run(request).await;
    let problem = response.extensions().get::<ProblemJson>();
    let Some(problem) = problem.filter(|_| is_for_people) else {
        return response;
    };
    let template = ProblemPage {
        title: problem.title,
        status: problem.status,
        detail: escaped(&problem.detail).into_owned(),
        frame: Frame::of_problem(),
    };
    let Ok(made) = page(response.status(), &template) else {
        return response;
    };
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts
        .headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(HTML));
    let body = if is_head {
        Body::empty()
    } else {
        made.into_body()
    };
    Response::from_parts(parts, body)
}

/// Whether a client asks for pages by name, as browsers do. Others take anything, and get documents.
fn names_html(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter();
    accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|range| {
            let name = range.split(';').next().unwrap_or_default();
            name.trim().eq_ignore_ascii_case("text/html")
        })
}
