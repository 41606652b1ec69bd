//! The embedded ledger: what it keeps, what it refuses, and what its clock does.

mod common;

use {
    common::{balance, files, folder, open, pay, wait, LIVING},
    ebb_sdk::{
        embedded::{EmbeddedError, EmbeddedLedger, EmbeddedOptions, PROGRAM_ELF},
        ledger::{Filter, Ledger, LedgerError},
        EbbError,
    },
    solana_program::{instruction::Instruction, pubkey::Pubkey},
    solana_sdk::{
        signature::{read_keypair_file, Keypair},
        signer::Signer,
        transaction::TransactionError,
    },
    solana_sdk_ids::{bpf_loader_upgradeable, system_program},
    solana_system_interface::instruction::transfer,
    std::{
        fs,
        time::{Duration, Instant},
    },
    tempfile::TempDir,
};

const GRANT: u64 = 1_000_000_000_000;

fn waiting_for(lock_timeout: Duration) -> EmbeddedOptions {
    EmbeddedOptions {
        lock_timeout,
        ..EmbeddedOptions::default()
    }
}

#[test]
fn a_ledger_is_made_where_there_is_none_and_found_again() {
    let dir = folder();
    let dir = dir.path().join("not/there/yet");
    let to = Pubkey::new_unique();
    let ledger = open(&dir);
    let key = ledger.default_key().pubkey();
    assert_eq!(balance(&ledger, &key), GRANT);
    pay(&ledger, &to, LIVING).unwrap();
    pay(&ledger, &to, LIVING).unwrap();
    let info = ledger.info().unwrap();
    drop(ledger);

    let ledger = open(&dir);
    assert_eq!(balance(&ledger, &to), 2 * LIVING);
    assert_eq!(ledger.default_key().pubkey(), key);
    let again = ledger.info().unwrap();
    assert_eq!((again.transactions, again.bytes), (2, info.bytes));
    assert!(again.now.slot >= info.now.slot);
    assert_eq!(
        files(&dir),
        [
            "EBB-LEDGER.txt",
            "clock",
            "journal",
            "keys",
            "lock",
            "state"
        ]
    );
}

#[test]
fn the_default_key_is_a_solana_key_file_for_its_user_only() {
    let dir = folder();
    let ledger = open(dir.path());
    let path = dir.path().join("keys/default.json");
    assert_eq!(ledger.default_key_path(), path);
    assert_eq!(read_keypair_file(&path).unwrap(), ledger.default_key());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn the_program_is_upgradeable_by_the_default_key() {
    let dir = folder();
    let program_id = Pubkey::new_unique();
    let ledger = EmbeddedLedger::open(
        dir.path(),
        EmbeddedOptions {
            program_id,
            ..EmbeddedOptions::default()
        },
    )
    .unwrap();
    let program_data = ebb_sdk::pda::program_data(&program_id);
    let accounts = wait(ledger.accounts(&[program_id, program_data])).unwrap();
    let [Some(program), Some(data)] = accounts.as_slice() else {
        panic!("no program");
    };
    assert!(program.executable && !data.executable);
    assert_eq!(program.owner, bpf_loader_upgradeable::ID);
    assert_eq!(data.owner, bpf_loader_upgradeable::ID);
    assert_eq!(program.data[..4], [2, 0, 0, 0]);
    assert_eq!(program.data[4..], program_data.to_bytes());
    assert_eq!(data.data[..4], [3, 0, 0, 0]);
    assert_eq!(data.data[12], 1);
    assert_eq!(data.data[13..45], ledger.default_key().pubkey().to_bytes());
    assert_eq!(&data.data[45..], PROGRAM_ELF);
}

#[test]
fn another_version_of_the_program_is_replaced_and_the_accounts_stay() {
    let dir = folder();
    let to = Pubkey::new_unique();
    let other = [PROGRAM_ELF, &[0]].concat();
    let options = EmbeddedOptions {
        program: other.into(),
        ..EmbeddedOptions::default()
    };
    let ledger = EmbeddedLedger::open(dir.path(), options).unwrap();
    pay(&ledger, &to, LIVING).unwrap();

    let upgraded = open(dir.path());
    let program_data = ebb_sdk::pda::program_data(&ebb_sdk::ID);
    let accounts = wait(upgraded.accounts(&[program_data])).unwrap();
    assert_eq!(&accounts[0].as_ref().unwrap().data[45..], PROGRAM_ELF);
    assert_eq!(balance(&upgraded, &to), LIVING);
    assert_eq!(upgraded.history().unwrap().len(), 1);
}

#[test]
fn code_that_does_not_load_is_an_error_and_leaves_the_ledger_as_it_was() {
    let dir = folder();
    open(dir.path());
    let before = fs::read(dir.path().join("state")).unwrap();
    let options = EmbeddedOptions {
        program: b"no program".as_slice().into(),
        ..EmbeddedOptions::default()
    };
    let error = EmbeddedLedger::open(dir.path(), options).unwrap_err();
    assert!(matches!(error, EmbeddedError::Program { .. }));
    assert_eq!(fs::read(dir.path().join("state")).unwrap(), before);
}

#[test]
fn the_journal_keeps_every_transaction() {
    let dir = folder();
    let ledger = open(dir.path());
    let to = Pubkey::new_unique();
    let receipts: Vec<_> = (0..3).map(|_| pay(&ledger, &to, LIVING).unwrap()).collect();
    pay(&ledger, &to, u64::MAX).unwrap_err();

    let history = open(dir.path()).history().unwrap();
    assert_eq!(history.len(), receipts.len());
    for (entry, receipt) in history.iter().zip(&receipts) {
        assert_eq!(entry.signature, receipt.signature);
        assert_eq!(entry.slot, receipt.slot);
        assert_eq!(entry.logs, receipt.logs);
        assert_eq!(Some(entry.fee), receipt.fee);
        assert_eq!(Some(entry.compute_units), receipt.compute_units);
        assert!(entry.message.static_account_keys().contains(&to));
    }
    assert!(history.windows(2).all(|pair| pair[0].slot < pair[1].slot));
    assert!(history.windows(2).all(|pair| pair[0].time <= pair[1].time));
    assert!(history
        .windows(2)
        .all(|pair| pair[0].signature != pair[1].signature));
}

#[test]
fn a_transaction_that_fails_leaves_no_trace() {
    let dir = folder();
    let ledger = open(dir.path());
    let before = fs::read(dir.path().join("state")).unwrap();
    let key = ledger.default_key();
    let error = pay(&ledger, &Pubkey::new_unique(), u64::MAX).unwrap_err();
    assert!(matches!(
        error,
        LedgerError::Failed { error: TransactionError::InstructionError(0, _), ref logs } if !logs.is_empty()
    ));
    assert_eq!(balance(&ledger, &key.pubkey()), GRANT);
    assert_eq!(fs::read(dir.path().join("state")).unwrap(), before);
}

#[test]
fn signers_without_lamports_are_given_some_and_others_are_not() {
    let dir = folder();
    let ledger = open(dir.path());
    let (payer, other) = (Keypair::new(), Keypair::new());
    let receipt = wait(ledger.send(
        &[transfer(&other.pubkey(), &payer.pubkey(), LIVING)],
        &[&payer, &other, &payer],
    ))
    .unwrap();
    let fee = receipt.fee.unwrap();
    assert_eq!(fee, 10_000);
    assert_eq!(balance(&ledger, &payer.pubkey()), GRANT + LIVING - fee);
    assert_eq!(balance(&ledger, &other.pubkey()), GRANT - LIVING);
}

#[test]
fn a_missing_or_wrong_signature_is_refused() {
    let dir = folder();
    let ledger = open(dir.path());
    let (payer, other) = (Keypair::new(), Keypair::new());
    let error = wait(ledger.send(
        &[transfer(&other.pubkey(), &payer.pubkey(), LIVING)],
        &[&payer],
    ))
    .unwrap_err();
    assert!(matches!(error, LedgerError::Signer(_)));
    let error = wait(ledger.send(&[], &[])).unwrap_err();
    assert!(matches!(error, LedgerError::Signer(_)));
}

#[test]
fn a_simulation_needs_no_signature_and_changes_nothing() {
    let dir = folder();
    let ledger = open(dir.path());
    let from = Pubkey::new_unique();
    let before = fs::read(dir.path().join("state")).unwrap();
    let run = wait(ledger.simulate(&[transfer(&from, &Pubkey::new_unique(), LIVING)], &from));
    let run = run.unwrap();
    assert_eq!((run.compute_units, run.fee), (150, 5_000));
    assert!(!run.logs.is_empty());
    let run = wait(ledger.simulate(&[transfer(&from, &Pubkey::new_unique(), u64::MAX)], &from));
    assert!(matches!(run, Err(LedgerError::Failed { .. })));
    assert_eq!(balance(&ledger, &from), 0);
    assert_eq!(fs::read(dir.path().join("state")).unwrap(), before);
}

#[test]
fn a_refusal_of_the_program_is_typed_and_that_of_others_is_not() {
    let dir = folder();
    let ledger = open(dir.path());
    let key = ledger.default_key();
    let payment = transfer(&key.pubkey(), &Pubkey::new_unique(), LIVING);
    let unknown = Instruction::new_with_bytes(ebb_sdk::ID, &[0xff], Vec::new());
    for result in [
        wait(ledger.send(&[payment.clone(), unknown.clone()], &[&key])).map(|_| ()),
        wait(ledger.simulate(&[payment.clone(), unknown], &key.pubkey())).map(|_| ()),
    ] {
        let Err(LedgerError::Refused {
            error,
            instruction,
            logs,
        }) = result
        else {
            panic!("{result:?}");
        };
        assert_eq!((error, instruction), (EbbError::InvalidInstruction, 1));
        assert!(logs.iter().any(|line| line.contains("failed")));
    }
    let elsewhere = Instruction::new_with_bytes(Pubkey::new_unique(), &[0xff], Vec::new());
    let error = wait(ledger.send(&[payment, elsewhere], &[&key])).unwrap_err();
    assert!(matches!(error, LedgerError::Failed { .. }));
}

#[test]
fn airdrops_add_up_and_are_bounded() {
    let dir = folder();
    let ledger = open(dir.path());
    let to = Pubkey::new_unique();
    ledger.airdrop(&to, LIVING).unwrap();
    ledger.airdrop(&to, LIVING).unwrap();
    assert_eq!(balance(&open(dir.path()), &to), 2 * LIVING);
    let error = ledger.airdrop(&to, u64::MAX).unwrap_err();
    assert!(matches!(error, LedgerError::Failed { .. }));
    let error = ledger.airdrop(&Pubkey::new_unique(), 1).unwrap_err();
    assert!(matches!(error, LedgerError::Failed { .. }));
    assert!(ledger.history().unwrap().is_empty());
}

#[test]
fn the_clock_runs_with_the_wall_clock_and_can_be_set_forward() {
    let dir = folder();
    let ledger = open(dir.path());
    let wall = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() as i64;
    let now = wait(ledger.now()).unwrap();
    assert!((now.time - wall).abs() <= 5);

    let later = ledger.advance(86_400).unwrap();
    assert!(later.time >= now.time + 86_400 && later.time <= wall + 86_405);
    assert!(later.slot >= now.slot + 86_400 * 5 / 2);
    let receipt = pay(&ledger, &Pubkey::new_unique(), LIVING).unwrap();
    assert!(receipt.slot > later.slot);
    assert!(ledger.history().unwrap()[0].time >= later.time);

    let again = wait(open(dir.path()).now()).unwrap();
    assert!(again.time >= later.time && again.slot >= receipt.slot);
    assert_eq!(ledger.info().unwrap().offset, 86_400);
    let end = ledger.advance(u64::MAX).unwrap();
    assert!(end.time >= again.time);
    pay(&ledger, &Pubkey::new_unique(), LIVING).unwrap();
}

#[test]
fn every_ledger_has_a_genesis_of_its_own() {
    let (here, there) = (folder(), folder());
    let genesis = |dir: &TempDir| wait(open(dir.path()).genesis()).unwrap();
    let first = genesis(&here);
    pay(&open(here.path()), &Pubkey::new_unique(), LIVING).unwrap();
    assert_eq!(genesis(&here), first);
    assert_ne!(genesis(&there), first);
    let before = open(here.path());
    EmbeddedLedger::reset(here.path(), Duration::from_secs(1)).unwrap();
    let second = genesis(&here);
    assert_ne!(second, first);
    // Who opened the folder before sees which ledger is in it now.
    assert_eq!(wait(before.genesis()).unwrap(), second);
}

#[test]
fn program_accounts_are_filtered_and_sorted() {
    let dir = folder();
    let ledger = open(dir.path());
    for _ in 0..5 {
        ledger.airdrop(&Pubkey::new_unique(), LIVING).unwrap();
    }
    let all = wait(ledger.program_accounts(&system_program::ID, &[])).unwrap();
    assert!(all.len() >= 5);
    assert!(all.windows(2).all(|pair| pair[0].0 < pair[1].0));
    let magic = |bytes: &[u8]| Filter {
        offset: 45,
        bytes: bytes.to_vec(),
    };
    let found = |filters: &[Filter]| {
        wait(ledger.program_accounts(&bpf_loader_upgradeable::ID, filters)).unwrap()
    };
    assert_eq!(found(&[magic(b"\x7fELF")]).len(), 1);
    assert_eq!(found(&[magic(b"\x7fELF"), magic(b"\x7fEL?")]).len(), 0);
}

#[test]
fn two_ledger_objects_see_each_others_writes() {
    let dir = folder();
    let (one, two) = (open(dir.path()), open(dir.path()));
    let to = Pubkey::new_unique();
    for round in 1..=3 {
        pay(&one, &to, LIVING).unwrap();
        assert_eq!(balance(&two, &to), (2 * round - 1) * LIVING);
        pay(&two, &to, LIVING).unwrap();
        assert_eq!(balance(&one, &to), 2 * round * LIVING);
    }
    assert_eq!(one.history().unwrap(), two.history().unwrap());
}

#[test]
fn a_writer_gives_up_on_a_lock_and_readers_do_not_care() {
    let dir = folder();
    let ledger = open(dir.path());
    let lock = fs::File::open(dir.path().join("lock")).unwrap();
    lock.lock().unwrap();
    let lock_timeout = Duration::from_millis(300);
    let other = EmbeddedLedger::open(dir.path(), waiting_for(lock_timeout)).unwrap();
    let started = Instant::now();
    let error = pay(&other, &Pubkey::new_unique(), LIVING).unwrap_err();
    assert!(started.elapsed() >= lock_timeout && started.elapsed() < 10 * lock_timeout);
    assert!(matches!(
        error,
        LedgerError::Embedded(EmbeddedError::Locked { .. })
    ));
    assert!(error.to_string().contains(dir.path().to_str().unwrap()));
    assert_eq!(balance(&ledger, &ledger.default_key().pubkey()), GRANT);
    drop(lock);
    pay(&other, &Pubkey::new_unique(), LIVING).unwrap();
}
