//! What one transaction adds to the history.

use {
    super::{Record, Truncated, Undecodable, Unread},
    crate::{
        event::{from_logs, Event, Logged},
        instruction::EbbInstruction,
        ledger::{Call, SignatureEntry, TransactionEntry},
        pda,
        value::check_code,
    },
    solana_program::pubkey::Pubkey,
    std::collections::HashMap,
};

/// Where an account of a code lives, and its bump.
type Address = fn(&Pubkey, &str) -> (Pubkey, u8);

/// The codes of accounts, by address.
pub(super) type Codes = HashMap<Pubkey, String>;

/// What a transaction adds.
#[derive(Default)]
pub(super) struct Added {
    pub records: Vec<Record>,
    pub failure: Option<Undecodable>,
    pub truncated: Option<Truncated>,
}

/// Reads the events of a transaction that succeeded, and takes up the codes in its instructions.
pub(super) fn read(
    program_id: &Pubkey,
    listed: &SignatureEntry,
    found: &TransactionEntry,
    codes: &mut Codes,
) -> Added {
    let failed = |reason| Added {
        failure: Some(Undecodable {
            signature: listed.signature,
            slot: listed.slot,
            reason,
        }),
        ..Added::default()
    };
    let Some(logs) = &found.logs else {
        return failed(Unread::NoLogs);
    };
    let logged = match from_logs(program_id, logs.iter().map(String::as_str)) {
        Ok(logged) => logged,
        Err(error) => return failed(Unread::Event(error)),
    };
    let calls = || {
        let mut calls = found.calls.iter();
        calls.any(|call| call.program_id == *program_id)
    };
    // Anybody can name an account in a transaction that does not call the program.
    let is_cut = matches!(logged, Logged::Truncated(_)) && calls();
    let truncated = is_cut.then_some(Truncated {
        signature: listed.signature,
        slot: listed.slot,
    });
    learn(program_id, &found.calls, codes);
    let record = |(place, event): (u32, &Event)| Record {
        event: *event,
        code: codes.get(&event.subject).cloned(),
        signature: listed.signature,
        index: listed.index.or(found.index),
        place,
        is_final: listed.is_final,
    };
    Added {
        records: (0..).zip(logged.events()).map(record).collect(),
        failure: None,
        truncated,
    }
}

/// Takes up the codes of the accounts that instructions create.
fn learn(program_id: &Pubkey, calls: &[Call], codes: &mut Codes) {
    let own = calls.iter().filter(|call| call.program_id == *program_id);
    let created = own.filter_map(|call| match EbbInstruction::unpack(&call.data).ok()? {
        EbbInstruction::CreateDevice(args) => Some((pda::device as Address, args.code)),
        EbbInstruction::CreateLocation(args) => Some((pda::location, args.code)),
        EbbInstruction::CreateContributor(args) => Some((pda::contributor, args.code)),
        _ => None,
    });
    // What is no code has no address.
    for (address, code) in created.filter(|(_, code)| check_code(code).is_ok()) {
        codes.insert(address(program_id, &code).0, code.to_string());
    }
}
