//! Times and counts as people read them.

pub use ebb_sdk::json::rfc3339;

/// A time and how far from `now` it lies: `2026-01-02T03:04:05Z (in 43m)`.
pub fn moment(at: i64, now: i64) -> String {
    match rfc3339(at) {
        Some(text) => format!("{text} ({})", distance(at, now)),
        None => "unknown".to_owned(),
    }
}

/// How far from `now` a time lies: `in 43m`, `5m ago`.
pub fn distance(at: i64, now: i64) -> String {
    let apart = at.abs_diff(now);
    if at > now {
        format!("in {}", span(apart))
    } else {
        format!("{} ago", span(apart))
    }
}

/// A span in its two largest units: `2d 3h`, `1h 5m`, `43m`, `9s`.
pub fn span(seconds: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let mut rest = seconds;
    let mut parts = vec![];
    for (size, unit) in UNITS {
        let whole = rest / size;
        rest %= size;
        if whole > 0 {
            parts.push(format!("{whole}{unit}"));
        } else if !parts.is_empty() {
            break;
        }
        if parts.len() == 2 {
            break;
        }
    }
    if parts.is_empty() {
        "0s".to_owned()
    } else {
        parts.join(" ")
    }
}

/// A number and its noun: `1 session`, `12 sessions`.
pub fn count(number: u32, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        for (seconds, text) in [
            (0, "0s"),
            (9, "9s"),
            (60, "1m"),
            (3_599, "59m 59s"),
            (3_600, "1h"),
            (3_605, "1h"),
            (3_900, "1h 5m"),
            (183_600, "2d 3h"),
        ] {
            assert_eq!(span(seconds), text);
        }
    }

    #[test]
    fn times() {
        assert_eq!(
            moment(1_767_323_045, 1_767_323_000),
            "2026-01-02T03:04:05Z (in 45s)"
        );
        assert_eq!(distance(160, 100), "in 1m");
        assert_eq!(distance(100, 160), "1m ago");
        assert_eq!(distance(100, 100), "0s ago");
    }
}
