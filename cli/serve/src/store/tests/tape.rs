//! Histories that are made up.

use {
    ebb_sdk::{
        event::{Event, EventKind},
        history::Record,
        role::Role,
        state::Reason,
    },
    solana_sdk::{pubkey::Pubkey, signature::Signature},
};

pub const CONTRIBUTOR: Pubkey = Pubkey::new_from_array([3; 32]);

pub fn device(number: u8) -> Pubkey {
    Pubkey::new_from_array([number; 32])
}

/// A signature that names its number.
pub fn signature(number: u64) -> Signature {
    let mut bytes = [7; 64];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    bytes.into()
}

/// An event of a device in a slot and transaction of its own, which both have the slot's number.
pub fn record(device: Pubkey, kind: EventKind, sequence: u64, slot: u64) -> Record {
    let mut event = Event::new(kind, &device, &CONTRIBUTOR, Role::Contributor);
    event.sequence = sequence;
    event.slot = slot;
    event.time = 1_700_000_000 + slot as i64;
    Record {
        event,
        code: Some(format!("dz{}", device.to_bytes()[0])),
        signature: signature(slot),
        index: Some(4),
        place: 0,
        is_final: false,
    }
}

/// The first event of a device's registration.
pub fn created(device: Pubkey, generation: u64, slot: u64) -> Record {
    let mut record = record(device, EventKind::DeviceCreated, 1, slot);
    record.event.to = generation as i64;
    record.event.detail = CONTRIBUTOR.to_bytes();
    record
}

/// A drain's start, with all that an event can have.
pub fn drained(device: Pubkey, sequence: u64, slot: u64) -> Record {
    let mut record = record(device, EventKind::DrainStarted, sequence, slot);
    record.event.from = 1;
    record.event.to = 2;
    record.event.forced = true;
    record.event.related = Pubkey::new_from_array([9; 32]);
    record.event.reason = Reason::new("new line card, \"quoted\" – ünïcode").unwrap();
    record
}

/// A device's creation and health reports, in slots that follow one another.
pub fn life(device: Pubkey, generation: u64, first_slot: u64, events: u64) -> Vec<Record> {
    let reports =
        (1..events).map(|at| record(device, EventKind::HealthReported, at + 1, first_slot + at));
    [created(device, generation, first_slot)]
        .into_iter()
        .chain(reports)
        .collect()
}

pub fn is_final(mut records: Vec<Record>) -> Vec<Record> {
    records.iter_mut().for_each(|record| record.is_final = true);
    records
}
