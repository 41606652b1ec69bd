//! Text as people are shown it, on a terminal and in a browser: what others wrote, spans and counts.

use std::borrow::Cow;

/// Returns the text with an escape in the place of every letter that is not shown as itself.
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len().saturating_add(8));
    for letter in text.chars() {
        if is_hidden(letter) {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    Cow::Owned(shown)
}

/// Whether a letter controls the terminal or the order of others, or has no width of its own. Combining marks have none
/// either, and belong to the letters of many languages.
pub fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            // Direction of writing.
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}'
            // Ends of lines.
            | '\u{2028}' | '\u{2029}'
            // No width.
            | '\u{ad}' | '\u{34f}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
            // Letters that are empty.
            | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{ffa0}')
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
    fn what_a_terminal_obeys_is_shown_as_an_escape() {
        for (text, shown) in [
            ("ams-dz001: activated → draining", None),
            ("Zürich, Zu\u{308}rich, 東京", None),
            ("a\r\nb\tc\0", Some(r"a\r\nb\tc\u{0}")),
            (
                "\u{1b}[2J\u{7f}\u{9b}31m",
                Some(r"\u{1b}[2J\u{7f}\u{9b}31m"),
            ),
            (
                "\u{202e}gpj\u{2066}\u{200f}",
                Some(r"\u{202e}gpj\u{2066}\u{200f}"),
            ),
            (
                "a\u{200b}\u{200d}\u{feff}\u{ad}",
                Some(r"a\u{200b}\u{200d}\u{feff}\u{ad}"),
            ),
            (
                "a\u{2028}b\u{2029}\u{e0041}",
                Some(r"a\u{2028}b\u{2029}\u{e0041}"),
            ),
        ] {
            assert_eq!(escaped(text), shown.unwrap_or(text));
        }
    }

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
    fn distances() {
        assert_eq!(distance(160, 100), "in 1m");
        assert_eq!(distance(100, 160), "1m ago");
        assert_eq!(distance(100, 100), "0s ago");
    }
}
