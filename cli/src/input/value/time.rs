//! How the command line writes durations and times.

use {
    crate::{input::secret::is_secret, terminal::time::span},
    ebb_sdk::{
        duration,
        value::{MAX_DURATION_SECONDS, MAX_HOLD_SECONDS, MIN_DEADLINE_SECONDS},
    },
    jiff::{fmt::temporal::Pieces, Timestamp},
    std::time::Duration,
};

/// A right time.
const TIME: &str = "2026-01-02T15:00:00Z";
/// No place's clock is further from UTC.
const MAX_OFFSET_SECONDS: u32 = 14 * 3_600;

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

/// A TIME: a moment, or a while from now or until now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// At this moment.
    At(Timestamp),
    /// So long from now, or ago.
    In(Duration),
}

impl Time {
    /// The moment in Unix seconds, a while counted back from `now`.
    pub fn before(self, now: i64) -> i64 {
        match self {
            Self::At(moment) => moment.as_second(),
            Self::In(duration) => now.saturating_sub_unsigned(duration.as_secs()),
        }
    }

    /// Seconds from `now` (Unix seconds), as instructions carry them.
    pub fn seconds_from(self, now: i64) -> Result<u32, String> {
        let ahead = match self {
            Self::In(duration) => duration,
            Self::At(moment) => match u64::try_from(moment.as_second().saturating_sub(now)) {
                Ok(seconds @ 1..) => Duration::from_secs(seconds),
                _ => return Err("that time has passed".to_owned()),
            },
        };
        bounded(ahead, 1, MAX_DURATION_SECONDS).map_err(|_| too_far())
    }
}

fn too_far() -> String {
    format!(
        "that time is too far off; right is at most {} ahead",
        span(MAX_DURATION_SECONDS.into())
    )
}

/// Reads a TIME: RFC 3339, or a DUR from now.
pub fn time(text: &str) -> Result<Time, String> {
    time_or(text, "2h for two hours from now")
}

/// Reads a TIME that has passed: RFC 3339, or how long ago it was as a DUR.
pub fn since(text: &str) -> Result<Time, String> {
    time_or(text, "2h for two hours ago")
}

fn time_or(text: &str, example: &str) -> Result<Time, String> {
    let text = text.trim();
    if let Ok(pieces) = Pieces::parse(text) {
        return moment(text, &pieces).map(Time::At);
    }
    let is_duration = text.starts_with(|c: char| c.is_ascii_digit()) && !text.contains(['-', ':']);
    match duration(text) {
        Ok(duration) => Ok(Time::In(duration)),
        Err(problem) if is_duration => Err(format!("{problem}, or a time as in {TIME}")),
        Err(_) => Err(format!(
            "neither a time nor a duration; right is, for example, {TIME}, or {example}"
        )),
    }
}

/// The moment that a date, a time of day and an offset name.
fn moment(text: &str, pieces: &Pieces) -> Result<Timestamp, String> {
    let date = pieces.date();
    let Some(time) = pieces.time() else {
        return Err(format!(
            "a date alone has no time of day and no offset from UTC; right is, for example, {date}T15:00:00Z"
        ));
    };
    let Some(offset) = pieces.to_numeric_offset() else {
        return Err(format!(
            "the offset from UTC is missing; right is, for example, {date}T{time}Z, or {date}T{time}+01:00 where the clock is an hour ahead"
        ));
    };
    if offset.seconds().unsigned_abs() > MAX_OFFSET_SECONDS {
        return Err(format!(
            "an offset from UTC is at most 14 hours; right is, for example, {date}T{time}+14:00"
        ));
    }
    // A timestamp ends with the year 9999, and in some zones a little before.
    text.parse().map_err(|_| too_far())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Midnight of a day in 2026, 3 hours later.
    const NOW: i64 = 1_767_322_800;

    fn ahead(text: &str) -> Result<u32, String> {
        time(text).and_then(|time| time.seconds_from(NOW))
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

    #[test]
    fn what_a_time_lacks_is_named() {
        for text in ["2026-01-02T15:00", "2026-01-02 15:00:00"] {
            assert_eq!(
                time(text).unwrap_err(),
                "the offset from UTC is missing; right is, for example, 2026-01-02T15:00:00Z, \
                 or 2026-01-02T15:00:00+01:00 where the clock is an hour ahead"
            );
        }
        assert_eq!(
            time("2026-01-02").unwrap_err(),
            "a date alone has no time of day and no offset from UTC; right is, for example, 2026-01-02T15:00:00Z"
        );
        for far in ["+14:01", "-14:01", "+25:00"] {
            assert_eq!(
                time(&format!("2026-01-02T15:00:00{far}")).unwrap_err(),
                "an offset from UTC is at most 14 hours; right is, for example, 2026-01-02T15:00:00+14:00"
            );
        }
        for neither in [
            "tomorrow",
            "",
            "2026-02-30T00:00:00Z",
            "2026-01-02T25:00:00Z",
            "12026-01-02T15:00:00Z",
            "15:00",
        ] {
            assert_eq!(
                time(neither).unwrap_err(),
                "neither a time nor a duration; right is, for example, 2026-01-02T15:00:00Z, \
                 or 2h for two hours from now",
                "{neither}"
            );
        }
        assert_eq!(
            time("5M").unwrap_err(),
            "there is no unit `M`: s, m, h, d and w are seconds, minutes, hours, days and weeks; \
             right is, for example, 90s, 30m, 2h, 7d or 1h30m, or a time as in 2026-01-02T15:00:00Z"
        );
    }
}
