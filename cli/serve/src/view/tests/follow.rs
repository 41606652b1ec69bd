//! In which order reports and lists may come.

use {
    super::{device, Activated},
    crate::view::{
        follow::{Follower, FullReading},
        known::{AllAccounts, FoundRegistry, ListedTable},
        Coded, Table,
    },
    ebb_sdk::{
        client::{Keyed, Listing},
        ledger::{Now, ProgramUpdate},
        state::{AccountType, Device},
        EbbError, ID,
    },
    solana_sdk::{account::Account, hash::Hash, pubkey::Pubkey},
    std::sync::Arc,
    tokio::time::Instant,
};

/// A device of a sequence.
pub fn at(sequence: u64) -> Keyed<Device> {
    let mut device = device("a", Activated);
    device.account.head.sequence = sequence;
    device
}

fn address() -> Pubkey {
    at(0).address
}

pub fn account(data: Vec<u8>) -> Account {
    Account {
        lamports: 1,
        data,
        owner: ID,
        ..Account::default()
    }
}

/// That a device was of a sequence at a slot.
fn changed(slot: u64, sequence: u64) -> ProgramUpdate {
    let device = at(sequence);
    ProgramUpdate::Changed {
        slot,
        address: device.address,
        account: account(borsh::to_vec(&device.account).unwrap()),
    }
}

/// That a transaction of a slot has an event of the device.
fn named(slot: u64) -> ProgramUpdate {
    ProgramUpdate::Named {
        slot,
        subjects: vec![address()],
        are_all: true,
    }
}

pub fn complete(slot: u64) -> ProgramUpdate {
    ProgramUpdate::Complete {
        now: Now { slot, time: 0 },
        newest: slot + 1,
    }
}

/// All accounts, read from a slot on, and the devices at another.
pub fn reading(from: u64, slot: u64, devices: Vec<Keyed<Device>>) -> FullReading {
    fn listed<T: Coded>(slot: u64, items: Vec<Keyed<T>>) -> ListedTable<T> {
        let listing = Listing {
            items,
            unreadable: vec![],
            slot,
        };
        listing.into()
    }
    FullReading {
        began: Instant::now(),
        now: Now {
            slot: from,
            time: 0,
        },
        newest: Some(from),
        stamp: None,
        accounts: Some(AllAccounts {
            devices: listed(slot, devices),
            contributors: listed(slot, vec![]),
            locations: listed(slot, vec![]),
            registry: FoundRegistry {
                account: None,
                slot,
            },
        }),
    }
}

/// One that follows from slot 10 on, where the device is of sequence 1.
pub fn follower() -> Follower {
    let mut follower = Follower::new(ID);
    assert!(follower.take(ProgramUpdate::Connected { slot: 10 }));
    follower.read(reading(10, 10, vec![at(1)]));
    assert!(!follower.has_gap());
    follower
}

/// The slot of the view, and the device's sequence.
pub fn seen(follower: &mut Follower) -> (u64, Option<u64>) {
    let view = follower.view(None).unwrap();
    let device = view.devices.by_code.get("a");
    let sequence = device.map(|device| device.account.head.sequence);
    (view.slot, sequence)
}

#[test]
fn a_report_is_seen_and_no_older_one_replaces_it() {
    let mut follower = follower();
    assert!(!follower.take(changed(13, 4)));
    assert_eq!(seen(&mut follower), (10, Some(4)));
    // Reports of another node, behind the first, and one of the same slot.
    for (slot, sequence) in [(12, 3), (11, 2), (13, 9)] {
        follower.take(changed(slot, sequence));
        assert_eq!(seen(&mut follower), (10, Some(4)));
    }
    follower.take(changed(14, 5));
    follower.take(complete(14));
    assert_eq!(seen(&mut follower), (14, Some(5)));
}

#[test]
fn a_list_replaces_what_is_older_than_it_and_nothing_else() {
    let mut follower = follower();
    follower.take(changed(13, 4));
    // It was read while the report came.
    follower.read(reading(11, 12, vec![at(3)]));
    assert_eq!(seen(&mut follower), (11, Some(4)));
    follower.read(reading(12, 12, vec![]));
    assert_eq!(seen(&mut follower), (12, Some(4)));
    // A report was lost, and one that the list has comes late.
    follower.read(reading(13, 20, vec![at(7)]));
    assert_eq!(seen(&mut follower), (13, Some(7)));
    follower.take(changed(20, 6));
    assert_eq!(seen(&mut follower), (13, Some(7)));
    follower.read(reading(21, 21, vec![]));
    assert_eq!(seen(&mut follower), (21, None));
}

#[test]
fn a_closed_account_is_looked_up_and_does_not_come_back_from_an_older_answer() {
    let mut follower = follower();
    follower.take(named(12));
    follower.take(complete(11));
    assert_eq!(follower.missing(), []);
    follower.take(complete(12));
    assert_eq!(follower.missing(), [address()]);
    // Until it was looked up, the slot is not complete.
    assert_eq!(seen(&mut follower), (11, Some(1)));
    assert!(!follower.looked_up(14, &[(address(), None)]));
    assert_eq!(follower.missing(), []);
    assert_eq!(seen(&mut follower), (12, None));

    follower.take(changed(13, 2));
    follower.read(reading(12, 13, vec![at(2)]));
    assert_eq!(seen(&mut follower), (12, None));
    // It was created again.
    follower.take(named(15));
    follower.take(changed(15, 1));
    follower.take(complete(15));
    assert_eq!(follower.missing(), []);
    assert_eq!(seen(&mut follower), (15, Some(1)));
}

#[test]
fn an_account_that_was_closed_and_created_again_in_one_slot_is_not_looked_up() {
    let mut follower = follower();
    follower.take(changed(12, 1));
    follower.take(named(12));
    follower.take(complete(12));
    assert_eq!(follower.missing(), []);
    assert_eq!(seen(&mut follower), (12, Some(1)));
}

#[test]
fn a_closed_account_that_somebody_sent_lamports_is_still_closed() {
    let mut follower = follower();
    follower.take(named(12));
    follower.take(complete(12));
    let lamports = Account {
        lamports: 1,
        ..Account::default()
    };
    follower.looked_up(12, &[(address(), Some(lamports))]);
    assert_eq!(seen(&mut follower), (12, None));
}

#[test]
fn whatever_is_found_where_an_event_names_it_the_slot_is_complete() {
    for data in [
        vec![AccountType::Registry as u8, 1],
        vec![AccountType::Session as u8, 1],
        vec![u8::MAX],
    ] {
        let mut follower = follower();
        follower.take(named(12));
        follower.take(complete(12));
        // The event itself is published, whatever it is of.
        assert!(follower.has_changes());
        assert_eq!(seen(&mut follower), (10, Some(1)));
        assert_eq!(follower.missing(), [address()]);
        assert!(!follower.looked_up(12, &[(address(), Some(account(data)))]));
        assert_eq!(follower.missing(), []);
        assert!(follower.has_news() && !follower.has_changes());
        assert_eq!(seen(&mut follower), (12, Some(1)));
    }
}

#[test]
fn a_lookup_of_what_was_named_again_meanwhile_counts_up_to_its_slot() {
    let mut follower = follower();
    let other = || account(vec![AccountType::Registry as u8, 1]);
    follower.take(named(12));
    follower.take(complete(12));
    follower.take(named(14));
    assert!(!follower.looked_up(13, &[(address(), Some(other()))]));
    // The second event is beyond the slot that is complete.
    assert_eq!(follower.missing(), []);
    follower.take(complete(14));
    assert_eq!(follower.missing(), [address()]);
    follower.looked_up(14, &[(address(), Some(other()))]);
    assert_eq!(seen(&mut follower), (14, Some(1)));
}

#[test]
fn where_a_node_is_behind_all_is_read() {
    let mut follower = follower();
    follower.take(named(12));
    follower.take(complete(12));
    let device = account(borsh::to_vec(&at(1).account).unwrap());
    assert!(follower.looked_up(11, &[(address(), Some(device))]));
    assert!(follower.has_gap());
    assert_eq!(follower.missing(), []);
    // Nothing is complete before a reading of that slot.
    follower.take(complete(13));
    follower.read(reading(11, 11, vec![at(1)]));
    assert!(follower.has_gap());
    assert_eq!(seen(&mut follower), (11, Some(1)));
    follower.read(reading(12, 12, vec![]));
    assert!(!follower.has_gap());
    assert_eq!(seen(&mut follower), (12, None));
}

#[test]
fn where_events_were_cut_or_an_account_cannot_be_looked_up_all_is_read() {
    let mut follower = follower();
    let cut = ProgramUpdate::Named {
        slot: 12,
        subjects: vec![],
        are_all: false,
    };
    assert!(follower.take(cut));
    assert!(follower.has_gap());
    follower.read(reading(12, 12, vec![at(3)]));
    assert!(!follower.has_gap());

    follower.take(named(14));
    follower.take(complete(14));
    assert!(follower.failed_to_look_up());
    follower.read(reading(13, 13, vec![at(3)]));
    assert!(follower.has_gap());
    follower.read(reading(14, 14, vec![]));
    assert!(!follower.has_gap());
    assert_eq!(seen(&mut follower), (14, None));
}

#[test]
fn after_a_gap_a_slot_counts_once_all_was_read() {
    let mut follower = follower();
    follower.take(complete(12));
    assert!(follower.take(ProgramUpdate::Disconnected));
    assert!(!follower.take(ProgramUpdate::Disconnected));
    assert!(!follower.is_following());
    follower.take(ProgramUpdate::Connected { slot: 30 });
    follower.take(complete(31));
    assert_eq!(seen(&mut follower), (12, Some(1)));
    // Behind the report of before the gap.
    follower.read(reading(11, 11, vec![at(1)]));
    assert_eq!(seen(&mut follower), (12, Some(1)));
    follower.read(reading(30, 30, vec![at(5)]));
    follower.take(complete(31));
    assert_eq!(seen(&mut follower), (31, Some(5)));
}

#[test]
fn an_account_that_cannot_be_read_any_more_is_reported_as_such() {
    let mut follower = follower();
    follower.take(ProgramUpdate::Changed {
        slot: 12,
        address: address(),
        account: account(vec![AccountType::Device as u8, u8::MAX]),
    });
    let view = follower.view(None).unwrap();
    let unreadable = [(address(), EbbError::UnsupportedVersion)];
    assert_eq!(view.devices.unreadable, unreadable);
    assert!(!view.devices.by_code.contains_key("a"));
    follower.take(changed(13, 2));
    let view = follower.view(None).unwrap();
    assert_eq!(view.devices.unreadable, []);
    assert_eq!(seen(&mut follower), (10, Some(2)));
}

#[test]
fn a_view_shares_what_did_not_change() {
    let mut follower = follower();
    let first = follower.view(None).unwrap();
    follower.take(complete(12));
    let second = follower.view(Some(&first)).unwrap();
    assert!(second.has_accounts_of(&first));
    // What is reported again as it was is no change.
    follower.take(changed(13, 1));
    follower.read(reading(14, 14, vec![at(1)]));
    assert!(follower.view(None).unwrap().has_accounts_of(&first));
    follower.take(changed(15, 2));
    assert!(!follower.view(None).unwrap().has_accounts_of(&first));
    assert_eq!(first.devices.by_code["a"].account.head.sequence, 1);
}

#[test]
fn what_was_reported_while_it_was_listed_is_no_change() {
    let mut follower = follower();
    follower.take(changed(12, 4));
    let reported = follower.view(None).unwrap();
    // The list began before the report, and has it.
    follower.read(reading(11, 13, vec![at(4)]));
    assert!(follower.view(None).unwrap().has_accounts_of(&reported));
}

#[test]
fn an_account_that_did_not_change_is_not_held_twice_while_it_is_listed() {
    let known = follower().view(None).unwrap().devices;
    let mut table = Table::default();
    table.add(at(1), &known);
    assert!(Arc::ptr_eq(
        table.at(&address()).unwrap(),
        known.at(&address()).unwrap()
    ));
    assert!(table.is_same(&known));
    let mut table = Table::default();
    table.add(at(2), &known);
    assert!(!table.is_same(&known));
    table.share(&known);
    assert!(!table.is_same(&known));
}

#[test]
fn of_a_ledger_in_process_that_was_made_anew_nothing_older_is_kept() {
    let in_process = |from, slot, devices| FullReading {
        newest: None,
        stamp: Some(Hash::new_from_array([7; 32])),
        ..reading(from, slot, devices)
    };
    let mut follower = Follower::new(ID);
    follower.read(in_process(500, 500, vec![at(9)]));
    assert_eq!(seen(&mut follower), (500, Some(9)));
    assert!(follower.stamp().is_some());
    // The clock was read before it was made anew, and the list behind that, so that all has to be read again.
    follower.read(in_process(501, 2, vec![]));
    assert_eq!(seen(&mut follower), (501, Some(9)));
    assert_eq!(follower.stamp(), None);
    follower.read(in_process(3, 3, vec![]));
    assert_eq!(seen(&mut follower), (3, None));
    follower.read(in_process(4, 4, vec![at(1)]));
    assert_eq!(seen(&mut follower), (4, Some(1)));
}

#[test]
fn other_accounts_of_the_program_are_left_out() {
    let mut follower = follower();
    let first = follower.view(None).unwrap();
    follower.take(ProgramUpdate::Changed {
        slot: 12,
        address: Pubkey::new_from_array([9; 32]),
        account: account(vec![AccountType::Session as u8, 1]),
    });
    assert!(follower.view(None).unwrap().has_accounts_of(&first));
}
