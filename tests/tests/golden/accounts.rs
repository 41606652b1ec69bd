//! Every account: one whose fields all differ, and one as the program writes it.

use {
    crate::{
        fixture::{check, find, hex, read, Entry},
        values,
    },
    ebb_sdk::{
        event::Event,
        state::{Contributor, Device, DiskKey, Location, Registry, Session},
    },
    ebb_tests::{Record, World},
};

const FIXTURE: &str = "accounts.txt";
const LEDGER: &str = "ledger.txt";
const EVENTS: &str = "events.txt";

fn entry<R: Record>(name: &str, record: &R) -> Entry {
    let bytes = borsh::to_vec(record).expect("it encodes");
    Entry::new(name, vec![format!("data {}", hex(&bytes))])
}

#[track_caller]
fn decodes<R: Record + PartialEq>(fixture: &[Entry], name: &str, value: &R) {
    let bytes = find(fixture, name).bytes("data");
    assert_eq!(R::read(&bytes).as_ref(), Ok(value), "{name}");
    assert_eq!(borsh::to_vec(value).expect("it encodes"), bytes, "{name}");
}

#[test]
fn values_make_these_bytes() {
    let found = [
        entry("registry", &values::registry()),
        entry("contributor", &values::contributor()),
        entry("location", &values::location()),
        entry("device", &values::device()),
        entry("session", &values::session()),
        entry("disk-key", &values::disk_key()),
    ];
    check(FIXTURE, &found);
}

#[test]
fn these_bytes_are_these_values() {
    let fixture = read(FIXTURE);
    decodes::<Registry>(&fixture, "registry", &values::registry());
    decodes::<Contributor>(&fixture, "contributor", &values::contributor());
    decodes::<Location>(&fixture, "location", &values::location());
    decodes::<Device>(&fixture, "device", &values::device());
    decodes::<Session>(&fixture, "session", &values::session());
    decodes::<DiskKey>(&fixture, "disk-key", &values::disk_key());
}

#[test]
fn the_program_writes_these_bytes() {
    let world = World::furnished();
    let (session, disk_key) = (world.session(), world.disk_key());
    let found = [
        ("registry", world.at.registry),
        ("contributor", world.at.contributor),
        ("location", world.at.location),
        ("device", world.at.device),
        ("session", session),
        ("disk-key", disk_key),
    ]
    .map(|(name, address)| {
        let account = world.account(&address).expect("it is there");
        let lines = vec![
            format!("address {address}"),
            format!("data {}", hex(&account.data)),
        ];
        Entry::new(name, lines)
    });
    check(LEDGER, &found);
}

#[test]
fn events_are_these_bytes() {
    let found = values::events()
        .map(|(name, event)| Entry::new(name, vec![format!("data {}", hex(&event.to_bytes()))]));
    check(EVENTS, &found);
    let fixture = read(EVENTS);
    for (name, event) in values::events() {
        let bytes = find(&fixture, name).bytes("data");
        assert_eq!(Event::decode(&bytes), Ok(event));
    }
}
