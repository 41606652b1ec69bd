//! Ports that nothing else on this machine uses.

use std::{
    net::{Ipv4Addr, TcpListener, UdpSocket},
    ops::Range,
    process,
};

/// Below those that the system gives to outgoing connections.
const FROM: u16 = 20_000;
/// How many a validator gets.
const BLOCK: u16 = 64;
const BLOCKS: u16 = 190;

/// A block of ports, kept from other harnesses as long as this lives.
pub struct Ports {
    first: u16,
    /// Whoever holds the first port has the block.
    _claim: TcpListener,
}

impl Ports {
    pub fn claim() -> Self {
        let start = process::id() % u32::from(BLOCKS);
        let start = u16::try_from(start).unwrap_or_default();
        (0..BLOCKS)
            .map(|number| FROM + (start + number) % BLOCKS * BLOCK)
            .find_map(Self::block)
            .expect("of 190 blocks of ports one is free")
    }

    fn block(first: u16) -> Option<Self> {
        let claim = TcpListener::bind((Ipv4Addr::LOCALHOST, first)).ok()?;
        let is_free = |port| {
            TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok()
                && UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok()
        };
        (first + 1..first + BLOCK).all(is_free).then_some(Self {
            first,
            _claim: claim,
        })
    }

    /// JSON RPC; the next port is that of subscriptions.
    pub fn rpc(&self) -> u16 {
        self.first + 1
    }

    pub fn faucet(&self) -> u16 {
        self.first + 3
    }

    pub fn gossip(&self) -> u16 {
        self.first + 4
    }

    pub fn others(&self) -> Range<u16> {
        self.first + 5..self.first + BLOCK
    }
}
