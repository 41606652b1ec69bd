//! Who is where: two sites, two devices between them, and a switch in each of the four links.

use {
    crate::namespace::Namespace,
    std::net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

pub const SWITCH: Namespace = Namespace("switch");

/// Which protocol the routers speak over, and whose prefixes they announce.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Family {
    V4,
    V6,
}

impl Family {
    /// As FRR and BIRD name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::V4 => "ipv4",
            Self::V6 => "ipv6",
        }
    }

    /// The length of a site's prefixes.
    pub fn prefix_len(self) -> u8 {
        match self {
            Self::V4 => 24,
            Self::V6 => 64,
        }
    }
}

/// Where packets come from and go to. Each announces prefixes of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Site {
    User,
    Service,
}

/// A router between the sites that an agent runs beside.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Device {
    /// Runs FRR.
    A,
    /// Runs BIRD.
    B,
}

impl Site {
    pub const ALL: [Self; 2] = [Self::User, Self::Service];

    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Service => "service",
        }
    }

    pub fn namespace(self) -> Namespace {
        Namespace(self.name())
    }

    pub fn other(self) -> Self {
        match self {
            Self::User => Self::Service,
            Self::Service => Self::User,
        }
    }

    pub fn autonomous_system(self) -> u32 {
        match self {
            Self::User => 65_001,
            Self::Service => 65_002,
        }
    }

    /// Its address in the link to a device.
    pub fn address(self, device: Device) -> Ipv4Addr {
        Ipv4Addr::new(172, 31, link(self, device), 1)
    }

    /// The same of a family.
    pub fn address_of(self, device: Device, family: Family) -> IpAddr {
        of_family(self.address(device), family)
    }

    /// The interface of its link to a device.
    pub fn interface(self, device: Device) -> String {
        format!("to-{}", device.namespace().0)
    }

    /// Holds all of its prefixes.
    pub fn block(self, family: Family) -> &'static str {
        match (self, family) {
            (Self::User, Family::V4) => "10.0.0.0/9",
            (Self::Service, Family::V4) => "10.128.0.0/9",
            (Self::User, Family::V6) => "fd10:0::/32",
            (Self::Service, Family::V6) => "fd10:80::/32",
        }
    }

    /// One of its prefixes, of which there are 32,768.
    pub fn prefix(self, index: u16, family: Family) -> IpAddr {
        let [high, low] = index.to_be_bytes();
        match (self, family) {
            (Self::User, Family::V4) => Ipv4Addr::new(10, high, low, 0).into(),
            (Self::Service, Family::V4) => Ipv4Addr::new(10, 128 + high, low, 0).into(),
            (Self::User, Family::V6) => Ipv6Addr::new(0xfd10, 0, index, 0, 0, 0, 0, 0).into(),
            (Self::Service, Family::V6) => Ipv6Addr::new(0xfd10, 0x80, index, 0, 0, 0, 0, 0).into(),
        }
    }

    /// An address in one of its prefixes.
    pub fn host(self, index: u16, family: Family) -> IpAddr {
        match self.prefix(index, family) {
            IpAddr::V4(prefix) => Ipv4Addr::from_bits(prefix.to_bits() | 1).into(),
            IpAddr::V6(prefix) => Ipv6Addr::from_bits(prefix.to_bits() | 1).into(),
        }
    }
}

impl Device {
    pub const ALL: [Self; 2] = [Self::A, Self::B];

    /// Its code on the ledger.
    pub fn code(self) -> &'static str {
        match self {
            Self::A => "lab-a",
            Self::B => "lab-b",
        }
    }

    /// Its address on the ledger, which no packet of the lab has.
    pub fn public_ip(self) -> Ipv4Addr {
        match self {
            Self::A => Ipv4Addr::new(195, 219, 138, 50),
            Self::B => Ipv4Addr::new(195, 219, 138, 51),
        }
    }

    pub fn namespace(self) -> Namespace {
        Namespace(match self {
            Self::A => "a",
            Self::B => "b",
        })
    }

    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    pub fn autonomous_system(self) -> u32 {
        match self {
            Self::A => 65_010,
            Self::B => 65_020,
        }
    }

    /// Its address in the link to a site.
    pub fn address(self, site: Site) -> Ipv4Addr {
        Ipv4Addr::new(172, 31, link(site, self), 2)
    }

    /// The same of a family.
    pub fn address_of(self, site: Site, family: Family) -> IpAddr {
        of_family(self.address(site), family)
    }

    /// The interface of its link to a site.
    pub fn interface(self, site: Site) -> String {
        format!("to-{}", site.name())
    }
}

/// The address in a link, or the one of the same link and end that IPv6 has there.
fn of_family(address: Ipv4Addr, family: Family) -> IpAddr {
    let [_, _, link, end] = address.octets().map(u16::from);
    match family {
        Family::V4 => address.into(),
        Family::V6 => Ipv6Addr::new(0xfd31, 0, 0, link, 0, 0, 0, end).into(),
    }
}

fn link(site: Site, device: Device) -> u8 {
    match (site, device) {
        (Site::User, Device::A) => 1,
        (Site::User, Device::B) => 2,
        (Site::Service, Device::A) => 3,
        (Site::Service, Device::B) => 4,
    }
}

/// The port of the switch that one end of a link is in.
fn port(site: Site, device: Device, end: &str) -> String {
    format!("{}-{}-{end}", site.name(), device.namespace().0)
}

/// What lays the site's end of a link into the switch. The site keeps its carrier when the device goes.
pub fn lay_site(site: Site, device: Device) -> Vec<String> {
    let switch = SWITCH.0;
    let bridge = bridge(site, device);
    let mut lines = vec![
        format!("-n {switch} link add {bridge} type bridge"),
        format!("-n {switch} link set {bridge} up"),
    ];
    lines.extend(lay(
        site.namespace(),
        &site.interface(device),
        site.address(device),
        &bridge,
        &port(site, device, "s"),
    ));
    lines
}

/// What lays the device's end of a link.
pub fn lay_device(site: Site, device: Device) -> Vec<String> {
    lay(
        device.namespace(),
        &device.interface(site),
        device.address(site),
        &bridge(site, device),
        &port(site, device, "d"),
    )
}

/// What takes the device's end of a link out of the switch.
pub fn cut_device(site: Site, device: Device) -> String {
    format!("-n {} link delete {}", SWITCH.0, port(site, device, "d"))
}

fn bridge(site: Site, device: Device) -> String {
    port(site, device, "br")
}

fn lay(
    namespace: Namespace,
    interface: &str,
    address: Ipv4Addr,
    bridge: &str,
    port: &str,
) -> Vec<String> {
    let (name, switch) = (namespace.0, SWITCH.0);
    let [_, _, link, end] = address.octets();
    // A machine that was switched off comes back with the same address of its card.
    let card = format!("02:00:00:00:{link:02x}:{end:02x}");
    vec![
        format!("-n {switch} link add {port} type veth peer name {interface} netns {name} address {card}"),
        format!("-n {switch} link set {port} master {bridge} up"),
        format!("-n {name} addr add {address}/24 dev {interface}"),
        format!(
            "-n {name} addr add {}/64 dev {interface} nodad",
            of_family(address, Family::V6)
        ),
        format!("-n {name} link set {interface} up"),
    ]
}
