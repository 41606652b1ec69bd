//! How people write durations: `90s`, `30m` or `1h30m`.

use std::time::Duration;

/// The units of a duration in seconds, the largest first.
const UNITS: [(&str, u64); 5] = [
    ("w", 604_800),
    ("d", 86_400),
    ("h", 3_600),
    ("m", 60),
    ("s", 1),
];

/// Right durations.
pub const EXAMPLES: &str = "90s, 30m, 2h, 7d or 1h30m";

/// Reads whole seconds, at least one.
///
/// # Errors
/// What is wrong, and what would be right.
pub fn parse(text: &str) -> Result<Duration, String> {
    let problem = match seconds(text.trim()) {
        Ok(seconds @ 1..) => return Ok(Duration::from_secs(seconds)),
        Ok(0) => "a duration is at least one second".to_owned(),
        Err(problem) => problem,
    };
    Err(format!("{problem}; right is, for example, {EXAMPLES}"))
}

/// Adds up numbers and their units: `1h30m`, or `1h 30m`.
fn seconds(text: &str) -> Result<u64, String> {
    if text.is_empty() {
        return Err("a duration is missing".to_owned());
    }
    if text.starts_with('-') {
        return Err("a duration is not negative".to_owned());
    }
    let mut smaller_units = UNITS.iter();
    let mut rest = text;
    let mut sum = Some(0_u64);
    while !rest.is_empty() {
        let (number, behind) = split_while(rest, |c| c.is_ascii_digit());
        let (unit, behind) = split_while(behind, char::is_alphabetic);
        if number.is_empty() {
            return Err("a duration is whole numbers, each with its unit behind it".to_owned());
        }
        if unit.is_empty() {
            return Err(format!("the number {number} has no unit behind it"));
        }
        let Some((_, size)) = smaller_units.find(|(name, _)| *name == unit) else {
            return Err(wrong_unit(unit));
        };
        let part = number.parse().ok().and_then(|n: u64| n.checked_mul(*size));
        sum = sum.zip(part).and_then(|(sum, part)| sum.checked_add(part));
        rest = behind.strip_prefix(' ').unwrap_or(behind);
    }
    sum.ok_or_else(|| "that duration is too long".to_owned())
}

fn wrong_unit(unit: &str) -> String {
    if UNITS.iter().any(|(name, _)| *name == unit) {
        "each unit stands once, the larger before the smaller".to_owned()
    } else {
        format!(
            "there is no unit `{unit}`: s, m, h, d and w are seconds, minutes, hours, days and weeks"
        )
    }
}

fn split_while(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.split_at(end)
}
