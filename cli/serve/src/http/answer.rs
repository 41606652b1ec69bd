//! Answers that are made from a view, and the wait for another one.

use {
    super::{
        document::{Found, Stamp},
        problem::Problem,
        state::Shared,
    },
    crate::view::View,
    axum::{
        http::{header, HeaderMap, HeaderValue, StatusCode},
        response::{IntoResponse, Response},
    },
    axum_extra::headers::{HeaderMapExt, IfNoneMatch},
    std::{
        hash::{BuildHasher, Hasher, RandomState},
        time::Duration,
    },
    tokio::time::{sleep, Instant},
};

/// Those who wait are woken within this time, and not all at once.
const WAKE_WITHIN_MILLISECONDS: u64 = 100;

/// Who asks what.
pub struct Query<'a> {
    /// The route and everything that the result depends on.
    pub key: String,
    /// The request's headers.
    pub headers: &'a HeaderMap,
    /// How long to wait for a result that the client does not have.
    pub wait: Option<Duration>,
}

/// Answers with what a query finds, or 304 if the client has it already and it does not change while the client waits.
pub async fn answer(
    shared: &Shared,
    query: Query<'_>,
    find: impl Fn(&View) -> Result<Found, Problem>,
) -> Result<Response, Problem> {
    let mut views = shared.views.subscribe();
    let until = Instant::now() + query.wait.unwrap_or_default();
    loop {
        views.mark_unchanged();
        let view = shared.view().await?;
        let found = shared.answers.get(&view, &query.key, &find)?;
        let stamp = Stamp::new(&view);
        if !has(query.headers, &found) {
            return Ok(full(stamp.headers(), stamp.around(&found.result), &found));
        }
        tokio::select! {
            _ = views.changed() => {}
            () = tokio::time::sleep_until(until) => return Ok(not_modified(stamp.headers(), &found)),
            () = shared.closing() => return Ok(not_modified(stamp.headers(), &found)),
        }
        sleep(jitter()).await;
    }
}

/// Whether the client has what was found.
pub fn has(headers: &HeaderMap, found: &Found) -> bool {
    let had = headers.typed_get::<IfNoneMatch>();
    had.is_some_and(|had| !had.precondition_passes(&found.etag))
}

/// How long one of those who wait sleeps after the change.
pub fn jitter() -> Duration {
    let random = RandomState::new().build_hasher().finish();
    Duration::from_millis(random % WAKE_WITHIN_MILLISECONDS)
}

/// The answer with what was found.
pub fn full<const N: usize>(
    stamp: [(&'static str, String); N],
    body: Vec<u8>,
    found: &Found,
) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    let mut response = (stamp, json, body).into_response();
    set_validators(&mut response, found);
    response
}

/// The answer to a client that has it.
pub fn not_modified<const N: usize>(stamp: [(&'static str, String); N], found: &Found) -> Response {
    let mut response = (StatusCode::NOT_MODIFIED, stamp).into_response();
    set_validators(&mut response, found);
    response
}

fn set_validators(response: &mut Response, found: &Found) {
    let headers = response.headers_mut();
    headers.typed_insert(found.etag.clone());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    let next = found.next.as_ref();
    let link = next.and_then(|next| HeaderValue::try_from(format!("<{next}>; rel=\"next\"")).ok());
    if let Some(link) = link {
        headers.insert(header::LINK, link);
    }
}
