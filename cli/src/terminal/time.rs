//! Times and counts as people read them.

pub use ebb_sdk::{
    json::rfc3339,
    text::{count, distance, span},
};

/// A time and how far from `now` it lies: `2026-01-02T03:04:05Z (in 43m)`.
pub fn moment(at: i64, now: i64) -> String {
    match rfc3339(at) {
        Some(text) => format!("{text} ({})", distance(at, now)),
        None => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(
            moment(1_767_323_045, 1_767_323_000),
            "2026-01-02T03:04:05Z (in 45s)"
        );
    }
}
