//! What all pages have.

use super::*;

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
async fn a_page_says_which_program_and_ledger_it_is_of_and_where_it_is_in_the_navigation() {
    let site = Site::of(vec![device("a", Activated)], vec![]);
    let program = format!(" The program is <code>{}</code>.</small>", ebb_sdk::ID);
    let links = [
        "<li><a href=\"/\">Fleet</a></li>",
        "<li><a href=\"/?status=draining\">Draining</a></li>",
        "<li><a href=\"/?overdue=true\">Overdue</a></li>",
    ];
    for (path, current) in [
        ("/", Some(0)),
        ("/?status=draining", Some(1)),
        ("/?overdue=true", Some(2)),
        ("/?status=activated", None),
        ("/devices/a", None),
    ] {
        let page = site.get(path).await.contains(&[&program]);
        let here =
            current.map(|place: usize| links[place].replace("\">", "\" aria-current=\"page\">"));
        assert_eq!(
            page.text.matches("aria-current").count(),
            here.iter().count(),
            "{path}"
        );
        page.contains(&here.iter().map(String::as_str).collect::<Vec<_>>());
    }
    site.ledger.find_genesis(&site.client).await;
    let genesis = site.client.ledger().genesis().await.unwrap();
    site.get("/").await.contains(&[&format!(
        " The program is <code>{}</code> on the ledger with the genesis <code>{genesis}</code>.</small>",
        ebb_sdk::ID
    )]);
    site.get("/devices/b")
        .await
        .has_none_of(&["The program is"]);
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
