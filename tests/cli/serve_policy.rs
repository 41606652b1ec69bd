//! `ebb serve` of a network whose policy asks for proven health: what its page and its JSON say may be done with a device.

use {
    crate::{
        fleet::{Fleet, DEVICE},
        serve_page::page_when,
        server::Server,
        support::Lab,
    },
    ebb_sdk::{
        json::{DeviceJson, RegistryJson},
        EbbError,
    },
    serde_json::json,
};

/// What the page says of the command that contains a text.
#[track_caller]
fn command<'a>(page: &'a str, part: &str) -> &'a str {
    let items = page.split("<p>").skip(1);
    let mut items = items.filter_map(|item| item.split("</li>").next());
    let found = items.find(|item| item.contains(part));
    found.unwrap_or_else(|| panic!("{part}\nin\n{page}"))
}

#[test]
fn what_policy_refuses_is_blocked_and_the_report_that_it_asks_for_is_there_to_copy() {
    let fleet = Fleet::with_sessions(0);
    fleet.create("ams-dz002");
    fleet.require_healthy();
    fleet.report_healthy(DEVICE);
    fleet.drain();
    let server = Server::start_with(&fleet.lab, &["--no-history"]);
    let refusal = EbbError::HealthNotProven.to_string();
    for (code, verb) in [(DEVICE, "undrain"), ("ams-dz002", "activate")] {
        let path = format!("/devices/{code}");
        let blocked = format!("<strong>{verb}</strong>: {refusal}</li>");
        let page = page_when(&server, &path, &blocked);
        let entering = format!(" device {verb} {code}</code>");
        let refused = format!("<span class=\"refused\">refused now: {refusal}</span>");
        assert!(command(&page, &entering).contains(&refused), "{page}");
        let report = format!(" device report-health {code} ");
        assert!(command(&page, &report).contains(&format!("{report}healthy</code>")));
        // As the program has it.
        fleet.lab.ebb(&["device", verb, code, "--yes"]).exits(4);

        fleet.report_healthy(code);
        let page = page_when(&server, &path, "<dt>Blocked</dt><dd>nothing</dd>");
        assert!(!command(&page, &entering).contains("refused"), "{page}");
        assert!(command(&page, &report).contains(&format!("{report}unhealthy</code>")));
        fleet.lab.ebb(&["device", verb, code, "--yes"]).exits(0);
    }
}

#[test]
fn a_change_of_policy_is_on_the_page() {
    let fleet = Fleet::with_sessions(0);
    fleet.drain();
    let server = Server::start_with(&fleet.lab, &["--no-history"]);
    let path = format!("/devices/{DEVICE}");
    page_when(&server, &path, "<dt>Blocked</dt><dd>nothing</dd>");
    fleet.require_healthy();
    page_when(&server, &path, "<strong>undrain</strong>: policy asks ");
}

/// What a server's JSON says of the command that brings a device into service: why it is refused.
fn refusals(server: &Server, code: &str) -> Vec<EbbError> {
    let device = server.json(&format!("/api/v1/devices/{code}"));
    let device: DeviceJson<'static> = serde_json::from_value(device).unwrap();
    let registry: RegistryJson = serde_json::from_value(server.json("/api/v1/registry")).unwrap();
    let commands = device.commands(None, Some(&registry), None, 0);
    commands[0].refusals.clone()
}

#[test]
fn its_json_has_what_the_policy_asks_for() {
    let fleet = Fleet::with_sessions(0);
    fleet.report_healthy(DEVICE);
    let server = Server::start(&fleet.lab);
    let device = format!("/api/v1/devices/{DEVICE}");
    server.json_when(&device, |device| device["health_proven"] == true);
    fleet.drain();
    let drained = server.json_when(&device, |device| device["drained"] == true);
    assert_eq!(
        (&drained["health"], &drained["health_proven"]),
        (&json!("healthy"), &json!(false))
    );
    assert_eq!(refusals(&server, DEVICE), []);
    fleet.require_healthy();
    server.json_when("/api/v1/registry", |registry| {
        registry["require_healthy"] == true
    });
    assert_eq!(refusals(&server, DEVICE), [EbbError::HealthNotProven]);
    fleet.report_healthy(DEVICE);
    server.json_when(&device, |device| device["health_proven"] == true);
    assert_eq!(refusals(&server, DEVICE), []);
}

#[test]
fn where_there_is_no_registry_it_says_so() {
    let lab = Lab::without_registry();
    let server = Server::start(&lab);
    let absent = server.problem("/api/v1/registry", 404);
    assert!(absent.ends_with(" has no registry here yet"), "{absent}");
    lab.ebb(&["init"]).exits(0);
    server.json_when("/api/v1/registry", |registry| registry["sequence"] == 1);
}
