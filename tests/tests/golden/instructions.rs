//! Every instruction: its data, and its accounts in their order.

use {
    crate::{
        fixture::{check, find, hex, read, Entry},
        values,
    },
    ebb_sdk::instruction::EbbInstruction,
    ebb_tests::Scenario,
    solana_sdk::instruction::{AccountMeta, Instruction},
};

const FIXTURE: &str = "instructions.txt";

fn entry(name: &str, instruction: &Instruction) -> Entry {
    let mut lines = vec![format!("data {}", hex(&instruction.data))];
    lines.extend(instruction.accounts.iter().map(|meta| {
        let writable = if meta.is_writable { "w" } else { "-" };
        let signer = if meta.is_signer { "s" } else { "-" };
        format!("account {writable}{signer} {}", meta.pubkey)
    }));
    Entry::new(name, lines)
}

fn metas(entry: &Entry) -> Vec<AccountMeta> {
    entry
        .lines
        .iter()
        .filter_map(|line| line.strip_prefix("account "))
        .map(|line| {
            let (flags, key) = line.split_once(' ').expect("flags, then the address");
            AccountMeta {
                pubkey: key.parse().expect("it is an address"),
                is_signer: flags.contains('s'),
                is_writable: flags.contains('w'),
            }
        })
        .collect()
}

#[test]
fn builders_make_these_bytes() {
    let found: Vec<Entry> = Scenario::all()
        .iter()
        .map(|scenario| entry(scenario.name, &scenario.instruction))
        .collect();
    check(FIXTURE, &found);
}

#[test]
fn the_program_takes_these_bytes() {
    let fixture = read(FIXTURE);
    for mut scenario in Scenario::all() {
        let entry = find(&fixture, scenario.name);
        scenario.world.must(Instruction {
            program_id: scenario.world.program_id,
            accounts: metas(entry),
            data: entry.bytes("data"),
        });
    }
}

#[test]
fn these_bytes_are_these_values() {
    let fixture = read(FIXTURE);
    let values = values::instructions();
    let numbers: Vec<u8> = values
        .iter()
        .map(|(name, value)| {
            let data = find(&fixture, name).bytes("data");
            assert_eq!(EbbInstruction::unpack(&data).as_ref(), Ok(value), "{name}");
            assert_eq!(value.pack(), Ok(data.clone()), "{name}");
            data[0]
        })
        .collect();
    assert!(numbers.into_iter().eq(0..30));
}
