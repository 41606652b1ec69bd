//! Users beside the one whose packets flow: BGP neighbors of device A that announce nothing.

use {
    crate::{
        bird::Bird,
        namespace::{ip_each, Namespace},
        plan::{Device, SWITCH},
    },
    anyhow::Result,
    std::{fmt::Write, fs, net::Ipv4Addr, path::Path},
};

const CROWD: Namespace = Namespace("crowd");
const AUTONOMOUS_SYSTEM: u32 = 65_100;

/// The label of a user; the first is the site.
pub fn label(number: u16) -> String {
    format!("user-{number}")
}

/// The numbers of so many users of the crowd.
fn numbers(users: u16) -> impl Iterator<Item = u16> {
    2..users + 2
}

fn address(number: u16) -> Ipv4Addr {
    let [high, low] = number.to_be_bytes();
    Ipv4Addr::new(172, 30, high, low)
}

/// The device's address for a user: BIRD has no two protocols with one neighbor.
fn device_address(number: u16) -> Ipv4Addr {
    let [high, low] = number.to_be_bytes();
    Ipv4Addr::new(172, 30, 128 + high, low)
}

/// What device A's configuration says of them.
pub fn neighbors(users: u16) -> String {
    numbers(users).fold(String::new(), |mut text, number| {
        let (address, label) = (address(number), label(number));
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            " neighbor {address} remote-as {AUTONOMOUS_SYSTEM}\n neighbor {address} description {label}\n \
             neighbor {address} passive"
        );
        text
    })
}

/// Lays the link to device A, which is on, and starts their BIRD.
pub fn start(users: u16, folder: &Path) -> Result<Bird> {
    CROWD.create()?;
    let (crowd, switch, device) = (CROWD.0, SWITCH.0, Device::A.namespace().0);
    ip_each(&[
        format!("-n {switch} link add crowd-br type bridge"),
        format!("-n {switch} link set crowd-br up"),
        format!("-n {switch} link add crowd-s type veth peer name to-a netns {crowd}"),
        format!("-n {switch} link add crowd-d type veth peer name to-crowd netns {device}"),
        format!("-n {switch} link set crowd-s master crowd-br up"),
        format!("-n {switch} link set crowd-d master crowd-br up"),
        format!("-n {crowd} addr add 172.30.255.253/16 dev to-a"),
        format!("-n {crowd} link set to-a up"),
        // Every address of that half is the crowd's. FRR wants its own on an interface.
        format!("-n {crowd} route add local 172.30.0.0/17 dev lo"),
        format!("-n {device} link set to-crowd up"),
    ])?;
    let addresses: Vec<String> = numbers(users)
        .map(|number| format!("addr add {}/16 dev to-crowd", device_address(number)))
        .collect();
    Device::A.namespace().ip_batch(&addresses)?;
    fs::write(folder.join("bird.conf"), config(users))?;
    Bird::start(CROWD, folder)
}

pub fn namespace() -> Namespace {
    CROWD
}

fn config(users: u16) -> String {
    let head = "log stderr { fatal };\nrouter id 172.30.255.253;\nprotocol device { }\n".to_owned();
    numbers(users).fold(head, |mut text, number| {
        let (local, device) = (address(number), device_address(number));
        let _ = writeln!(
            text,
            "protocol bgp user_{number} {{ local {local} as {AUTONOMOUS_SYSTEM}; neighbor {device} as {}; hold time 30; \
             connect delay time 1; connect retry time 1; error wait time 1, 2; ipv4 {{ import none; export none; }}; }}",
            Device::A.autonomous_system()
        );
        text
    })
}
