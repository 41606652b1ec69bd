//! What is answered when something is wrong: RFC 9457.

use {
    axum::{
        http::{header, HeaderMap, HeaderName, HeaderValue, StatusCode},
        response::{IntoResponse, Response},
    },
    ebb_sdk::EbbError,
    serde::Serialize,
    utoipa::ToSchema,
};

/// The media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// What is wrong with a request, or with serving it (RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemJson {
    /// Always about:blank: status, code and name say which problem it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What was wrong, and what would be right.
    pub detail: String,
    /// The number of the program's error.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u32>,
    /// The name of the program's error.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
    /// The transaction, where one was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
}

/// An answer that says what is wrong.
#[derive(Clone, Debug)]
pub struct Problem(Box<(StatusCode, HeaderMap, ProblemJson)>);

impl Problem {
    /// A problem with a request or with serving it.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let json = ProblemJson {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Problem"),
            status: status.as_u16(),
            detail: detail.into(),
            code: None,
            name: None,
            signature: None,
        };
        Self(Box::new((status, HeaderMap::new(), json)))
    }

    /// The request is not as it must be.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// What was named is not there.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// It cannot be served now, and may be in so many seconds.
    pub fn unavailable(detail: impl Into<String>, seconds: u64) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail).retry_after(seconds)
    }

    /// The server is at fault.
    pub fn fault() -> Self {
        let detail = "the answer could not be made, for a fault of the server";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        let (status, ..) = &*self.0;
        *status
    }

    /// Returns what was wrong, and what would be right.
    pub fn detail(&self) -> &str {
        let (_, _, json) = &*self.0;
        &json.detail
    }

    /// Names the program's error.
    pub fn with_error(mut self, error: EbbError) -> Self {
        let (_, _, json) = &mut *self.0;
        json.code = Some(error.number());
        json.name = Some(error.name());
        self
    }

    /// Names the transaction.
    pub fn with_signature(mut self, signature: impl ToString) -> Self {
        let (_, _, json) = &mut *self.0;
        json.signature = Some(signature.to_string());
        self
    }

    /// Says in how many seconds the request may be made again.
    pub fn retry_after(self, seconds: u64) -> Self {
        self.with_header(header::RETRY_AFTER, &seconds.to_string())
    }

    /// Adds a header.
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        let (_, headers, _) = &mut *self.0;
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
        self
    }
}

/// The problem stays with the answer as an extension, for who makes a page of it.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, mut headers, json) = *self.0;
        // Text and numbers only, which are always JSON.
        let body = serde_json::to_vec(&json).unwrap_or_default();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let mut response = (status, headers, body).into_response();
        response.extensions_mut().insert(json);
        response
    }
}
