//! Completeness, as a pure function.

use {
    super::{device, event, signature},
    crate::{
        event::{Event, EventKind},
        history::{gaps, registrations, verify, Gap, Record, Registration, Tip},
    },
    proptest::prelude::*,
    solana_program::pubkey::Pubkey,
    std::collections::BTreeSet,
};

const OWNER: Pubkey = Pubkey::new_from_array([3; 32]);
const OTHER: Pubkey = Pubkey::new_from_array([4; 32]);

fn record(event: Event) -> Record {
    Record {
        event,
        code: None,
        signature: signature(event.slot),
        index: None,
        place: 0,
        is_final: true,
    }
}

/// The records of one registration of the device, from a slot on; `sequences` are those that are there.
fn life(
    start: u64,
    owner: Pubkey,
    generation: i64,
    last: u64,
    is_removed: bool,
    sequences: impl IntoIterator<Item = u64>,
) -> Vec<Record> {
    let of = |sequence| {
        let kind = match sequence {
            1 => EventKind::DeviceCreated,
            it if it == last && is_removed => EventKind::DeviceRemoved,
            _ => EventKind::HealthReported,
        };
        record(Event {
            to: generation,
            detail: owner.to_bytes(),
            ..event(kind, sequence, start + sequence)
        })
    };
    sequences.into_iter().map(of).collect()
}

fn head(sequence: u64, owner: Pubkey, generation: u64) -> Tip {
    Tip {
        subject: device(),
        sequence,
        registration: Some((owner, generation)),
    }
}

fn gap(registration: u32, from: u64, to: impl Into<Option<u64>>) -> Gap {
    Gap {
        subject: device(),
        registration,
        from,
        to: to.into(),
    }
}

/// The runs of what is missing of 1 to `last`.
fn runs(last: u64, there: &BTreeSet<u64>) -> Vec<(u64, u64)> {
    let mut runs: Vec<(u64, u64)> = vec![];
    for missing in (1..=last).filter(|sequence| !there.contains(sequence)) {
        match runs.last_mut() {
            Some((_, to)) if *to + 1 == missing => *to = missing,
            _ => runs.push((missing, missing)),
        }
    }
    runs
}

proptest! {
    #[test]
    fn every_hole_is_found_and_nothing_else(
        last in 1_u64..60,
        there in proptest::collection::btree_set(1_u64..60, 1..60),
        is_backwards in any::<bool>(),
    ) {
        let there: BTreeSet<u64> = there.into_iter().filter(|it| *it <= last).collect();
        let mut records = life(0, OWNER, 1, last, false, there.iter().copied());
        // Whoever keeps them may have them in another order, and twice.
        records.extend(records.clone());
        if is_backwards {
            records.reverse();
        }
        let registration = Registration { subject: device(), number: 7, records };
        let expected: Vec<_> = runs(last, &there)
            .into_iter()
            .map(|(from, to)| gap(7, from, to))
            .collect();
        prop_assert_eq!(gaps(&registration, Some(last)), expected);
    }

    #[test]
    fn holes_of_several_registrations_are_distinguished(
        first in proptest::collection::btree_set(2_u64..20, 0..20),
        second in proptest::collection::btree_set(2_u64..20, 0..20),
    ) {
        // The creation of each, and the removal of the first, are there.
        let with = |set: BTreeSet<u64>, more: [u64; 2]| -> BTreeSet<u64> {
            set.into_iter().chain(more).collect()
        };
        let (first, second) = (with(first, [1, 20]), with(second, [1, 20]));
        let mut records = life(0, OWNER, 1, 20, true, first.iter().copied());
        records.extend(life(100, OTHER, 1, 20, false, second.iter().copied()));
        let holes = |number, there| {
            let runs = runs(20, there).into_iter();
            runs.map(move |(from, to)| gap(number, from, to))
        };
        let expected: Vec<_> = holes(1, &first).chain(holes(2, &second)).collect();
        prop_assert_eq!(verify(records, &[head(20, OTHER, 1)]), expected);
    }
}

#[test]
fn registrations_are_numbered_and_named() {
    let first = life(0, OWNER, 3, 4, true, 1..=4);
    let second = life(10, OTHER, 9, 2, false, 1..=2);
    let both = [first.clone(), second.clone(), first.clone()].concat();
    let found = registrations(both);
    let of = |number, records| Registration {
        subject: device(),
        number,
        records,
    };
    assert_eq!(found, [of(1, first), of(2, second)]);
    assert_eq!(found[0].key(), Some((OWNER, 3)));
    assert_eq!(found[1].key(), Some((OTHER, 9)));
    assert_eq!(
        [found[0].is_removed(), found[1].is_removed()],
        [true, false]
    );
}

#[test]
fn the_end_of_a_registration_is_its_removal_or_what_the_account_says() {
    let whole = || life(0, OWNER, 1, 4, true, 1..=4);
    let open = |sequences| life(0, OWNER, 1, 9, false, sequences);
    // It is gone, and there is the record of its removal, or there is not.
    assert_eq!(verify(whole(), &[]), []);
    assert_eq!(verify(open(1..=3), &[]), [gap(1, 4, None)]);
    // It is there, and more happened to it than there are records of.
    assert_eq!(verify(open(1..=3), &[head(3, OWNER, 1)]), []);
    assert_eq!(verify(open(1..=3), &[head(5, OWNER, 1)]), [gap(1, 4, 5)]);
    // More happened since the account was read.
    assert_eq!(verify(open(1..=3), &[head(2, OWNER, 1)]), []);
    assert_eq!(verify(whole(), &[head(3, OWNER, 1)]), []);
    // The record of its creation is lost.
    assert_eq!(verify(open(2..=3), &[head(3, OWNER, 1)]), [gap(1, 1, 1)]);
    // Nothing is left.
    assert_eq!(verify([], &[head(3, OWNER, 1)]), [gap(1, 1, 3)]);
    assert_eq!(verify([], &[]), []);
}

#[test]
fn a_registration_of_which_nothing_is_left_is_one_where_the_account_is_there() {
    let first = || life(0, OWNER, 1, 4, true, 1..=4);
    let open = || life(0, OWNER, 1, 9, false, 1..=3);
    let later = || life(20, OTHER, 1, 9, false, 1..=2);
    assert_eq!(verify(first(), &[head(6, OTHER, 1)]), [gap(2, 1, 6)]);
    assert_eq!(
        verify(open(), &[head(6, OWNER, 2)]),
        [gap(1, 4, None), gap(2, 1, 6)]
    );
    // A registration that follows proves the removal of the one before.
    let both = [open(), later()].concat();
    assert_eq!(verify(both, &[head(2, OTHER, 1)]), [gap(1, 4, None)]);
    // The account was read before it was removed and registered again.
    let both = [first(), later()].concat();
    assert_eq!(verify(both, &[head(3, OWNER, 1)]), []);
}

#[test]
fn what_is_never_removed_has_no_end_that_could_be_lost() {
    let location = Pubkey::new_from_array([5; 32]);
    let of = |kind, sequence| {
        record(Event {
            subject: location,
            ..event(kind, sequence, sequence)
        })
    };
    let records = || {
        [
            of(EventKind::LocationCreated, 1),
            of(EventKind::BudgetSet, 3),
        ]
    };
    let hole = |from, to| Gap {
        subject: location,
        registration: 1,
        from,
        to: Some(to),
    };
    assert_eq!(verify(records(), &[]), [hole(2, 2)]);
    let head = Tip {
        subject: location,
        sequence: 5,
        registration: None,
    };
    assert_eq!(verify(records(), &[head]), [hole(2, 2), hole(4, 5)]);
}
