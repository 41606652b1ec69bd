use jiff::Timestamp;

/// Writes Unix seconds in RFC 3339, UTC; 0 is unknown.
pub fn rfc3339(seconds: i64) -> Option<String> {
    (seconds != 0)
        .then(|| Timestamp::from_second(seconds).ok())
        .flatten()
        .map(|moment| moment.to_string())
}

/// Reads a time that [`rfc3339`] wrote; what is unknown, or is no time, is 0.
pub fn unix_seconds(time: Option<&str>) -> i64 {
    time.and_then(|time| time.parse::<Timestamp>().ok())
        .map_or(0, Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_and_what_has_no_date_are_unknown() {
        assert_eq!(
            rfc3339(1_767_323_045).as_deref(),
            Some("2026-01-02T03:04:05Z")
        );
        assert_eq!(rfc3339(0), None);
        assert_eq!(rfc3339(i64::MAX), None);
    }

    #[test]
    fn what_was_written_is_read() {
        for seconds in [1, -1, 1_767_323_045] {
            assert_eq!(unix_seconds(rfc3339(seconds).as_deref()), seconds);
        }
        assert_eq!((unix_seconds(None), unix_seconds(Some("soon"))), (0, 0));
    }
}
