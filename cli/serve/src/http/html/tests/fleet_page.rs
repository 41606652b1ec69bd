//! The page of the fleet.

use super::*;

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

#[tokio::test(start_paused = true)]
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
