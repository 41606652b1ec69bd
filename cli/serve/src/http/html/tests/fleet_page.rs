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
        "<span>As of <time datetime=\"2026-01-02T03:00:00Z\" data-relative>0s ago</time> \
         <small>(2026-01-02T03:00:00Z)</small>, slot 123; the ledger may be 0 slots ahead.</span>",
    ]);
    let blocked =
        "<li data-key=\"drain\"><strong>drain</strong>: ams has 2 activated devices and keeps at least 2</li>";
    site.get("/devices/ams-dz001").await.contains(&[blocked]);
}

/// The locations of the page, in its order.
fn locations(page: &Answer) -> Vec<&str> {
    let rows = page.text.split("<tr id=\"location-").skip(1);
    rows.filter_map(|row| row.split('"').next()).collect()
}

#[tokio::test]
async fn every_location_can_be_shown_and_those_at_stake_are() {
    let location = |number: u32| {
        let code = format!("m{number:03}");
        let mut found = place();
        found.address = pda::location(&ebb_sdk::ID, &code).0;
        found.account.code = code;
        let head = &mut found.account.head;
        head.draining = u32::from(number == 99);
        // Of the last one the budget is used up.
        head.activated = if number == 100 { 2 } else { 3 };
        found
    };
    let mut late = draining("late", NOW - 1, 0);
    late.account.head.location = location(99).address;
    let site = Site::of(vec![late], (0..=100).map(location).collect());
    let page = site.get("/").await;
    let shown = locations(&page);
    assert_eq!(shown.len(), 100);
    assert_eq!(shown[..3], ["m099", "m100", "m000"]);
    assert_eq!(shown[99], "m097");
    page.contains(&[
        "<p>1 more location is not shown; the filter <code>location</code> shows those that it names.</p>",
    ]);
    for (query, expected) in [
        ("location=m098", ["m098"].as_slice()),
        ("location=m100,m098", &["m098", "m100"]),
        ("location=m100,m098&without-location=m100", &["m098"]),
    ] {
        let page = site.get(&format!("/?{query}")).await;
        assert_eq!(locations(&page), expected, "{query}");
        page.has_none_of(&["more location"]);
    }
    let without = site.get("/?without-location=m000").await;
    assert_eq!(locations(&without).len(), 100);
    assert!(!locations(&without).contains(&"m000"));
}

#[tokio::test]
async fn more_draining_devices_than_cards_are_listed_with_the_filters_kept() {
    let devices = (0..51).map(|number| draining(&format!("a{number}"), 0, 0));
    let site = Site::of(devices.collect(), vec![place()]);
    site.get("/?location=ams&health=unknown&status=draining").await.contains(&[
        "<p>1 more draining device is in the table of devices, on this page or a later one: \
         <a href=\"/?status=draining&#38;location=ams&#38;health=unknown\">draining devices alone</a>.</p>",
    ]);
}

#[tokio::test]
async fn a_card_has_the_commands_of_its_status_to_copy() {
    let page = Site::of(vec![draining("a", NOW - 1, 0)], vec![place()]);
    page.get("/").await.contains(&[
        "<details>\n<summary>Commands</summary>\n<ul class=\"commands\" role=\"list\">",
        "<li data-key=\"ebb device drain a --evict\"><p>End the sessions that are left<br><code>ebb device drain a --evict</code></p> \
         <button type=\"button\" class=\"copy outline\" aria-label=\"Copy for a: End the sessions that are left\">Copy</button> <output data-keep></output></li>",
        "<code>ebb device retire a</code></p> <button type=\"button\" class=\"copy outline\" \
         aria-label=\"Copy for a: Take it out of service for good\">Copy</button> <output data-keep></output> \
         <span class=\"refused\">refused now: 3 sessions open</span></li>",
    ])
    .has_none_of(&["<code>ebb device history"]);
}

#[tokio::test]
async fn the_stream_of_a_page_has_the_filters_that_no_device_leaves() {
    let mut found = device("a", Activated);
    found.account.head.location = place().address;
    let site = Site::of(vec![found], vec![place()]);
    for (path, filters) in [
        ("/", ""),
        ("/?status=activated&overdue=true", ""),
        ("/?location=ams&status=activated", "&#38;location=ams"),
        (
            "/?without-location=ams&health=unknown",
            "&#38;without-location=ams",
        ),
        ("/devices/a", "&#38;location=ams"),
    ] {
        let page = site.get(path).await.text;
        let events = page.split(" data-events=\"").nth(1).unwrap();
        let events = events.split('"').next().unwrap();
        let (address, position) = events.split_once("?after=").unwrap();
        assert_eq!(address, "/api/v1/events");
        assert_eq!(
            position.find('&').map_or("", |at| &position[at..]),
            filters,
            "{path}"
        );
    }
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
        "<p>50 more draining devices are in the table of devices, on this page or a later one: \
         <a href=\"/?status=draining\">draining devices alone</a>.</p>",
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
