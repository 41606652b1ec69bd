//! Whether a history is complete. Each account counts its mutations, so the sequences of one registration run from 1
//! to what the account says, or to its removal.

use {
    super::Record,
    crate::{
        client::Keyed,
        event::EventKind,
        state::{AccountType, Contributor, Device, Location, Registry},
    },
    solana_program::pubkey::Pubkey,
    solana_sdk::signature::Signature,
    std::collections::{BTreeMap, BTreeSet, HashSet},
};

/// The life of an account from its creation to its removal. A code that was removed may be registered again, at the
/// same address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The account.
    pub subject: Pubkey,
    /// Which of the account's registrations it is, from 1, of those of which there is a record.
    pub number: u32,
    /// What happened, oldest first; never nothing.
    pub records: Vec<Record>,
}

/// Mutations of which there is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The account.
    pub subject: Pubkey,
    /// In which of its registrations, from 1.
    pub registration: u32,
    /// The sequence of the first that is lost.
    pub from: u64,
    /// The sequence of the last that is lost; `None` if it is not known how many there were.
    pub to: Option<u64>,
}

/// How far an account is that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tip {
    /// The account.
    pub subject: Pubkey,
    /// Its mutations so far.
    pub sequence: u64,
    /// A device's contributor and generation, which name the registration.
    pub registration: Option<(Pubkey, u64)>,
}

impl From<&Keyed<Device>> for Tip {
    fn from(device: &Keyed<Device>) -> Self {
        let head = &device.account.head;
        Self {
            subject: device.address,
            sequence: head.sequence,
            registration: Some((head.contributor, head.generation)),
        }
    }
}

impl From<&Keyed<Contributor>> for Tip {
    fn from(contributor: &Keyed<Contributor>) -> Self {
        Self {
            subject: contributor.address,
            sequence: contributor.account.head.sequence,
            registration: None,
        }
    }
}

impl From<&Keyed<Location>> for Tip {
    fn from(location: &Keyed<Location>) -> Self {
        Self {
            subject: location.address,
            sequence: location.account.head.sequence,
            registration: None,
        }
    }
}

impl From<&Keyed<Registry>> for Tip {
    fn from(registry: &Keyed<Registry>) -> Self {
        Self {
            subject: registry.address,
            sequence: registry.account.sequence,
            registration: None,
        }
    }
}

impl Registration {
    /// Contributor and generation of a device's registration, if the record of its creation is there.
    pub fn key(&self) -> Option<(Pubkey, u64)> {
        let mut events = self.records.iter().map(|record| &record.event);
        let created = events.find(|event| event.kind == EventKind::DeviceCreated)?;
        let generation = u64::try_from(created.to).ok()?;
        Some((Pubkey::new_from_array(created.detail), generation))
    }

    /// Whether there is a record of its removal.
    pub fn is_removed(&self) -> bool {
        let mut kinds = self.records.iter().map(|record| record.event.kind);
        kinds.any(|kind| kind == EventKind::DeviceRemoved)
    }

    /// Whether it ends at all.
    fn can_end(&self) -> bool {
        let first = self.records.first();
        first.is_some_and(|record| record.event.kind.subject() == AccountType::Device)
    }

    /// Whether the next record belongs to a later registration.
    fn is_over_before(&self, next: &Record) -> bool {
        next.event.kind == EventKind::DeviceCreated
            || self.records.last().is_some_and(|last| {
                last.event.kind == EventKind::DeviceRemoved
                    || last.event.sequence >= next.event.sequence
            })
    }
}

/// Splits records, oldest first, into the registrations that they belong to: by account, the older first. A record
/// that is there twice counts once.
#[must_use]
pub fn registrations(records: impl IntoIterator<Item = Record>) -> Vec<Registration> {
    let mut seen: HashSet<(Signature, u32)> = HashSet::new();
    let mut by_subject: BTreeMap<Pubkey, Vec<Registration>> = BTreeMap::new();
    for record in records {
        if !seen.insert((record.signature, record.place)) {
            continue;
        }
        let subject = record.event.subject;
        let of_subject = by_subject.entry(subject).or_default();
        match of_subject.last_mut() {
            Some(last) if !last.is_over_before(&record) => last.records.push(record),
            last => {
                let number = last.map_or(0, |last| last.number).saturating_add(1);
                of_subject.push(Registration {
                    subject,
                    number,
                    records: vec![record],
                });
            }
        }
    }
    by_subject.into_values().flatten().collect()
}

/// The holes in one registration, whose account is known to have reached a `sequence`. Where there is no account any
/// more, the record of its removal is the last.
#[must_use]
pub fn gaps(registration: &Registration, sequence: Option<u64>) -> Vec<Gap> {
    let records = registration.records.iter();
    let known: BTreeSet<u64> = records.map(|record| record.event.sequence).collect();
    let gap = |from, to| Gap {
        subject: registration.subject,
        registration: registration.number,
        from,
        to,
    };
    let mut gaps = vec![];
    let mut next = 1;
    for sequence in known {
        if sequence > next {
            gaps.push(gap(next, Some(sequence.saturating_sub(1))));
        }
        next = sequence.saturating_add(1);
    }
    match sequence {
        _ if registration.is_removed() => {}
        Some(sequence) if sequence < next => {}
        reached => gaps.push(gap(next, reached)),
    }
    gaps
}

/// The holes in the history of any number of accounts.
///
/// `records` are oldest first. `heads` are the accounts that are there, read before the records were: what happened
/// since then is no hole. A device without one is taken for removed. A registration of which no record is left, and
/// whose account is gone, cannot be found to be missing.
#[must_use]
pub fn verify(records: impl IntoIterator<Item = Record>, heads: &[Tip]) -> Vec<Gap> {
    let registrations = registrations(records);
    let mut gaps = vec![];
    let mut rest = registrations.as_slice();
    let mut heads: BTreeMap<Pubkey, &Tip> = heads.iter().map(|it| (it.subject, it)).collect();
    while let Some(first) = rest.first() {
        let of_subject = |it: &&Registration| it.subject == first.subject;
        let (these, others) = rest.split_at(rest.iter().take_while(of_subject).count());
        gaps.extend(holes(these, heads.remove(&first.subject)));
        rest = others;
    }
    gaps.extend(heads.into_values().map(|head| all_of(head, 1)));
    gaps
}

/// The holes in the registrations of one account.
fn holes(registrations: &[Registration], head: Option<&Tip>) -> Vec<Gap> {
    let Some((last, earlier)) = registrations.split_last() else {
        return vec![];
    };
    let is_heads = |it: &Registration| {
        let key = head.and_then(|head| head.registration);
        key.is_some() && it.key() == key
    };
    let mut found: Vec<Gap> = earlier.iter().flat_map(|it| gaps(it, None)).collect();
    match head {
        None if last.can_end() => found.extend(gaps(last, None)),
        // It is never removed, and who asks did not read it.
        None => found.extend(gaps(last, Some(0))),
        // Without the record of its creation, it may be the account's.
        Some(head)
            if !last.is_removed()
                && (is_heads(last) || last.key().is_none() || head.registration.is_none()) =>
        {
            found.extend(gaps(last, Some(head.sequence)));
        }
        // It began after the account was read.
        Some(_) if earlier.iter().any(is_heads) => found.extend(gaps(last, Some(0))),
        Some(_) if is_heads(last) => found.extend(gaps(last, None)),
        Some(head) => {
            found.extend(gaps(last, None));
            found.push(all_of(head, last.number.saturating_add(1)));
        }
    }
    found
}

/// That nothing is left of an account's registration.
fn all_of(head: &Tip, registration: u32) -> Gap {
    Gap {
        subject: head.subject,
        registration,
        from: 1,
        to: Some(head.sequence),
    }
}
