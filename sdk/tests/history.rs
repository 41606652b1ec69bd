//! The history of an embedded ledger: what real instructions logged.

mod common;

use {
    common::{
        devices::set_up,
        life::{device, live, location, register_again, World, CODE},
        open, pay, wait, LIVING,
    },
    ebb_sdk::{
        embedded::EmbeddedLedger,
        event::EventKind,
        history::{Cursor, DeviceHistory, Tip, Walk},
        instruction::{create_contributor, CreateContributor},
        ledger::{Finality, Ledger, LedgerError, SignatureEntry, SignaturePage},
        pda, Role, ID,
    },
    solana_program::pubkey::Pubkey,
    solana_sdk::{signature::Signature, signer::Signer},
    std::{collections::HashSet, time::Duration},
};

#[test]
fn a_devices_history_is_all_that_happened_to_it() {
    let world = World::new();
    let first = live(&world);
    let mut history = world.history();
    let records = wait(history.read()).unwrap();
    assert_eq!(records.len(), first.len());
    assert_eq!(
        (history.gaps(), history.registrations().len()),
        (&[][..], 1)
    );
    // What is new is returned once.
    let second = register_again(&world);
    assert_eq!(wait(history.read()).unwrap().len(), second.len());
    assert_eq!(wait(history.read()).unwrap(), []);

    let registrations = history.registrations();
    assert_eq!(registrations.len(), 2);
    for (registration, kinds) in registrations.iter().zip([&first, &second]) {
        let events = registration.records.iter().map(|record| record.event);
        let found: Vec<_> = events.clone().map(|event| event.kind).collect();
        assert_eq!(found, *kinds);
        let sequences: Vec<_> = events.map(|event| event.sequence).collect();
        let all: Vec<_> = (1..).take(kinds.len()).collect();
        assert_eq!(sequences, all);
    }
    assert_eq!(
        registrations[0].key(),
        Some((pda::contributor(&ID, "co01").0, 1))
    );
    assert_eq!(
        registrations[1].key(),
        Some((pda::contributor(&ID, "co02").0, 1))
    );
    assert!(registrations[0].is_removed() && !registrations[1].is_removed());
    for record in registrations.iter().flat_map(|it| &it.records) {
        assert_eq!(record.code.as_deref(), Some(CODE));
        assert_eq!(record.event.subject, device());
        assert_eq!((record.place, record.is_final), (0, true));
    }
    let drain = &registrations[0].records[10].event;
    assert_eq!(
        (drain.kind, drain.role),
        (EventKind::DrainStarted, Role::Contributor)
    );
    assert_eq!(drain.reason.as_str(), Ok("rack power"));
    assert_eq!(drain.actor, world.me.pubkey());

    // Each kind that a device has was among them.
    let of_devices = 17;
    let kinds: HashSet<_> = first.into_iter().collect();
    assert_eq!(kinds.len(), of_devices);
    assert_eq!((history.gaps(), history.failures().len()), (&[][..], 0));
}

#[test]
fn a_device_that_never_was_has_no_history() {
    let world = World::new();
    let address = pda::device(&ID, "nobody").0;
    let mut history = DeviceHistory::new(world.client.clone(), address, None);
    assert_eq!(wait(history.read()).unwrap(), []);
    assert_eq!(
        (history.registrations().len(), history.gaps()),
        (0, &[][..])
    );
    // Neither has what is no device.
    let mut history = DeviceHistory::new(world.client.clone(), location(), None);
    assert!(wait(history.read()).is_ok());
}

#[test]
fn the_programs_history_has_every_accounts_code() {
    let world = World::new();
    let first = live(&world);
    let mut walk = Walk::new(world.client.clone(), Cursor::default());
    let batch = wait(walk.next_batch()).unwrap();
    assert!(batch.is_caught_up && batch.failures.is_empty() && batch.truncated.is_empty());
    let of_network: Vec<_> = batch.records[..4]
        .iter()
        .map(|it| (it.event.kind, it.code.as_deref(), it.place))
        .collect();
    assert_eq!(
        of_network,
        [
            (EventKind::Initialized, None, 0),
            (EventKind::ContributorCreated, Some("co01"), 1),
            (EventKind::LocationCreated, Some("ams"), 2),
            (EventKind::ContributorCreated, Some("co02"), 0),
        ]
    );
    assert_eq!(batch.records.len(), 4 + first.len());
    let heads = [
        wait(world.client.location(&location()))
            .unwrap()
            .map(|it| Tip::from(&it)),
        wait(world.client.contributor(&pda::contributor(&ID, "co01").0))
            .unwrap()
            .map(|it| Tip::from(&it)),
    ];
    let heads: Vec<_> = heads.into_iter().flatten().collect();
    assert_eq!(heads.len(), 2);
    assert_eq!(ebb_sdk::history::verify(batch.records, &heads), []);
}

#[test]
fn a_journal_is_listed_by_address_and_page() {
    let world = World::new();
    let ledger = &world.ledger;
    let page = |page: SignaturePage| wait(ledger.signatures(&ID, &page));
    pay(ledger, &Pubkey::new_unique(), LIVING).unwrap();
    world.creates("co01", &world.me.pubkey());
    let all = page(SignaturePage::default()).unwrap();
    assert_eq!(all.len(), 3);
    assert!(all.is_sorted_by(|newer, older| newer.slot > older.slot));
    assert!(all
        .iter()
        .all(|it| it.is_final && !it.failed && it.time.is_some()));
    let of_device = wait(ledger.signatures(&device(), &SignaturePage::default()));
    assert_eq!(of_device.unwrap(), all[..1]);
    let limited = SignaturePage {
        limit: 1,
        before: Some(all[0].signature),
        ..SignaturePage::default()
    };
    assert_eq!(page(limited).unwrap(), all[1..2]);
    let newer = SignaturePage {
        until: Some(all[2].signature),
        ..SignaturePage::default()
    };
    assert_eq!(page(newer).unwrap(), all[..2]);
    for (before, until) in [(Some([1; 64]), None), (None, Some([1; 64]))] {
        let [before, until] = [before, until].map(|it| it.map(Signature::from));
        let unknown = SignaturePage {
            before,
            until,
            ..SignaturePage::default()
        };
        let error = page(unknown).unwrap_err();
        assert!(
            matches!(error, LedgerError::UnknownAnchor { .. }),
            "{error}"
        );
    }
    let find =
        |signature: &Signature| wait(ledger.transaction(signature, Finality::Final)).unwrap();
    assert_eq!(find(&Signature::default()), None);
    let found = find(&all[0].signature).unwrap();
    assert_eq!(
        (found.slot, found.index, found.failed),
        (all[0].slot, Some(0), false)
    );
    assert_eq!((found.calls.len(), found.calls[0].program_id), (1, ID));
    let invoked = format!("Program {ID} invoke [1]");
    assert_eq!(found.logs.unwrap()[0], invoked);
}

#[test]
fn what_another_process_appends_is_listed_too() {
    let world = World::new();
    let before = list(&world.ledger);
    let other = open(world.ledger.dir());
    let payer = world.me.pubkey();
    let create = CreateContributor {
        code: "co03".into(),
        authority: payer,
    };
    let create = create_contributor(&ID, &payer, &payer, create).unwrap();
    let receipt = wait(other.send(&[create], &[&world.me])).unwrap();
    let after = list(&world.ledger);
    assert_eq!(after[1..], before);
    assert_eq!(
        (after[0].signature, after[0].slot),
        (receipt.signature, receipt.slot)
    );
    assert_eq!(after, list(&other));
}

fn list(ledger: &EmbeddedLedger) -> Vec<SignatureEntry> {
    let page = SignaturePage::default();
    wait(ledger.signatures(&ID, &page)).unwrap()
}

/// Whoever has the old ledger open does not take its journal for the beginning of the new one's.
#[test]
fn a_ledger_that_was_begun_anew_has_a_history_of_its_own() {
    let world = World::new();
    let dir = world.ledger.dir();
    let before = list(&world.ledger);
    assert_eq!(before.len(), 2);
    EmbeddedLedger::reset(dir, Duration::from_secs(10)).unwrap();
    let anew = open(dir);
    set_up(&anew);
    for number in 0..3 {
        let me = anew.default_key();
        let contributor = CreateContributor {
            code: format!("co1{number}").as_str().into(),
            authority: me.pubkey(),
        };
        let create = create_contributor(&ID, &me.pubkey(), &me.pubkey(), contributor);
        wait(anew.send(&[create.unwrap()], &[&me])).unwrap();
    }
    let after = list(&world.ledger);
    assert_eq!(after, list(&anew));
    assert_eq!(after.len(), 4);
    assert!(after.iter().all(|it| !before.contains(it)));
}
