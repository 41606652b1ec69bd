//! Answers that are made from a view, and the wait for another one.

use {
    super::{
        answers::Answer,
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
    tokio::{
        sync::watch,
        time::{sleep, sleep_until, Instant},
    },
};

/// Those who wait are woken within this time, and not all at once.
const WAKE_WITHIN_MILLISECONDS: u64 = 100;

/// Who asks.
pub struct Query<'a> {
    /// The request's headers.
    pub headers: &'a HeaderMap,
    /// How long to wait for a result that the client does not have.
    pub wait: Option<Duration>,
}

impl Answer for Result<Arc<Found>, Problem> {
    fn kept_bytes(&self) -> Option<usize> {
        self.as_ref().ok().map(|found| found.result.len())
    }
}

/// Answers with what a query finds, or 304 if the client has it already and it does not change while the client waits. What is
/// found is little, and made for each request.
pub async fn answer(
    shared: &Shared,
    query: Query<'_>,
    find: impl Fn(&View) -> Result<Found, Problem>,
) -> Result<Response, Problem> {
    let mut client = Waiting::new(shared, query);
    loop {
        let view = client.view().await?;
        let found = find(&view)?;
        if let Some(response) = client.answer(&view, &found).await {
            return Ok(response);
        }
    }
}

/// Answers likewise with what may be much, and is made once for all who ask with the same `key`: the route and everything that
/// the result depends on.
pub async fn answer_shared(
    shared: &Shared,
    query: Query<'_>,
    key: String,
    find: impl Fn(&View) -> Result<Found, Problem> + Send + Sync + 'static,
) -> Result<Response, Problem> {
    let mut client = Waiting::new(shared, query);
    let find = Arc::new(find);
    loop {
        let view = client.view().await?;
        let (find, of) = (Arc::clone(&find), Arc::clone(&view));
        let find = move || find(&of).map(Arc::new);
        let found = shared.answers.get(view.revision, key.clone(), find).await;
        let found = found.unwrap_or_else(|| Err(Problem::fault()))?;
        if let Some(response) = client.answer(&view, &found).await {
            return Ok(response);
        }
    }
}

/// A client that may wait for a result that it does not have.
struct Waiting<'a> {
    shared: &'a Shared,
    query: Query<'a>,
    views: watch::Receiver<Option<Arc<View>>>,
    until: Instant,
    is_over: bool,
}

impl<'a> Waiting<'a> {
    fn new(shared: &'a Shared, query: Query<'a>) -> Self {
        Self {
            shared,
            views: shared.views.subscribe(),
            until: Instant::now() + query.wait.unwrap_or_default(),
            is_over: query.wait.is_none(),
            query,
        }
    }

    /// The view to find a result in.
    async fn view(&mut self) -> Result<Arc<View>, Problem> {
        self.views.mark_unchanged();
        self.shared.view().await
    }

    /// Returns the answer with what was found in a view. If the client has that and waits, waits for another view.
    async fn answer(&mut self, view: &View, found: &Found) -> Option<Response> {
        if let Some(at) = found.changes_at {
            self.shared.views.renew_at(view, at);
        }
        let stamp = Stamp::new(view);
        if !has(self.query.headers, found) {
            return Some(full(stamp.headers(), stamp.around(&found.result), found));
        }
        if self.is_over {
            return Some(not_modified(stamp.headers(), found));
        }
        tokio::select! {
            _ = self.views.changed() => sleep(jitter()).await,
            () = sleep_until(self.until) => self.is_over = true,
            () = self.shared.closing() => self.is_over = true,
        }
        None
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
            headers: &headers,
            wait: Some(WAIT),
        };
        let key = "statuses?".to_owned();
        let answer = answer_shared(shared, query, key, statuses);
        answer.await.ok().unwrap()
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
