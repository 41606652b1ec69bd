//! The page as it is answered.

use {
    crate::{
        http::{router, state::tests::server},
        view::{
            tests::{device, view},
            Table, View, Views,
        },
    },
    axum::{
        body::{to_bytes, Body},
        extract::Request,
        http::{header, HeaderMap, StatusCode},
        Router,
    },
    ebb_sdk::{
        client::{Keyed, Listing},
        pda,
        state::{
            Device, Hold, HoldKind, HoldReason, Location, LocationHead, ProvisioningStatus,
            ProvisioningStatus::{Activated, Draining},
            Reason,
        },
        Role,
    },
    solana_sdk::pubkey::Pubkey,
    tempfile::TempDir,
    tower::Service,
};

/// The ledger's time in all of these views: 2026-01-02T03:00:00Z.
const NOW: i64 = 1_767_322_800;
const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";
const HOSTILE: &str = "</bdi><script>alert(1)</script>\u{202e}'\"&\n";

/// A server of one view.
struct Site {
    router: Router,
    _dir: TempDir,
}

/// What was answered.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Site {
    fn of(devices: Vec<Keyed<Device>>, locations: Vec<Keyed<Location>>) -> Self {
        let views = Views::keeping(100);
        let devices = devices.into_iter().map(|device| Keyed {
            address: pda::device(&ebb_sdk::ID, &device.account.code).0,
            ..device
        });
        let none = view(1, None, vec![]);
        let locations = Listing {
            items: locations,
            unreadable: vec![],
        };
        views.publish(View {
            time: NOW,
            slot: 123,
            locations: Table::new(locations, &none.locations),
            ..view(1, None, devices.collect())
        });
        let (shared, _, dir) = server(views);
        let state = std::sync::Arc::into_inner(shared).unwrap();
        Self {
            router: router(state),
            _dir: dir,
        }
    }

    async fn ask(&self, method: &str, path: &str, accept: &str) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = request.header(header::ACCEPT, accept).body(Body::empty());
        let response = self.router.clone().call(request.unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, BROWSER).await
    }
}

impl Answer {
    /// Asserts that it is a page that contains each of these, and returns it.
    fn contains(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.text.contains(part), "{part}\nin\n{}", self.text);
        }
        self
    }

    fn has_none_of(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(!self.text.contains(part), "{part}\nin\n{}", self.text);
        }
        self
    }

    /// The devices of the page, in its order.
    fn devices(&self) -> Vec<&str> {
        let rows = self.text.split("data-device=\"").skip(1);
        rows.filter_map(|row| row.split('"').next()).collect()
    }
}

/// A device that drains since an hour, with 3 of 12 sessions left, until these times.
fn draining(code: &str, deadline: i64, planned_return: i64) -> Keyed<Device> {
    let mut found = device(code, Draining);
    let head = &mut found.account.head;
    head.location = place().address;
    head.sessions = 3;
    head.max_sessions = 128;
    let drain = &mut head.drain;
    drain.started_at = NOW - 3_600;
    drain.sessions_at_start = 12;
    drain.deadline = deadline;
    drain.planned_return = planned_return;
    drain.reason = Reason::new("rack power").unwrap();
    for role in [
        &mut drain.role,
        &mut drain.reason_role,
        &mut drain.deadline_role,
    ] {
        *role = Role::Contributor;
    }
    found
}

/// A location with two activated devices, both of which must stay.
fn place() -> Keyed<Location> {
    let mut head = LocationHead::new(*b"NL", 0, 0, 2, 255);
    head.activated = 2;
    head.draining = 1;
    head.devices = 3;
    Keyed {
        address: Pubkey::new_from_array([8; 32]),
        account: Location {
            head,
            code: "ams".to_owned(),
            name: "Amsterdam".to_owned(),
        },
    }
}

fn hold(reason: &str) -> Hold {
    Hold {
        expires_at: NOW + 7_200,
        id: 4,
        kind: HoldKind::PendingTask,
        role: Role::Authority,
        reason: HoldReason::new(reason).unwrap(),
        ..Hold::default()
    }
}

/// A text as an account holds it whose bytes nobody checked.
fn unchecked<const SIZE: usize>(text: &str) -> ebb_sdk::state::FixedText<SIZE> {
    let mut bytes = vec![u8::try_from(text.len()).unwrap()];
    bytes.extend_from_slice(text.as_bytes());
    bytes.resize(SIZE, 0);
    borsh::from_slice(&bytes).unwrap()
}

#[tokio::test]
async fn an_overdue_drain_says_so_in_words() {
    let overdue = draining("ams-dz001", NOW - 300, NOW - 60);
    let site = Site::of(vec![overdue], vec![place()]);
    let words = "Overdue: the deadline passed 5m ago with 3 sessions left, and the planned return was 1m ago";
    for path in ["/", "/devices/ams-dz001"] {
        site.get(path).await.contains(&[
            words,
            "<strong class=\"badge overdue\">Overdue</strong>",
            "<progress value=\"3\" max=\"12\" aria-label=\"Sessions left\"></progress>",
            "<span>3 of 12 sessions left</span>",
            "aria-label=\"Sessions since the start of the drain: from 12 to 3\"><polyline points=\"0,0 100,0 100,15 100,15\"",
            "<dt>Reason</dt><dd><bdi>rack power</bdi></dd>",
            "<dt>Deadline</dt><dd><time datetime=\"2026-01-02T02:55:00Z\" title=\"2026-01-02T02:55:00Z\" data-relative>5m ago</time></dd>",
        ]);
    }
    let page = site.get("/").await;
    page.contains(&[
        "<li class=\"overdue\"><a href=\"/?overdue=true\"><strong>1</strong> overdue</a></li>",
    ]);
}

#[tokio::test]
async fn the_most_pressing_drain_comes_first() {
    let none = draining("a-none", 0, 0);
    let later = draining("b-later", NOW + 60, 0);
    let overdue = draining("c-overdue", NOW - 60, 0);
    let mut drained = draining("d-drained", NOW - 60, 0);
    drained.account.head.sessions = 0;
    let activated = device("a", Activated);
    let site = Site::of(vec![activated, none, later, overdue, drained], vec![]);
    let page = site.get("/").await;
    assert_eq!(
        page.devices(),
        ["c-overdue", "b-later", "a-none", "d-drained", "a"]
    );
    page.contains(&[
        "<h2 id=\"draining-title\">Draining (4)</h2>",
        "<dd>none: no session will be evicted</dd>",
        "<strong class=\"badge drained\">Drained</strong>",
    ])
    .has_none_of(&["agent silent"]);
}

#[tokio::test]
async fn a_location_says_what_its_budget_leaves() {
    let mut activated = device("ams-dz001", Activated);
    activated.account.head.location = place().address;
    let site = Site::of(vec![activated], vec![place()]);
    site.get("/").await.contains(&[
        "<tr id=\"location-ams\"><th scope=\"row\"><a href=\"/?location=ams\">ams</a> <bdi>Amsterdam</bdi></th>\
         <td><strong class=\"overdue\">0, budget used up</strong></td><td>2</td><td>2</td><td>1</td><td>3</td></tr>",
        "<li><a href=\"/?status=activated\"><strong>1</strong> activated</a></li>",
        "<span aria-live=\"off\">As of <time datetime=\"2026-01-02T03:00:00Z\" title=\"2026-01-02T03:00:00Z\" \
         data-relative>0s ago</time>, slot 123; the ledger may be 0 slots ahead.</span>",
    ]);
    let blocked =
        "<li><strong>drain</strong>: the budget of ams: 2 activated, and at least 2 must stay</li>";
    site.get("/devices/ams-dz001").await.contains(&[blocked]);
}

#[tokio::test]
async fn text_of_others_is_text() {
    let mut hostile = draining("ams-dz001", 0, 0);
    let head = &mut hostile.account.head;
    head.drain.reason = unchecked(HOSTILE);
    head.holds[0] = Hold {
        reason: unchecked("<b>\u{2066}"),
        ..hold("")
    };
    let mut named = place();
    named.account.name = HOSTILE.to_owned();
    let site = Site::of(vec![hostile], vec![named]);
    let shown = "<bdi>&#60;/bdi&#62;&#60;script&#62;alert(1)&#60;/script&#62;\\u{202e}&#39;&#34;&#38;\\n</bdi>";
    for path in ["/", "/devices/ams-dz001"] {
        site.get(path)
            .await
            .contains(&[shown, "<bdi>&#60;b&#62;\\u{2066}</bdi>"])
            .has_none_of(&["<script>", "\u{202e}", "\u{2066}"]);
    }
    let page = site.get("/?location=%3Cscript%3E%E2%80%AE").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    page.contains(&["&#60;script&#62;\\u{202e}"])
        .has_none_of(&["<script>", "\u{202e}"]);
}

#[tokio::test]
async fn a_hold_says_what_it_blocks() {
    let mut held = draining("ams-dz001", 0, 0);
    held.account.head.holds[0] = hold("backup runs");
    let site = Site::of(vec![held], vec![]);
    site.get("/").await.contains(&[
        "<li>#4 pending-task, ends <time datetime=\"2026-01-02T05:00:00Z\" title=\"2026-01-02T05:00:00Z\" \
         data-relative>in 2h</time>, placed by authority <code class=\"key\"",
        ": <bdi>backup runs</bdi></li>",
        "<li><strong>retire</strong>: hold #4 (pending-task)</li>",
    ]);
    site.get("/devices/ams-dz001").await.contains(&[
        "<code>ebb device release ams-dz001 4</code>",
        "<code>ebb device retire ams-dz001</code>",
        "<span class=\"refused\">refused now: 3 sessions open; hold #4 (pending-task)</span>",
    ]);
}

/// The commands of the page of a device.
async fn commands(found: Keyed<Device>) -> Vec<String> {
    let path = format!("/devices/{}", found.account.code);
    let page = Site::of(vec![found], vec![]).get(&path).await;
    let commands = page.text.split("<code>ebb ").skip(1);
    let commands = commands.filter_map(|rest| rest.split("</code>").next());
    commands.map(|it| it.replace("&#39;", "'")).collect()
}

#[tokio::test]
async fn each_status_has_its_commands() {
    let reading = ["session list a", "device history a --follow"];
    for (status, expected) in [
        (
            ProvisioningStatus::Pending,
            [
                "device activate a",
                "device retire a",
                "device report-health a healthy",
            ]
            .as_slice(),
        ),
        (
            Activated,
            &[
                "device drain a --reason 'why' --deadline 1h",
                "device hold a --kind pending-task --for 2h --reason 'why'",
                "device report-health a healthy",
            ],
        ),
        (
            Draining,
            &[
                "device undrain a",
                "device retire a",
                "device drain a --wait",
                "device drain a --update --deadline 2h",
                "device hold a --kind pending-task --for 2h --reason 'why'",
                "device report-health a healthy",
            ],
        ),
        (
            ProvisioningStatus::Retiring,
            &["device retire a --wait", "device report-health a healthy"],
        ),
        (ProvisioningStatus::Retired, &["device remove a"]),
    ] {
        let expected = [expected, &reading].concat();
        assert_eq!(commands(device("a", status)).await, expected, "{status}");
    }
    let late = commands(draining("a", NOW - 1, 0)).await;
    assert!(
        late.contains(&"device drain a --evict".to_owned()),
        "{late:?}"
    );
}

#[tokio::test]
async fn without_a_history_the_state_is_shown() {
    let site = Site::of(vec![device("a", Activated)], vec![]);
    let page = site.get("/devices/a").await;
    assert_eq!(page.status, StatusCode::OK);
    page.contains(&[
        "<h1><bdi>a</bdi></h1>",
        "<p class=\"overdue\">The history cannot be read now: <bdi>no store</bdi>. The state above is the ledger’s all the same.</p>",
    ]);
}

#[tokio::test]
async fn filters_are_the_lists_and_empty_fields_are_none() {
    let devices = vec![
        device("a", Activated),
        draining("b", NOW - 1, 0),
        draining("c", 0, 0),
    ];
    let site = Site::of(devices, vec![place()]);
    for (query, expected) in [
        ("", ["b", "c", "a"].as_slice()),
        ("?status=&location=&draining-longer-than=", &["b", "c", "a"]),
        ("?status=draining&status=activated", &["b", "c", "a"]),
        ("?without-status=draining", &["a"]),
        ("?overdue=true", &["b"]),
        ("?overdue=", &["b"]),
        ("?location=ams&without-overdue=true", &["c"]),
        ("?draining-longer-than=2h", &[]),
    ] {
        assert_eq!(
            site.get(&format!("/{query}")).await.devices(),
            expected,
            "{query}"
        );
    }
    let form = site
        .get("/?status=draining&location=ams&without-overdue=true")
        .await;
    form.contains(&[
        "<details open>",
        "<input type=\"checkbox\" name=\"status\" value=\"draining\" checked> draining",
        "<input type=\"text\" name=\"location\" value=\"ams\"",
        "<input type=\"hidden\" name=\"without-overdue\" value=\"true\">",
        // The counts are of all.
        "<li><strong>3</strong> devices</li>",
    ]);
}

#[tokio::test]
async fn a_problem_is_a_page_for_browsers_and_a_document_for_others() {
    let site = Site::of(vec![], vec![]);
    for (path, status, title, detail) in [
        (
            "/?colour=red",
            400,
            "400 Bad Request",
            "there is no parameter `colour`; right are status, without-status",
        ),
        (
            "/?wait=3s",
            400,
            "400 Bad Request",
            "there is no parameter `wait`",
        ),
        (
            "/?status=gone",
            400,
            "400 Bad Request",
            "pending, activated, draining, retiring, retired",
        ),
        (
            "/devices/a?before=x",
            400,
            "400 Bad Request",
            "before: `x`: right is what the Link header of a page has",
        ),
        ("/devices/a", 404, "404 Not Found", "there is no device `a`"),
        ("/nowhere", 404, "404 Not Found", "there is no /nowhere"),
        (
            "/assets/page.css?w=1",
            400,
            "400 Bad Request",
            "there is no parameter `w`; right are v",
        ),
    ] {
        let page = site.get(path).await;
        assert_eq!(page.status, status, "{path}");
        assert_eq!(
            page.headers[header::CONTENT_TYPE],
            "text/html; charset=utf-8"
        );
        page.contains(&[&format!("<h1>{title}</h1>"), detail]);
        let document = site.ask("GET", path, "*/*").await;
        assert_eq!(document.status, status, "{path}");
        assert_eq!(
            document.headers[header::CONTENT_TYPE],
            "application/problem+json"
        );
    }
    // The API's are documents, whoever asks.
    let document = site.get("/api/v1/devices/a").await;
    assert_eq!(
        document.headers[header::CONTENT_TYPE],
        "application/problem+json"
    );
}

#[tokio::test]
async fn every_answer_says_what_a_browser_may_do_with_it() {
    let site = Site::of(vec![device("a", Activated)], vec![]);
    let page = site.get("/").await;
    let assets = ["href=\"/assets/", "src=\"/assets/"].map(|before| {
        let rest = page.text.split(before).nth(1).unwrap();
        format!("/assets/{}", rest.split('"').next().unwrap())
    });
    let [style, script] = &assets;
    for (path, media_type, caching) in [
        ("/", "text/html; charset=utf-8", "no-store"),
        ("/devices/a", "text/html; charset=utf-8", "no-store"),
        ("/devices/b", "text/html; charset=utf-8", "no-store"),
        ("/assets/page.css", "text/css; charset=utf-8", "no-cache"),
        (
            "/assets/page.js?v=1",
            "text/javascript; charset=utf-8",
            "no-cache",
        ),
        (
            style,
            "text/css; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
        (
            script,
            "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
    ] {
        let answer = site.get(path).await;
        let headers = &answer.headers;
        assert_eq!(headers[header::CONTENT_TYPE], media_type, "{path}");
        assert_eq!(headers[header::CACHE_CONTROL], caching, "{path}");
        assert_eq!(
            headers[header::CONTENT_SECURITY_POLICY],
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            "{path}"
        );
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        assert_eq!(headers[header::REFERRER_POLICY], "no-referrer", "{path}");
        let head = site.ask("HEAD", path, BROWSER).await;
        assert_eq!(
            (head.status, head.text.as_str()),
            (answer.status, ""),
            "{path}"
        );
    }
    // Nothing that the policy forbids.
    for path in ["/", "/devices/a"] {
        let page = site.get(path).await;
        page.has_none_of(&[" style=", "<style", "<script>", " onclick="]);
    }
}

#[tokio::test]
async fn a_large_fleet_comes_in_small_pages() {
    let mut devices: Vec<Keyed<Device>> = (0..10_000)
        .map(|number| device(&format!("ams-dz{number:05}"), Activated))
        .collect();
    for number in 0..100 {
        devices[number * 100] = draining(&format!("ams-dz{:05}", number * 100), NOW + 60, 0);
    }
    let site = Site::of(devices, vec![place()]);
    let first = site.get("/").await;
    assert!(first.text.len() < 200_000, "{}", first.text.len());
    let codes = first.devices();
    assert_eq!(codes.len(), 200);
    assert_eq!(codes[..2], ["ams-dz00000", "ams-dz00100"]);
    assert_eq!(codes[49..52], ["ams-dz04900", "ams-dz00001", "ams-dz00002"]);
    let first = first.contains(&[
        "<h2 id=\"draining-title\">Draining (100)</h2>",
        "<a href=\"/?status=draining\">50 more draining devices</a>",
        "<li><strong>10000</strong> devices</li>",
        "<li><a href=\"/?status=activated\"><strong>9900</strong> activated</a></li>",
        "<a rel=\"next\" href=\"/?after=ams-dz00151\">Next page</a>",
    ]);
    drop(first);
    let second = site
        .get("/?status=activated&after=ams-dz00151&limit=2")
        .await;
    assert_eq!(second.devices(), ["ams-dz00152", "ams-dz00153"]);
    second
        .contains(&[
            "<a href=\"/?status=activated&#38;limit=2\">First page</a>",
            "href=\"/?status=activated&#38;limit=2&#38;after=ams-dz00153\"",
        ])
        .has_none_of(&["id=\"draining\"", "id=\"locations\""]);
}
