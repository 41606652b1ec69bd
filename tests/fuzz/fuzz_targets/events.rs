//! Events: no bytes and no log lines make the decoder panic, and of a transaction's logs, as a node keeps them, it
//! takes the events that the program logged and no other's.
#![no_main]

use {
    arbitrary::{Arbitrary, Unstructured},
    base64::{prelude::BASE64_STANDARD, Engine},
    ebb_sdk::{
        event::{from_logs, Event, EventKind, Logged},
        state::Reason,
        Role, ID,
    },
    libfuzzer_sys::fuzz_target,
    solana_program::pubkey::Pubkey,
};

const OTHER: Pubkey = Pubkey::new_from_array([8; 32]);

fuzz_target!(|data: &[u8]| {
    if let Ok(event) = Event::decode(data) {
        assert_eq!(event.to_bytes(), data);
    }
    check_text(&String::from_utf8_lossy(data));
    if let Ok(transaction) = Transaction::arbitrary(&mut Unstructured::new(data)) {
        transaction.check();
    }
});

/// Reads any lines.
fn check_text(text: &str) {
    let events = match from_logs(&ID, text.lines()) {
        Ok(logged) => logged.events().to_vec(),
        Err(_) => vec![],
    };
    let invocation = format!("Program {ID} invoke");
    assert!(events.is_empty() || text.contains(&invocation));
    let data = text
        .lines()
        .filter(|line| line.starts_with("Program data: "));
    assert!(events.len() <= data.count());
}

/// What programs do in a transaction.
#[derive(Arbitrary)]
struct Transaction {
    /// How much of its logs the node keeps, in 256ths; `None` for all.
    kept: Option<u8>,
    invocations: Vec<Invocation>,
}

#[derive(Arbitrary)]
struct Invocation {
    is_ours: bool,
    steps: Vec<Step>,
    succeeds: bool,
}

#[derive(Arbitrary)]
enum Step {
    Invoke(Invocation),
    /// Any program logs text, which may have the form of a line of the runtime's.
    Log(String),
    /// Ours logs it as its event; another logs it to imitate ours.
    Event {
        kind: u8,
        sequence: u64,
        reason: String,
    },
    /// Others log any data.
    Data(Vec<Vec<u8>>),
    ComputeUnits(u32),
}

impl Transaction {
    fn check(&self) {
        let whole = self.logs(None);
        whole.check();
        if let Some(kept) = self.kept {
            self.logs(Some(whole.len * usize::from(kept) / 256)).check();
        }
    }

    /// The logs of which a node keeps so many bytes.
    fn logs(&self, kept: Option<usize>) -> Logs {
        let mut logs = Logs {
            kept,
            ..Logs::default()
        };
        for invocation in &self.invocations {
            invocation.log(&mut logs, 1);
        }
        logs
    }
}

impl Invocation {
    fn log(&self, logs: &mut Logs, depth: usize) {
        let program = if self.is_ours { ID } else { OTHER };
        logs.add(format!("Program {program} invoke [{depth}]"));
        for step in &self.steps {
            self.log_step(step, logs, depth);
        }
        logs.add(if self.succeeds {
            format!("Program {program} success")
        } else {
            format!("Program {program} failed: custom program error: 0x1")
        });
    }

    fn log_step(&self, step: &Step, logs: &mut Logs, depth: usize) {
        match step {
            Step::Invoke(invocation) => invocation.log(logs, depth + 1),
            Step::Log(text) => {
                logs.add(format!("Program log: {text}"));
            }
            Step::Event {
                kind,
                sequence,
                reason,
            } => {
                let event = event(*kind, *sequence, reason);
                let mut data = BASE64_STANDARD.encode(event.as_bytes());
                if event.kind.has_detail() {
                    data = format!("{data} {}", BASE64_STANDARD.encode(event.detail));
                }
                if logs.add(format!("Program data: {data}")) && self.is_ours {
                    logs.events.push(event);
                }
            }
            Step::Data(fields) if !self.is_ours => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|field| BASE64_STANDARD.encode(field))
                    .collect();
                logs.add(format!("Program data: {}", fields.join(" ")));
            }
            Step::Data(_) => {}
            Step::ComputeUnits(units) => {
                logs.add(format!("Program consumption: {units} units remaining"));
            }
        }
    }
}

fn event(kind: u8, sequence: u64, reason: &str) -> Event {
    let kind: EventKind = borsh::from_slice(&[kind % 30]).expect("there are 30 kinds");
    Event {
        sequence,
        reason: Reason::new(reason).unwrap_or_default(),
        ..Event::new(kind, &ID, &OTHER, Role::Contributor)
    }
}

/// The lines that a node keeps, and the events of ours in them.
#[derive(Default)]
struct Logs {
    kept: Option<usize>,
    len: usize,
    is_truncated: bool,
    lines: Vec<String>,
    events: Vec<Event>,
}

impl Logs {
    fn check(&self) {
        let expected = if self.is_truncated {
            Logged::Truncated(self.events.clone())
        } else {
            Logged::Whole(self.events.clone())
        };
        let logged = from_logs(&ID, self.lines.iter().map(String::as_str));
        assert_eq!(logged, Ok(expected), "{:#?}", self.lines);
    }

    /// Logs a line as agave does: one that does not fit is left out, and a shorter one that comes after it may fit.
    /// Returns whether it was kept and none before it was left out.
    fn add(&mut self, line: String) -> bool {
        let len = self.len + line.len();
        match self.kept {
            Some(kept) if len >= kept => {
                if !self.is_truncated {
                    self.lines.push("Log truncated".into());
                }
                self.is_truncated = true;
                false
            }
            _ => {
                self.len = len;
                self.lines.push(line);
                !self.is_truncated
            }
        }
    }
}
