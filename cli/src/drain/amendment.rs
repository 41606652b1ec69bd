//! What an update changes in the record of a drain that runs.

use {
    super::request::Wish,
    crate::{value::rfc3339, view::time::moment},
    ebb_sdk::state::DrainRecord,
    serde::Serialize,
};

/// A value of the record, as it is and as it would be. Names are those of a device's `drain` in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Amendment {
    field: &'static str,
    from: Option<String>,
    to: Option<String>,
    /// The same for people.
    #[serde(skip)]
    text: String,
}

impl Amendment {
    /// For people: `deadline: none → 2026-01-02T03:04:05Z (in 2h)`.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn time(field: &'static str, from: i64, to: i64, now: i64) -> Self {
        let told = |at: i64| match at {
            0 => "none".to_owned(),
            at => moment(at, now),
        };
        Self {
            field,
            from: rfc3339(from),
            to: rfc3339(to),
            text: format!("{field}: {} → {}", told(from), told(to)),
        }
    }

    fn reason(from: &str, to: &str) -> Self {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let told = |text: &str| given(text).unwrap_or_else(|| "none".to_owned());
        Self {
            field: "reason",
            from: given(from),
            to: given(to),
            text: format!("reason: {} → {}", told(from), told(to)),
        }
    }
}

/// What a wish would change at `now` (Unix seconds). A duration counts from now, so it always changes something.
pub fn amendments(wish: &Wish, drain: &DrainRecord, now: i64) -> Vec<Amendment> {
    let time = |field, seconds: Option<u32>, from: i64| {
        let to = match seconds? {
            0 => 0,
            seconds => now.saturating_add(seconds.into()),
        };
        (from != 0 || to != 0).then(|| Amendment::time(field, from, to, now))
    };
    let was = drain.reason.as_str().unwrap_or_default();
    let reason = wish.reason.as_deref().filter(|reason| *reason != was);
    [
        time("deadline", wish.deadline_seconds, drain.deadline),
        time("until", wish.until_seconds, drain.planned_return),
        reason.map(|reason| Amendment::reason(was, reason)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use {super::*, ebb_sdk::state::Reason};

    const NOW: i64 = 1_767_323_045;

    fn told(wish: &Wish) -> Vec<String> {
        let drain = DrainRecord {
            deadline: NOW + 60,
            reason: Reason::new("rack power").unwrap(),
            ..DrainRecord::default()
        };
        let amendments = amendments(wish, &drain, NOW);
        amendments.iter().map(|one| one.text().to_owned()).collect()
    }

    #[test]
    fn only_what_is_named_and_differs_changes() {
        let same = Wish {
            reason: Some("rack power".into()),
            until_seconds: Some(0),
            ..Wish::default()
        };
        assert!(told(&same).is_empty());
        let other = Wish {
            reason: Some(String::new()),
            deadline_seconds: Some(0),
            until_seconds: Some(3_600),
            ..Wish::default()
        };
        assert_eq!(
            told(&other),
            [
                "deadline: 2026-01-02T03:05:05Z (in 1m) → none",
                "until: none → 2026-01-02T04:04:05Z (in 1h)",
                "reason: rack power → none"
            ]
        );
    }
}
