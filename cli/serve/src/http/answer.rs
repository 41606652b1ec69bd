//! Answers that are made from a view, and the wait for another one.

use {
    super::{
        document::{Document, Found, Stamp},
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
        sync::Arc,
        time::Duration,
    },
    tokio::time::{sleep, sleep_until, Instant},
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
    let mut is_over = query.wait.is_none();
    loop {
        views.mark_unchanged();
        let view = shared.view().await?;
        let found = shared.answers.get(view.revision, query.key.clone(), || {
            find(&view).map(Arc::new)
        })?;
        if let Some(at) = found.changes_at {
            shared.views.renew_at(&view, at);
        }
        let stamp = Stamp::new(&view);
        if !has(query.headers, &found) {
            return Ok(full(stamp.headers(), stamp.around(&found.result), &found));
        }
        if is_over {
            return Ok(not_modified(stamp.headers(), &found));
        }
        tokio::select! {
            _ = views.changed() => sleep(jitter()).await,
            () = sleep_until(until) => is_over = true,
            () = shared.closing() => is_over = true,
        }
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
    document: Document,
    found: &Found,
) -> Response {
    let mut response = (stamp, document).into_response();
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
    link_next(headers, found.next.as_deref());
}

/// Names the address of the next page, if there is one.
pub fn link_next(headers: &mut HeaderMap, next: Option<&str>) {
    let link = next.and_then(|next| HeaderValue::try_from(format!("<{next}>; rel=\"next\"")).ok());
    if let Some(link) = link {
        headers.insert(header::LINK, link);
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::{
            http::state::tests::server,
            view::{tests::publish, Views},
        },
        ebb_sdk::state::ProvisioningStatus::{Activated, Draining},
        serde_json::json,
    };

    const WAIT: Duration = Duration::from_secs(30);

    fn statuses(view: &View) -> Result<Found, Problem> {
        let devices = view.devices.by_code.values();
        let statuses = devices.map(|it| it.account.head.provisioning_status.as_str());
        Found::new(&json!({"statuses": statuses.collect::<Vec<_>>()}), None)
    }

    /// Waits for another result than the one of the newest view.
    async fn wait(shared: &Shared) -> Response {
        let had = statuses(&shared.views.newest().unwrap()).unwrap();
        let mut headers = HeaderMap::new();
        headers.typed_insert(IfNoneMatch::from(had.etag));
        let query = Query {
            key: "statuses?".to_owned(),
            headers: &headers,
            wait: Some(WAIT),
        };
        answer(shared, query, statuses).await.ok().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_is_over_says_how_fresh_the_newest_view_is() {
        let (shared, _closing, _dir) = server(Views::keeping(100));
        publish(&shared.views, 1, Activated);
        let (response, ()) = tokio::join!(wait(&shared), async {
            sleep(WAIT / 2).await;
            publish(&shared.views, 2, Activated);
        });
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(response.headers()["ebb-slot"], "20");
        assert_eq!(response.headers()["ebb-age-seconds"], "15");
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_ends_with_the_change_and_not_with_a_reading() {
        let (shared, _closing, _dir) = server(Views::keeping(100));
        publish(&shared.views, 1, Activated);
        let began = Instant::now();
        let (response, ()) = tokio::join!(wait(&shared), async {
            publish(&shared.views, 2, Activated);
            sleep(WAIT / 2).await;
            publish(&shared.views, 3, Draining);
        });
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["ebb-slot"], "30");
        let jitter = Duration::from_millis(WAKE_WITHIN_MILLISECONDS);
        assert!((WAIT / 2..=WAIT / 2 + jitter).contains(&began.elapsed()));
    }
}
