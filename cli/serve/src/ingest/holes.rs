//! Holes, and how often it was tried to fill each.

use {
    crate::store::Range,
    solana_sdk::pubkey::Pubkey,
    std::{
        collections::{BTreeSet, HashMap},
        mem,
    },
};

/// After so many tries no node has what is still missing.
const LOST_AFTER: u32 = 2;

/// What is missing of each account.
#[derive(Debug, Default)]
pub struct Holes(HashMap<Pubkey, Vec<Hole>>);

#[derive(Clone, Copy, Debug)]
struct Hole {
    range: Range,
    /// The slot of the accounts that first showed it: what it lacks happened until then.
    seen_at: u64,
    /// How often it was there after it was tried to fill it.
    tries: u32,
}

impl Hole {
    /// Whether all that a range lacks is lacking here: what was tried here was tried for it.
    fn covers(&self, range: &Range) -> bool {
        // That a registration was not known yet does not make it another one.
        let registration = self.range.registration;
        let is_same = registration.is_none() || registration == range.registration;
        is_same && self.range.first <= range.first && range.last <= self.range.last
    }
}

impl Holes {
    /// Takes note of all that is missing, as accounts of a slot show it. What was `lost` before was tried by an earlier ingest.
    pub fn update(&mut self, missing: &[Range], seen_at: u64, lost: &BTreeSet<Range>) {
        let known = mem::take(&mut self.0);
        for range in missing {
            let known = known.get(&range.address).into_iter().flatten();
            let covering = known.filter(|hole| hole.covers(range));
            let (seen_at, tries) = match covering.max_by_key(|hole| hole.tries) {
                Some(hole) => (hole.seen_at, hole.tries),
                None if lost.contains(range) => (seen_at, LOST_AFTER),
                None => (seen_at, 0),
            };
            let of_account = self.0.entry(range.address).or_default();
            of_account.push(Hole {
                range: *range,
                seen_at,
                tries,
            });
        }
    }

    /// Takes note that an account was read again, as far as it was final at a slot. It is a try of the holes whose events were
    /// final then.
    pub fn tried(&mut self, address: &Pubkey, final_slot: u64) {
        let of_account = self.0.get_mut(address).into_iter().flatten();
        for hole in of_account.filter(|hole| hole.seen_at <= final_slot) {
            hole.tries = hole.tries.saturating_add(1);
        }
    }

    /// How often it was tried to fill a hole.
    pub fn tries(&self, range: &Range) -> u32 {
        let mut of_account = self.0.get(&range.address).into_iter().flatten();
        let hole = of_account.find(|hole| hole.range == *range);
        hole.map_or(0, |hole| hole.tries)
    }

    /// Whether no node has what is missing.
    pub fn is_lost(&self, range: &Range) -> bool {
        self.tries(range) >= LOST_AFTER
    }
}

#[cfg(test)]
mod tests {
    use {super::*, crate::store::RegistrationKey};

    const DEVICE: Pubkey = Pubkey::new_from_array([1; 32]);

    fn range(generation: Option<u64>, first: u64, last: u64) -> Range {
        let key = |generation| RegistrationKey {
            contributor: Pubkey::new_from_array([2; 32]),
            generation,
        };
        Range {
            address: DEVICE,
            registration: generation.map(key),
            first,
            last,
        }
    }

    #[test]
    fn a_try_counts_where_all_was_final_that_is_missing() {
        let (mut holes, hole) = (Holes::default(), range(Some(1), 3, 4));
        holes.update(&[hole], 100, &BTreeSet::new());
        for (final_slot, tries) in [(99, 0), (100, 1), (99, 1), (101, 2)] {
            holes.tried(&DEVICE, final_slot);
            // That later accounts show it too makes it no younger.
            holes.update(&[hole], 200, &BTreeSet::new());
            assert_eq!(holes.tries(&hole), tries);
        }
        assert!(holes.is_lost(&hole));
    }

    #[test]
    fn what_is_left_of_a_hole_was_tried_as_often() {
        let whole = range(None, 3, 6);
        for (left, tries) in [
            (range(None, 3, 4), 1),
            (range(Some(1), 5, 6), 1),
            (range(Some(1), 5, 7), 0),
            (range(Some(1), 2, 6), 0),
        ] {
            let mut holes = Holes::default();
            holes.update(&[whole], 100, &BTreeSet::new());
            holes.tried(&DEVICE, 100);
            holes.update(&[left], 200, &BTreeSet::new());
            assert_eq!(holes.tries(&left), tries, "{left:?}");
        }
        // Another registration's is another hole.
        let mut holes = Holes::default();
        holes.update(&[range(Some(1), 3, 6)], 100, &BTreeSet::new());
        holes.tried(&DEVICE, 100);
        let other = range(Some(2), 3, 6);
        holes.update(&[other], 100, &BTreeSet::new());
        assert_eq!(holes.tries(&other), 0);
    }

    #[test]
    fn what_an_earlier_ingest_found_lost_is_lost() {
        let (mut holes, hole) = (Holes::default(), range(Some(1), 3, 4));
        holes.update(&[hole], 100, &[hole].into());
        assert!(holes.is_lost(&hole));
    }
}
