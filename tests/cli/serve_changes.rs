//! `ebb serve`: how a client learns of a drain, by waiting for a list or by a stream.

use {
    crate::{
        fleet::{Fleet, DEVICE},
        server::{detail, Server},
    },
    serde_json::{json, Value},
    std::thread,
};

#[test]
fn a_wait_ends_with_the_drain() {
    let fleet = Fleet::with_sessions(0);
    let server = Server::start(&fleet.lab);
    let path = "/api/v1/devices?status=activated";
    let etag = server.get(path).headers()["etag"].clone();
    let wait = server.request("GET", &format!("{path}&wait=60s"));
    let waiting = thread::spawn(move || wait.header("if-none-match", etag).send().unwrap());
    fleet.drain();
    let response = waiting.join().unwrap();
    assert_eq!(response.status(), 200);
    let list: Value = response.json().unwrap();
    assert_eq!(list["devices"], json!([]));
}

#[test]
fn a_wait_without_a_change_ends_with_304() {
    let fleet = Fleet::with_sessions(0);
    let server = Server::start(&fleet.lab);
    let etag = server.get("/api/v1/locations/ams").headers()["etag"].clone();
    let wait = server.request("GET", "/api/v1/locations/ams?wait=1s");
    let response = wait.header("if-none-match", etag).send().unwrap();
    assert_eq!(response.status(), 304);
}

#[test]
fn a_watch_lists_and_then_streams() {
    let fleet = Fleet::with_sessions(0);
    fleet.add("ams-dz002");
    let server = Server::start(&fleet.lab);
    let mut events = server.stream("/api/v1/watch");
    for code in [DEVICE, "ams-dz002"] {
        let event = events.next().unwrap();
        assert_eq!(
            (event.name.as_str(), &event.data["code"]),
            ("device", &json!(code))
        );
        assert_eq!(event.id, None);
    }
    let listed = events.next().unwrap();
    assert_eq!(
        (listed.name.as_str(), &listed.data["count"]),
        ("listed", &json!(2))
    );
    let view = server.json("/api/v1/devices");
    assert!(listed.data["slot"].as_u64() <= view["slot"].as_u64());
    assert!(listed.data["time"].as_str() <= view["time"].as_str());
    fleet.drain();
    let drained = events.next().unwrap();
    assert_eq!(drained.name, "device");
    assert_eq!(drained.data["code"], DEVICE);
    assert_eq!(drained.data["provisioning_status"], "draining");
    assert_eq!(drained.data["drain"]["reason"], "rack power");

    // A stream goes on strictly behind a position, and again from the same one.
    let (before, after) = (listed.id.unwrap(), drained.id.unwrap());
    let mut again = server.stream(&format!("/api/v1/events?after={before}"));
    assert_eq!(again.next().unwrap().data, drained.data);
    fleet.device(&["undrain", DEVICE]).exits(0);
    for events in [&mut events, &mut again] {
        let back = events.next().unwrap();
        assert_eq!(back.data["provisioning_status"], "activated");
    }
    let request = server
        .request("GET", "/api/v1/events")
        .header("last-event-id", after);
    let mut behind = crate::server::Events::of(request.send().unwrap());
    assert_eq!(
        behind.next().unwrap().data["provisioning_status"],
        "activated"
    );
}

#[test]
fn what_leaves_a_filter_is_removed_from_its_stream() {
    let fleet = Fleet::with_sessions(0);
    let server = Server::start(&fleet.lab);
    let mut activated = server.stream("/api/v1/watch?status=activated");
    let mut draining = server.stream("/api/v1/watch?status=draining");
    assert_eq!(activated.next().unwrap().name, "device");
    assert_eq!(activated.next().unwrap().data["count"], 1);
    assert_eq!(draining.next().unwrap().data["count"], 0);
    fleet.drain();
    let left = activated.next().unwrap();
    assert_eq!(
        (left.name.as_str(), &left.data["code"]),
        ("removed", &json!(DEVICE))
    );
    assert_eq!(draining.next().unwrap().name, "device");
}

#[test]
fn locations_and_contributors_that_change_are_on_the_streams_that_name_them_or_none() {
    let fleet = Fleet::with_sessions(0);
    fleet.lab.create_location("fra").exits(0);
    let server = Server::start(&fleet.lab);
    let mut all = server.stream("/api/v1/events");
    let mut others = server.stream("/api/v1/events?location=fra&without-contributor=co01");
    fleet.set_budget("1");
    let budget = all.named().unwrap();
    assert_eq!(budget.name, "location");
    assert_eq!(
        (&budget.data["code"], &budget.data["min_activated"]),
        (&json!("ams"), &json!(1))
    );
    assert!(budget.id.is_some(), "nothing else changed");

    fleet.set_budget("0");
    assert_eq!(all.named().unwrap().data["min_activated"], 0);
    for (verb, suspended) in [(&["suspend", "--yes"][..], true), (&["resume"], false)] {
        let change = [&["contributor"][..], verb, &["co01"]].concat();
        fleet.lab.ebb(&change).exits(0);
        let contributor = all.named().unwrap();
        assert_eq!(contributor.name, "contributor");
        assert_eq!(contributor.data["suspended"], suspended);
    }

    // Whoever acts on a device knows already what its location can spare.
    fleet.drain();
    let (location, device) = (all.named().unwrap(), all.named().unwrap());
    assert_eq!((location.name.as_str(), location.id), ("location", None));
    assert_eq!(location.data["draining"], 1);
    assert_eq!(device.name, "device");
    assert!(device.id.is_some());

    // The registry counts a new location, and is on every stream.
    fleet.lab.create_location("ld4").exits(0);
    for stream in [&mut all, &mut others] {
        assert_eq!(stream.named().unwrap().name, "registry");
    }
    assert_eq!(all.named().unwrap().data["code"], "ld4");
    let budget = ["location", "set-budget", "fra", "--min-activated", "2"];
    fleet.lab.ebb(&budget).exits(0);
    assert_eq!(others.named().unwrap().data["code"], "fra");
}

#[test]
fn a_quiet_stream_has_heartbeats_that_keep_its_position() {
    let fleet = Fleet::with_sessions(0);
    let server = Server::start(&fleet.lab);
    let mut events = server.stream("/api/v1/events");
    let heartbeat = events.any().unwrap();
    assert_eq!(
        (heartbeat.name.as_str(), &heartbeat.data),
        ("", &Value::Null)
    );
    let behind = server.get(&format!("/api/v1/events?after={}", heartbeat.id.unwrap()));
    assert_eq!(behind.status(), 200);
}

#[test]
fn a_position_that_is_not_known_is_gone() {
    let fleet = Fleet::with_sessions(0);
    let server = Server::start(&fleet.lab);
    let gone = server.get("/api/v1/events?after=0123456789abcdef-1");
    assert_eq!(gone.headers()["link"], "</api/v1/watch>; rel=\"alternate\"");
    assert!(detail(gone, 410).contains("list again"));
    for (path, right) in [
        ("/api/v1/events?after=7", "right is the id of an event"),
        ("/api/v1/watch?overdue", "wait"),
        ("/api/v1/watch?after=7", "there is no parameter `after`"),
    ] {
        assert!(server.problem(path, 400).contains(right), "{path}");
    }
}

#[test]
fn two_servers_answer_alike() {
    let fleet = Fleet::with_sessions(0);
    let servers = [Server::start(&fleet.lab), Server::start(&fleet.lab)];
    let mut streams = servers.each_ref().map(|it| it.stream("/api/v1/events"));
    let etags = || {
        servers
            .each_ref()
            .map(|it| it.get("/api/v1/devices").headers()["etag"].clone())
    };
    let [one, other] = etags();
    assert_eq!(one, other);
    fleet.drain();
    for events in &mut streams {
        assert_eq!(
            events.next().unwrap().data["provisioning_status"],
            "draining"
        );
    }
    let [new, other] = etags();
    assert_eq!(new, other);
    assert_ne!(new, one);
}

#[cfg(unix)]
#[test]
fn sigterm_ends_streams_and_waits_and_then_the_server() {
    let fleet = Fleet::with_sessions(0);
    let server = Server::start(&fleet.lab);
    let mut events = server.stream("/api/v1/watch?status=draining");
    assert_eq!(events.next().unwrap().name, "listed");
    let etag = server.get("/api/v1/devices").headers()["etag"].clone();
    let wait = server.request("GET", "/api/v1/devices?wait=60s");
    let waiting = thread::spawn(move || wait.header("if-none-match", etag).send());
    server.kill("TERM");
    assert!(events.next().is_none());
    // It was answered, or had not been accepted yet.
    if let Ok(answered) = waiting.join().unwrap() {
        assert_eq!(answered.status(), 304);
    }
    assert_eq!(server.end(), (143, "error: ended by SIGTERM\n".to_owned()));
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_server_that_nobody_asks() {
    let fleet = Fleet::with_sessions(0);
    let server = Server::start(&fleet.lab);
    server.kill("INT");
    assert_eq!(server.end(), (130, "error: interrupted\n".to_owned()));
}
