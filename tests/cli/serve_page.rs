//! `ebb serve`: the page for people.

use {
    crate::{
        fleet::{Fleet, DEVICE},
        server::{Server, PATIENCE},
        support::Lab,
    },
    std::{
        thread,
        time::{Duration, Instant},
    },
};

const TOKEN: &str = "S3cretToken";

/// The page at a path, once it contains a text.
#[track_caller]
pub fn page_when(server: &Server, path: &str, part: &str) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let text = server.get(path).text().unwrap();
        if text.contains(part) {
            return text;
        }
        assert!(Instant::now() < deadline, "{part}\nin\n{text}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_device_is_shown_with_what_happened_in_all_its_registrations() {
    let fleet = Fleet::with_sessions(0);
    fleet.drain();
    fleet.device(&["retire", DEVICE, "--yes"]).exits(0);
    fleet.device(&["remove", DEVICE, "--yes"]).exits(0);
    fleet.create(DEVICE);
    let server = Server::start(&fleet.lab);
    let path = format!("/devices/{DEVICE}");
    let page = page_when(&server, &path, "registration 2, sequence 1, ");
    for part in [
        "<strong>drain started</strong> from activated to draining: <bdi>rack power</bdi></p>",
        "<small>by contributor <code class=\"key\"",
        "registration 1, sequence 3, ",
        "<strong class=\"pending\">pending</strong>",
        &format!(
            "<code>ebb -u {} device activate {DEVICE}</code>",
            fleet.lab.url()
        ),
    ] {
        assert!(page.contains(part), "{part}\nin\n{page}");
    }
    // The newest comes first.
    let at = |part: &str| page.find(part).unwrap();
    assert!(at("registration 2, sequence 1, ") < at("device removed"));
    assert!(at("device removed") < at("drain started"));
}

#[test]
fn a_change_is_on_the_page() {
    let fleet = Fleet::with_sessions(2);
    let server = Server::start_with(&fleet.lab, &["--no-history"]);
    page_when(&server, "/", "<strong>1</strong> activated");
    fleet.drain();
    let page = page_when(&server, "/", "<span>2 of 2 sessions left</span>");
    assert!(page.contains("<dt>Reason</dt><dd><bdi>rack power</bdi></dd>"));
    fleet.close(0);
    page_when(&server, "/", "<span>1 of 2 sessions left</span>");
    let device = format!("/devices/{DEVICE}");
    let page = page_when(&server, &device, "<span>1 of 2 sessions left</span>");
    assert!(page.contains("<bdi>this server keeps no history</bdi>"));
}

#[test]
fn a_browser_gives_the_token_as_a_password_and_only_reads_with_it() {
    let lab = Lab::initialized();
    let file = lab.file("token", TOKEN);
    let server = Server::start_with(&lab, &["--token-file", &file, "--no-history"]);
    let challenge = |path: &str| {
        let response = server.get(path);
        let challenge = response.headers()["www-authenticate"].to_str().unwrap();
        (response.status().as_u16(), challenge.to_owned())
    };
    let basic = "Basic realm=\"ebb: any name, and the token as password\", charset=\"UTF-8\"";
    assert_eq!(challenge("/"), (401, basic.to_owned()));
    assert_eq!(challenge("/devices/ams-dz001"), (401, basic.to_owned()));
    assert_eq!(challenge("/api/v1/devices"), (401, "Bearer".to_owned()));
    let status = |method: &str, path: &str, password: &str| {
        let request = server.request(method, path);
        let request = request.basic_auth("somebody", Some(password));
        request.send().unwrap().status().as_u16()
    };
    assert_eq!(status("GET", "/", TOKEN), 200);
    assert_eq!(status("HEAD", "/", TOKEN), 200);
    assert_eq!(status("GET", "/", "S3cretTokem"), 401);
    assert_eq!(status("GET", "/api/v1/devices", TOKEN), 200);
    assert_eq!(status("POST", "/api/v1/transactions", TOKEN), 401);
}
