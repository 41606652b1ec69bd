//! How people write times: `2026-01-02T15:00:00Z`, or a [duration] from now or ago.

use {
    crate::duration,
    jiff::{fmt::temporal::Pieces, Timestamp},
    std::{fmt, time::Duration},
};

/// A right time.
const EXAMPLE: &str = "2026-01-02T15:00:00Z";
/// No place's clock is further from UTC.
const MAX_OFFSET_SECONDS: u32 = 14 * 3_600;

/// A moment, or a while from now or until now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// At this moment, in Unix seconds.
    At(i64),
    /// So long from now, or ago.
    In(Duration),
}

impl Time {
    /// The moment in Unix seconds, a while counted back from `now`.
    pub fn before(self, now: i64) -> i64 {
        match self {
            Self::At(moment) => moment,
            Self::In(duration) => now.saturating_sub_unsigned(duration.as_secs()),
        }
    }
}

/// As [`since`] reads it.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(moment) => {
                let moment = Timestamp::from_second(*moment).map_err(|_| fmt::Error)?;
                write!(f, "{moment}")
            }
            Self::In(duration) => write!(f, "{}s", duration.as_secs()),
        }
    }
}

/// Reads a time that is still to come: RFC 3339, or a duration from now.
///
/// # Errors
/// What is wrong, and what would be right.
pub fn until(text: &str) -> Result<Time, String> {
    parse(text, "2h for two hours from now")
}

/// Reads a time that has passed: RFC 3339, or how long ago it was.
///
/// # Errors
/// What is wrong, and what would be right.
pub fn since(text: &str) -> Result<Time, String> {
    parse(text, "2h for two hours ago")
}

fn parse(text: &str, example: &str) -> Result<Time, String> {
    let text = text.trim();
    if let Ok(pieces) = Pieces::parse(text) {
        return moment(text, &pieces).map(Time::At);
    }
    let is_duration = text.starts_with(|c: char| c.is_ascii_digit()) && !text.contains(['-', ':']);
    match duration::parse(text) {
        Ok(duration) => Ok(Time::In(duration)),
        Err(problem) if is_duration => Err(format!("{problem}, or a time as in {EXAMPLE}")),
        Err(_) => Err(format!(
            "neither a time nor a duration; right is, for example, {EXAMPLE}, or {example}"
        )),
    }
}

/// The moment that a date, a time of day and an offset name.
fn moment(text: &str, pieces: &Pieces) -> Result<i64, String> {
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
    let moment = text.parse().unwrap_or(Timestamp::MAX);
    Ok(moment.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_moment_or_a_while() {
        let hour = Time::In(Duration::from_secs(3_600));
        assert_eq!(since(" 1h "), Ok(hour));
        assert_eq!(hour.before(10_000), 6_400);
        assert_eq!(since("1970-01-01T01:00:07+01:00"), Ok(Time::At(7)));
        assert_eq!(Time::At(7).before(10_000), 7);
        let last = Time::At(Timestamp::MAX.as_second());
        assert_eq!(since("9999-12-31T23:59:59Z"), Ok(last));
    }

    #[test]
    fn what_is_written_is_read() {
        for time in [
            Time::At(0),
            Time::At(1_767_323_045),
            Time::In(Duration::from_secs(90)),
        ] {
            assert_eq!(since(&time.to_string()), Ok(time));
        }
    }

    #[test]
    fn what_a_time_lacks_is_named() {
        for text in ["2026-01-02T15:00", "2026-01-02 15:00:00"] {
            assert_eq!(
                until(text).unwrap_err(),
                "the offset from UTC is missing; right is, for example, 2026-01-02T15:00:00Z, \
                 or 2026-01-02T15:00:00+01:00 where the clock is an hour ahead"
            );
        }
        assert_eq!(
            until("2026-01-02").unwrap_err(),
            "a date alone has no time of day and no offset from UTC; right is, for example, 2026-01-02T15:00:00Z"
        );
        for far in ["+14:01", "-14:01", "+25:00"] {
            assert_eq!(
                until(&format!("2026-01-02T15:00:00{far}")).unwrap_err(),
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
            let right = "neither a time nor a duration; right is, for example, 2026-01-02T15:00:00Z, or 2h for two hours";
            assert_eq!(until(neither), Err(format!("{right} from now")));
            assert_eq!(since(neither), Err(format!("{right} ago")));
        }
        assert_eq!(
            until("5M").unwrap_err(),
            "there is no unit `M`: s, m, h, d and w are seconds, minutes, hours, days and weeks; \
             right is, for example, 90s, 30m, 2h, 7d or 1h30m, or a time as in 2026-01-02T15:00:00Z"
        );
    }
}
