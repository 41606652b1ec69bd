//! What an update changes in the record of a drain that runs, for people and scripts.

use {
    crate::terminal::time::{moment, rfc3339},
    ebb_sdk::fleet::Amendment,
    serde::Serialize,
};

/// A value of the record, as it is and as it would be. Names are those of a device's `drain` in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AmendmentView {
    field: &'static str,
    from: Option<String>,
    to: Option<String>,
    /// The same for people.
    #[serde(skip)]
    text: String,
}

impl AmendmentView {
    /// An amendment that is shown at `now` (Unix seconds).
    pub fn new(amendment: &Amendment, now: i64) -> Self {
        match amendment {
            Amendment::Deadline { from, to } => Self::time("deadline", *from, *to, now),
            Amendment::PlannedReturn { from, to } => Self::time("until", *from, *to, now),
            Amendment::Reason { from, to } => Self::reason(from, to),
        }
    }

    /// For people: `deadline: none → 2026-01-02T03:04:05Z (in 2h)`.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn time(field: &'static str, from: i64, to: i64, now: i64) -> Self {
        let text = |at: i64| match at {
            0 => "none".to_owned(),
            at => moment(at, now),
        };
        Self {
            field,
            from: rfc3339(from),
            to: rfc3339(to),
            text: format!("{field}: {} → {}", text(from), text(to)),
        }
    }

    fn reason(from: &str, to: &str) -> Self {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let text = |text: &str| given(text).unwrap_or_else(|| "none".to_owned());
        Self {
            field: "reason",
            from: given(from),
            to: given(to),
            text: format!("reason: {} → {}", text(from), text(to)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_323_045;

    #[test]
    fn people_read_both_values() {
        let text = |amendment| AmendmentView::new(&amendment, NOW).text().to_owned();
        assert_eq!(
            text(Amendment::Deadline {
                from: NOW + 60,
                to: 0
            }),
            "deadline: 2026-01-02T03:05:05Z (in 1m) → none"
        );
        assert_eq!(
            text(Amendment::PlannedReturn {
                from: 0,
                to: NOW + 3_600
            }),
            "until: none → 2026-01-02T04:04:05Z (in 1h)"
        );
        assert_eq!(
            text(Amendment::Reason {
                from: "rack power".into(),
                to: String::new()
            }),
            "reason: rack power → none"
        );
    }
}
