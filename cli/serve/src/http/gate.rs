//! What every request passes before it reaches its route, and what is made of answers on the way back.

use {
    super::{
        history_export::JSON_LINES,
        problem::{Problem, MEDIA_TYPE},
        state::Shared,
        token::Token,
    },
    axum::{
        body::to_bytes,
        extract::{MatchedPath, Request, State},
        http::{header, HeaderMap, Method, StatusCode},
        middleware::Next,
        response::{IntoResponse, Response},
    },
    axum_extra::headers::{
        authorization::{Basic, Bearer},
        Authorization, ContentLength, HeaderMapExt,
    },
    std::time::{Duration, Instant},
    tokio::time::timeout,
};

/// The longest address of a request, in bytes.
const MAX_URL_LEN: usize = 8 * 1024;
/// The most that all headers of a request may take, in bytes.
const MAX_HEADERS_LEN: usize = 16 * 1024;
/// The most headers of a request.
const MAX_HEADERS: usize = 100;
/// The longest body, in bytes: a transaction has 1,232, and in base64 a third more.
pub const MAX_BODY_LEN: usize = 8 * 1024;
/// The longest text in which a library says what is wrong with a request, in bytes.
const MAX_REASON_LEN: usize = 1_000;
/// How long an answer may take; a wait and the relaying of a transaction are shorter.
const LONGEST: Duration = Duration::from_secs(90);

/// Counts requests and how long they took.
pub async fn counted(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    // There are as many as clients make up.
    let method = match method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "OPTIONS") => known,
        _ => "other",
    };
    let status = response.status().as_u16();
    shared
        .metrics
        .count_request(route, method, status, began.elapsed());
    response
}

/// Makes a problem document of an error that has none.
pub async fn explained(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let is_problem = content_type.is_some_and(|it| it.as_bytes() == MEDIA_TYPE.as_bytes());
    if is_problem || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let allow = response.headers().get(header::ALLOW).cloned();
    let text = to_bytes(response.into_body(), MAX_REASON_LEN).await;
    let reason = text
        .ok()
        .and_then(|text| String::from_utf8(text.into()).ok());
    let reason = reason.filter(|reason| !reason.is_empty());
    let reason = reason.unwrap_or_else(|| {
        let reason = status.canonical_reason().unwrap_or("the request failed");
        reason.to_lowercase()
    });
    let mut problem = Problem::new(status, reason).into_response();
    if let Some(allow) = allow {
        problem.headers_mut().insert(header::ALLOW, allow);
    }
    problem
}

/// Refuses requests that are too long, and those whose answer the client would not take.
pub async fn within_limits(request: Request, next: Next) -> Result<Response, Problem> {
    let (uri, headers) = (request.uri(), request.headers());
    let url_len = uri.path().len() + uri.query().map_or(0, str::len);
    if url_len > MAX_URL_LEN {
        let detail = format!("an address has at most {MAX_URL_LEN} bytes, and this has {url_len}");
        return Err(Problem::new(StatusCode::URI_TOO_LONG, detail));
    }
    let headers_len: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    let too_large = |detail| Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, detail);
    if headers_len > MAX_HEADERS_LEN {
        return Err(too_large(format!(
            "headers have at most {MAX_HEADERS_LEN} bytes, and these have {headers_len}"
        )));
    }
    if headers.len() > MAX_HEADERS {
        return Err(too_large(format!(
            "a request has at most {MAX_HEADERS} headers, and this has {}",
            headers.len()
        )));
    }
    let body_len = headers.typed_get::<ContentLength>().map_or(0, |len| len.0);
    if body_len > MAX_BODY_LEN as u64 {
        return Err(body_too_long());
    }
    let media_type = media_type_of(uri.path());
    if !accepts(headers, media_type) {
        let detail = format!("the answer is {media_type}, which Accept does not name");
        return Err(Problem::new(StatusCode::NOT_ACCEPTABLE, detail));
    }
    Ok(next.run(request).await)
}

/// The problem with a body that is too long.
pub fn body_too_long() -> Problem {
    let detail = format!("a body has at most {MAX_BODY_LEN} bytes");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
}

fn media_type_of(path: &str) -> &'static str {
    match path {
        "/" => "text/html",
        path if path.starts_with("/devices/") => "text/html",
        "/assets/page.css" => "text/css",
        "/assets/page.js" => "text/javascript",
        "/api/v1/events" | "/api/v1/history/events" | "/api/v1/watch" => "text/event-stream",
        "/api/v1/history/export" => JSON_LINES,
        "/metrics" => "application/openmetrics-text",
        _ => "application/json",
    }
}

/// Whether a client takes a media type. Nothing said is everything.
fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    let mut accepted = headers.get_all(header::ACCEPT).iter().peekable();
    let group = media_type.split('/').next().unwrap_or_default();
    let takes = |range: &str| {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let is_refused = parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        let is_named = name == media_type || name == "*/*" || name == format!("{group}/*");
        is_named && !is_refused
    };
    accepted.peek().is_none()
        || accepted
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.split(',').any(takes))
}

/// Lets pass who has the token, if there is one. Whether the server lives, anybody may ask.
pub async fn authorized(
    State(shared): State<Shared>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let is_right = match &shared.token {
        Some(token) => is_authorized(token, &request),
        None => true,
    };
    if is_right || request.uri().path() == "/healthz" {
        return Ok(next.run(request).await);
    }
    let detail =
        "this server asks for `Authorization: Bearer TOKEN`, and the right token was not given";
    let problem = Problem::new(StatusCode::UNAUTHORIZED, detail);
    let challenge = match media_type_of(request.uri().path()) {
        "text/html" => {
            "Basic realm=\"ebb: any name, and the token as password\", charset=\"UTF-8\""
        }
        _ => "Bearer",
    };
    Err(problem.with_header(header::WWW_AUTHENTICATE, challenge))
}

/// Whether a request carries the token. Browsers send a password with all that a page of theirs reads, and would with what
/// another site's page has them send, so it is good for reading alone.
fn is_authorized(token: &Token, request: &Request) -> bool {
    let headers = request.headers();
    let bearer = headers.typed_get::<Authorization<Bearer>>();
    let basic = headers.typed_get::<Authorization<Basic>>();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    bearer.is_some_and(|given| token.is(given.token()))
        || (is_read && basic.is_some_and(|given| token.is(given.password())))
}

/// The answer on a connection that is one too many.
pub fn too_many_connections() -> Response {
    Problem::unavailable("too many connections are open", 1).into_response()
}

/// Ends a request that takes too long.
pub async fn in_time(request: Request, next: Next) -> Result<Response, Problem> {
    let late = |_| Problem::unavailable("the answer took too long", 1);
    timeout(LONGEST, next.run(request)).await.map_err(late)
}

/// There is no such route.
pub async fn no_route(request: Request) -> Problem {
    let path: String = request.uri().path().chars().take(80).collect();
    Problem::not_found(format!(
        "there is no {path}; /api/v1/openapi.json lists what there is"
    ))
}

/// The route does not take the method.
pub async fn no_method(request: Request) -> Problem {
    let detail = format!(
        "{} is not for this route; the Allow header names what is",
        request.method()
    );
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}

#[cfg(test)]
mod tests {
    use {super::*, axum::http::HeaderValue};

    fn takes(accept: &'static str, media_type: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        accepts(&headers, media_type)
    }

    #[test]
    fn what_a_client_takes() {
        assert!(accepts(&HeaderMap::new(), "application/json"));
        for accept in ["*/*", "application/*", "text/html, Application/JSON;q=0.1"] {
            assert!(takes(accept, "application/json"), "{accept}");
        }
        for accept in ["text/html", "application/json;q=0", "text/*", ""] {
            assert!(!takes(accept, "application/json"), "{accept}");
        }
    }
}
