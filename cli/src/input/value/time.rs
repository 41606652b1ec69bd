//! How the command line writes durations and times.

use {
    crate::{input::secret::is_secret, terminal::time::span},
    ebb_sdk::{
        duration,
        time::{self, Time},
        value::{MAX_DURATION_SECONDS, MAX_HOLD_SECONDS, MIN_DEADLINE_SECONDS},
    },
    std::time::Duration,
};

/// Reads a DUR: whole seconds, at least one.
pub fn duration(text: &str) -> Result<Duration, String> {
    if is_secret(text) {
        return Err(format!(
            "not a duration; right is, for example, {}",
            duration::EXAMPLES
        ));
    }
    duration::parse(text)
}

/// Reads how long users have to leave, in seconds.
pub fn deadline(text: &str) -> Result<u32, String> {
    bounded(duration(text)?, MIN_DEADLINE_SECONDS, MAX_DURATION_SECONDS)
}

/// Reads how long a hold lasts, in seconds.
pub fn hold_duration(text: &str) -> Result<u32, String> {
    bounded(duration(text)?, 1, MAX_HOLD_SECONDS)
}

/// The seconds of a DUR, as instructions carry them.
fn bounded(duration: Duration, least: u32, most: u32) -> Result<u32, String> {
    u32::try_from(duration.as_secs())
        .ok()
        .filter(|seconds| (least..=most).contains(seconds))
        .ok_or_else(|| {
            let [least, most] = [least, most].map(|bound| span(bound.into()));
            format!("right is at least {least} and at most {most}")
        })
}

/// Seconds from `now` (Unix seconds) to a TIME, as instructions carry them.
pub fn seconds_until(time: Time, now: i64) -> Result<u32, String> {
    let ahead = match time {
        Time::In(duration) => duration,
        Time::At(moment) => match u64::try_from(moment.saturating_sub(now)) {
            Ok(seconds @ 1..) => Duration::from_secs(seconds),
            _ => return Err("that time has passed".to_owned()),
        },
    };
    bounded(ahead, 1, MAX_DURATION_SECONDS).map_err(|_| {
        format!(
            "that time is too far off; right is at most {} ahead",
            span(MAX_DURATION_SECONDS.into())
        )
    })
}

/// Reads a TIME: RFC 3339, or a DUR from now.
pub fn time(text: &str) -> Result<Time, String> {
    time::until(without_secret(text))
}

/// Reads a TIME that has passed: RFC 3339, or how long ago it was as a DUR.
pub fn since(text: &str) -> Result<Time, String> {
    time::since(without_secret(text))
}

/// A text that may be repeated in an error: nothing in place of a secret.
fn without_secret(text: &str) -> &str {
    if is_secret(text) {
        ""
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Midnight of a day in 2026, 3 hours later.
    const NOW: i64 = 1_767_322_800;

    fn ahead(text: &str) -> Result<u32, String> {
        time(text).and_then(|time| seconds_until(time, NOW))
    }

    #[test]
    fn a_unit_is_a_letter_and_means_one_thing() {
        for (text, seconds) in [
            ("90s", 90),
            ("30m", 1_800),
            ("2h", 7_200),
            ("7d", 604_800),
            ("1w", 604_800),
            ("1h30m", 5_400),
            ("1d 2h 3m 4s", 93_784),
            (" 5m ", 300),
            ("18446744073709551615s", u64::MAX),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for (text, problem) in [
            ("5M", "there is no unit `M`: s, m, h, d and w are seconds, minutes, hours, days and weeks"),
            ("5min", "there is no unit `min`: s, m, h, d and w are seconds, minutes, hours, days and weeks"),
            ("500ms", "there is no unit `ms`: s, m, h, d and w are seconds, minutes, hours, days and weeks"),
            ("1H", "there is no unit `H`: s, m, h, d and w are seconds, minutes, hours, days and weeks"),
            ("1y", "there is no unit `y`: s, m, h, d and w are seconds, minutes, hours, days and weeks"),
            ("90", "the number 90 has no unit behind it"),
            ("1h30", "the number 30 has no unit behind it"),
            ("1 month", "the number 1 has no unit behind it"),
            ("1.5h", "the number 1 has no unit behind it"),
            ("1 2h", "the number 1 has no unit behind it"),
            ("", "a duration is missing"),
            ("  ", "a duration is missing"),
            ("0s", "a duration is at least one second"),
            ("-5m", "a duration is not negative"),
            ("h", "a duration is whole numbers, each with its unit behind it"),
            ("abc", "a duration is whole numbers, each with its unit behind it"),
            ("1h  30m", "a duration is whole numbers, each with its unit behind it"),
            ("+5m", "a duration is whole numbers, each with its unit behind it"),
            ("30m1h", "each unit stands once, the larger before the smaller"),
            ("5m5m", "each unit stands once, the larger before the smaller"),
            ("99999999999999999999s", "that duration is too long"),
            ("18446744073709551615w", "that duration is too long"),
        ] {
            let wrong = format!("{problem}; right is, for example, 90s, 30m, 2h, 7d or 1h30m");
            assert_eq!(duration(text), Err(wrong), "{text}");
        }
    }

    #[test]
    fn bounds_are_named() {
        assert_eq!(deadline("60s"), Ok(60));
        assert_eq!(deadline("365d"), Ok(MAX_DURATION_SECONDS));
        for wrong in ["59s", "366d", "1000w"] {
            let error = deadline(wrong).unwrap_err();
            assert_eq!(error, "right is at least 1m and at most 365d");
        }
        assert_eq!(hold_duration("7d"), Ok(MAX_HOLD_SECONDS));
        let error = hold_duration("8d").unwrap_err();
        assert_eq!(error, "right is at least 1s and at most 7d");
    }

    #[test]
    fn a_time_is_a_moment_or_a_while_from_now() {
        assert_eq!(ahead("2h"), Ok(7200));
        assert_eq!(ahead("365d"), Ok(MAX_DURATION_SECONDS));
        for (moment, seconds) in [
            ("2026-01-02T03:00:30Z", 30),
            ("2026-01-02T05:01:00+02:00", 60),
            ("2026-01-02 03:01Z", 60),
            ("2026-01-02T17:00:01+14:00", 1),
            ("2026-01-01T13:00:01-14:00", 1),
            // A leap second is the second before it, as on Unix.
            ("2026-01-02T03:00:60Z", 59),
        ] {
            assert_eq!(ahead(moment), Ok(seconds), "{moment}");
        }
        for passed in ["2026-01-02T03:00:00Z", "1970-01-01T00:00:00Z"] {
            assert_eq!(ahead(passed), Err("that time has passed".to_owned()));
        }
        for far in [
            "366d",
            "2027-01-02T03:00:01Z",
            "9999-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
        ] {
            let error = ahead(far).unwrap_err();
            assert_eq!(
                error,
                "that time is too far off; right is at most 365d ahead"
            );
        }
    }
}
