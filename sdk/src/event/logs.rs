//! The events in a transaction's logs.

use {super::Event, crate::error::EbbError, solana_program::pubkey::Pubkey};

/// The events of one program in a transaction's logs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Logged {
    /// Every event that the program logged.
    Whole(Vec<Event>),
    /// The events before the place where the runtime cut the logs. Which followed is not known: read
    /// the accounts again.
    Truncated(Vec<Event>),
}

impl Logged {
    /// The events that are known, whether or not others followed.
    pub fn events(&self) -> &[Event] {
        match self {
            Self::Whole(events) | Self::Truncated(events) => events,
        }
    }

    /// Every event, if the logs are whole.
    pub fn whole(self) -> Option<Vec<Event>> {
        match self {
            Self::Whole(events) => Some(events),
            Self::Truncated(_) => None,
        }
    }
}

/// The line that stands where the runtime cut a transaction's logs. No program can log it, as each
/// program's own lines begin with "Program ".
const TRUNCATED: &str = "Log truncated";

/// Reads the events of one program out of a transaction's logs.
///
/// Any program can log bytes that have the form of an event. Only those are taken that were logged while
/// `program_id` was on top of the invocation stack. After the place where logs were cut, short lines may
/// still follow, from which nothing can be known, the stack included: reading ends there.
///
/// `logs` are the entries as the cluster answers them, one for each message. A message may contain line
/// breaks: whoever joins the entries and splits them again lets a program forge what others logged.
///
/// Ask for the transaction's status first: one that failed as a whole may have logged events of
/// instructions before the failure.
///
/// # Errors
/// As [`Event::decode`], of what the program itself logged.
pub fn from_logs<'a>(
    program_id: &Pubkey,
    logs: impl IntoIterator<Item = &'a str>,
) -> Result<Logged, EbbError> {
    let program_id = program_id.to_string();
    let mut stack: Vec<&str> = Vec::new();
    let mut events = Vec::new();
    for line in logs {
        if line == TRUNCATED {
            return Ok(Logged::Truncated(events));
        }
        if let Some(data) = line.strip_prefix("Program data: ") {
            if stack.last() == Some(&program_id.as_str()) {
                events.push(Event::decode(&fields(data)?)?);
            }
            continue;
        }
        let mut words = line.split(' ');
        match (words.next(), words.next(), words.next()) {
            // What a program says itself, as behind "Program log:", may have the form of a call.
            (Some("Program"), Some(said), _) if said.ends_with(':') => {}
            (Some("Program"), Some(program), Some("invoke")) => stack.push(program),
            (Some("Program"), Some(program), Some("success" | "failed:"))
                if stack.last() == Some(&program) =>
            {
                stack.pop();
            }
            _ => {}
        }
    }
    Ok(Logged::Whole(events))
}

/// The bytes of a data line's fields, one after another.
fn fields(data: &str) -> Result<Vec<u8>, EbbError> {
    use base64::{engine::general_purpose::STANDARD, Engine};
    let fields = data.split(' ').map(|field| STANDARD.decode(field));
    let fields: Result<Vec<_>, _> = fields.collect();
    Ok(fields.map_err(|_| EbbError::CorruptAccount)?.concat())
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::{
            event::{tests::event, EventKind},
            state::Reason,
        },
        base64::Engine,
    };

    fn data_line(event: &Event) -> String {
        let bytes = event.as_bytes();
        format!(
            "Program data: {}",
            base64::engine::general_purpose::STANDARD.encode(bytes)
        )
    }

    #[test]
    fn only_the_program_on_top_of_the_stack_is_believed() {
        let ours = Pubkey::new_from_array([9; 32]);
        let other = Pubkey::new_from_array([8; 32]);
        let (real, fake) = (event(ours), event(other));
        let logs = [
            format!("Program {other} invoke [1]"),
            data_line(&fake),
            format!("Program {ours} invoke [2]"),
            format!("Program log: Program {other} invoke [3]"),
            data_line(&real),
            format!("Program {other} invoke [3]"),
            data_line(&fake),
            format!("Program {other} success"),
            data_line(&real),
            format!("Program {ours} consumed 900 of 200000 compute units"),
            format!("Program {ours} success"),
            data_line(&fake),
            format!("Program {other} success"),
        ];
        let found = from_logs(&ours, logs.iter().map(String::as_str)).unwrap();
        assert_eq!(found, Logged::Whole(vec![real, real]));
    }

    /// Where logs are cut, lines are missing, those that say who is called among them: the last line
    /// here may be anybody's.
    #[test]
    fn nothing_is_believed_after_the_place_where_logs_were_cut() {
        let ours = Pubkey::new_from_array([9; 32]);
        let (real, late) = (event(ours), event(ours));
        let logs = [
            format!("Program {ours} invoke [1]"),
            data_line(&real),
            "Program log: Log truncated".to_owned(),
            format!("Program log: a\nProgram {ours} success"),
            data_line(&real),
            "Log truncated".to_owned(),
            data_line(&late),
        ];
        let found = from_logs(&ours, logs.iter().map(String::as_str)).unwrap();
        assert_eq!(found, Logged::Truncated(vec![real, real]));
        assert_eq!(found.events().len(), 2);
        assert_eq!(found.whole(), None);
    }

    #[test]
    fn a_detail_is_a_field_of_its_own() {
        let ours = Pubkey::new_from_array([9; 32]);
        let created = Event {
            kind: EventKind::DeviceCreated,
            reason: Reason::default(),
            detail: [4; 32],
            ..event(ours)
        };
        let line = [created.as_bytes(), &created.detail]
            .map(|field| base64::engine::general_purpose::STANDARD.encode(field))
            .join(" ");
        let logs = [
            format!("Program {ours} invoke [1]"),
            format!("Program data: {line}"),
        ];
        let found = from_logs(&ours, logs.iter().map(String::as_str));
        assert_eq!(found, Ok(Logged::Whole(vec![created])));
        let bytes = created.to_bytes();
        assert_eq!(bytes.len(), 145 + 32);
        for len in 0..bytes.len() {
            assert!(Event::decode(&bytes[..len]).is_err(), "{len}");
        }
    }

    #[test]
    fn a_text_that_looks_like_a_call_hides_nothing() {
        let [ours, other] = [9, 8].map(|byte| Pubkey::new_from_array([byte; 32]));
        let real = event(ours);
        let logs = [
            format!("Program {ours} invoke [1]"),
            "Program log: invoke [2]".to_owned(),
            format!("Program {other} invoke [2]"),
            "Program log: invoke [3]".to_owned(),
            "Program return: invoke [3]".to_owned(),
            format!("Program {other} success"),
            data_line(&real),
        ];
        let found = from_logs(&ours, logs.iter().map(String::as_str));
        assert_eq!(found, Ok(Logged::Whole(vec![real])));
    }

    #[test]
    fn nothing_is_read_behind_what_a_node_left_out() {
        let ours = Pubkey::new_from_array([9; 32]);
        let real = event(ours);
        // The called program's first line did not fit, and its data did.
        let logs = [
            format!("Program {ours} invoke [1]"),
            data_line(&real),
            "Log truncated".to_owned(),
            "Program data: AA==".to_owned(),
        ];
        let found = from_logs(&ours, logs.iter().map(String::as_str));
        assert_eq!(found, Ok(Logged::Truncated(vec![real])));
    }
}
