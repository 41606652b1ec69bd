//! What is answered: a result, and the view that it was found in.

use {
    super::problem::Problem,
    crate::view::View,
    axum::{
        body::{Body, Bytes},
        http::{header, StatusCode},
        response::{IntoResponse, Response},
    },
    axum_extra::headers::ETag,
    ebb_sdk::json::rfc3339,
    futures_util::stream,
    serde::Serialize,
    sha2::{Digest, Sha256},
    std::convert::Infallible,
    utoipa::ToSchema,
};

/// The version of the shape of every JSON document, the command line's included.
pub const SCHEMA_VERSION: u32 = 1;

/// From which view an answer was made.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Stamp {
    /// The version of the document's shape.
    schema_version: u32,
    /// Nothing in the answer is older than this slot.
    slot: u64,
    /// The ledger's time when it was read: what a time in the answer is to be compared with.
    time: Option<String>,
    /// Slots that the ledger may be ahead by now.
    lag_slots: u64,
    /// Seconds since the ledger was read.
    age_seconds: u64,
}

impl Stamp {
    /// The stamp of a view now.
    pub fn new(view: &View) -> Self {
        let lag = view.lag();
        Self {
            schema_version: SCHEMA_VERSION,
            slot: view.slot,
            time: rfc3339(view.time),
            lag_slots: lag.slots,
            age_seconds: lag.age.as_secs(),
        }
    }

    /// The same as headers, for answers without a body.
    pub fn headers(&self) -> [(&'static str, String); 4] {
        [
            ("ebb-slot", self.slot.to_string()),
            ("ebb-time", self.time.clone().unwrap_or_default()),
            ("ebb-lag-slots", self.lag_slots.to_string()),
            ("ebb-age-seconds", self.age_seconds.to_string()),
        ]
    }

    /// Answers with a result that is made for this request alone.
    pub fn respond(&self, result: &impl Serialize) -> Response {
        // Text only, which is always JSON.
        let result = serde_json::to_vec(result).unwrap_or_default();
        let headers = [(header::CACHE_CONTROL, "no-store")];
        (self.headers(), headers, self.around(&result.into())).into_response()
    }

    /// The stamp's fields, and behind them those of a result.
    pub fn around(&self, result: &Bytes) -> Document {
        Document::new(self, result)
    }
}

/// A JSON document: the fields of a stamp, and behind them those of a result, of which all answers share the bytes. There may
/// be hundreds of megabytes.
pub struct Document([Bytes; 2]);

impl Document {
    /// Joins a stamp, which is text and numbers, and a result that is a JSON object.
    pub fn new(stamp: &impl Serialize, result: &Bytes) -> Self {
        // Text and numbers only, which are always JSON.
        let mut head = serde_json::to_vec(stamp).unwrap_or_default();
        head.pop();
        head.push(b',');
        let brace = usize::from(result.starts_with(b"{"));
        Self([head.into(), result.slice(brace..)])
    }
}

impl IntoResponse for Document {
    fn into_response(self) -> Response {
        let len: usize = self.0.iter().map(Bytes::len).sum();
        let headers = [
            (header::CONTENT_TYPE, "application/json".to_owned()),
            (header::CONTENT_LENGTH, len.to_string()),
        ];
        let parts = self.0.into_iter().map(Ok::<_, Infallible>);
        (headers, Body::from_stream(stream::iter(parts))).into_response()
    }
}

/// The shape of an answer.
#[expect(
    dead_code,
    reason = "the documentation's alone: results are kept as JSON"
)]
#[derive(ToSchema)]
pub struct Stamped<T> {
    #[schema(inline)]
    #[serde(flatten)]
    stamp: Stamp,
    #[serde(flatten)]
    result: T,
}

/// What a query found in a view.
#[derive(Debug)]
pub struct Found {
    /// The same as long as the result is.
    pub etag: ETag,
    /// A JSON object.
    pub result: Bytes,
    /// The query of the next page.
    pub next: Option<String>,
    /// When the ledger's time, in Unix seconds, changes what is found; that holds expire and deadlines pass need not be said.
    pub changes_at: Option<i64>,
}

impl Found {
    /// A result that is a JSON object, and the query of the next page.
    pub fn new(result: &impl Serialize, next: Option<String>) -> Result<Self, Problem> {
        let internal = |error: &dyn std::fmt::Display| {
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
        };
        let result = serde_json::to_vec(result).map_err(|error| internal(&error))?;
        let digest = Sha256::digest(&result);
        let tag = digest.iter().take(16).fold(String::new(), |mut tag, byte| {
            tag.push_str(&format!("{byte:02x}"));
            tag
        });
        let etag = format!("\"{tag}\"").parse();
        Ok(Self {
            etag: etag.map_err(|error| internal(&error))?,
            result: result.into(),
            next,
            changes_at: None,
        })
    }

    /// The same, which the ledger's time changes then.
    pub fn changing_at(self, changes_at: Option<i64>) -> Self {
        Self { changes_at, ..self }
    }
}

#[cfg(test)]
mod tests {
    use {super::*, futures_util::StreamExt};

    fn stamp() -> Stamp {
        Stamp {
            schema_version: 1,
            slot: 7,
            time: Some("2026-01-02T03:04:05Z".to_owned()),
            lag_slots: 2,
            age_seconds: 1,
        }
    }

    #[test]
    fn a_document_is_the_stamp_and_the_result() {
        let found = Found::new(&serde_json::json!({"devices": []}), None).unwrap();
        let Document(parts) = stamp().around(&found.result);
        assert_eq!(
            parts.concat(),
            br#"{"schema_version":1,"slot":7,"time":"2026-01-02T03:04:05Z","lag_slots":2,"age_seconds":1,"devices":[]}"#
        );
        // The tag is of the result, whatever the stamp.
        let same = Found::new(&serde_json::json!({"devices": []}), None).unwrap();
        let other = Found::new(&serde_json::json!({"devices": [1]}), None).unwrap();
        assert_eq!(found.etag, same.etag);
        assert_ne!(found.etag, other.etag);
    }

    #[tokio::test]
    async fn all_answers_share_the_bytes_of_a_result() {
        let found = Found::new(&serde_json::json!({"devices": [1, 2]}), None).unwrap();
        for _ in 0..2 {
            let response = stamp().around(&found.result).into_response();
            assert_eq!(response.headers()[header::CONTENT_LENGTH], "105");
            let mut parts = response.into_body().into_data_stream();
            let head = parts.next().await.unwrap().unwrap();
            let rest = parts.next().await.unwrap().unwrap();
            assert_eq!(head.len() + rest.len(), 105);
            assert_eq!(rest.as_ptr(), found.result[1..].as_ptr());
            assert!(parts.next().await.is_none());
        }
    }
}
