//! `ebb serve` as a service of systemd: what it reports to the socket that the environment names.

use {
    crate::{server::Server, support::Lab},
    std::os::unix::net::UnixDatagram,
};

/// The next message that is not the same as the one before.
fn next(socket: &UnixDatagram, before: &str) -> String {
    loop {
        let mut message = [0; 1_000];
        let len = socket.recv(&mut message).unwrap();
        let message = String::from_utf8(message[..len].to_vec()).unwrap();
        if message != before {
            return message;
        }
    }
}

/// The fields of a message.
fn fields(message: &str) -> Vec<&str> {
    message.lines().collect()
}

#[test]
fn systemd_hears_that_it_is_ready_works_and_ends() {
    let (lab, _, _) = Lab::in_service();
    let path = lab.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket
        .set_read_timeout(Some(crate::server::PATIENCE))
        .unwrap();
    let server = Server::start_as(&lab, &[], &[("NOTIFY_SOCKET", path.to_str().unwrap())]);
    let mut message = next(&socket, "");
    while message.starts_with("EXTEND_TIMEOUT_USEC=") {
        message = next(&socket, &message);
    }
    // Each transaction on an embedded ledger is a slot.
    let slot = server.json("/api/v1/devices")["slot"].clone();
    let status = format!("STATUS=slot {slot}, lag 0 slots, 1 devices");
    assert_eq!(fields(&message), ["READY=1", &status]);
    let works = next(&socket, &message);
    assert_eq!(fields(&works)[0], "WATCHDOG=1");
    assert!(fields(&works)[1].ends_with(" slots, 1 devices"), "{works}");

    let away = lab.path().join("away");
    std::fs::rename(lab.ledger(), &away).unwrap();
    let mut failing = next(&socket, &works);
    while !failing.contains("STATUS=the ledger cannot be read; serving slot ") {
        assert_eq!(fields(&failing)[0], "WATCHDOG=1");
        failing = next(&socket, &failing);
    }
    assert_eq!(fields(&failing)[0], "WATCHDOG=1");

    server.kill("TERM");
    let mut last = next(&socket, &failing);
    while last.starts_with("WATCHDOG=1\n") {
        last = next(&socket, &last);
    }
    assert_eq!(last, "STOPPING=1\n");
    assert_eq!(server.end().0, 143);
}
