//! Text of others within a line: letters that move the cursor, start a line, turn the line around or cannot be seen are
//! shown as escapes.

use std::{
    borrow::Cow,
    fmt::Write as _,
    io::{self, Write},
};

/// Returns the text with an escape in the place of every letter that is not shown as itself.
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len().saturating_add(8));
    for letter in text.chars() {
        match is_hidden(letter) {
            true => shown.extend(letter.escape_default()),
            false => shown.push(letter),
        }
    }
    Cow::Owned(shown)
}

/// As [`escaped`], of lines whose styles are this program's own: only line ends and styles are left as they are.
pub fn escaped_between_styles(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|letter| is_hidden(letter) && letter != '\n') {
        let (before, found) = rest.split_at(at);
        shown.push_str(before);
        let length =
            style_length(found).unwrap_or_else(|| found.chars().next().map_or(0, char::len_utf8));
        let (letter, behind) = found.split_at(length);
        match length > 1 && letter.starts_with('\u{1b}') {
            true => shown.push_str(letter),
            false => shown.push_str(&escaped(letter)),
        }
        rest = behind;
    }
    shown.push_str(rest);
    shown
}

/// How long the style is with which a text begins, if it does: `ESC [ 1 ; 3 1 m`.
fn style_length(text: &str) -> Option<usize> {
    let numbers = text.strip_prefix("\u{1b}[")?;
    let end = numbers.find(|letter: char| !letter.is_ascii_digit() && letter != ';')?;
    let is_style = numbers.get(end..)?.starts_with('m');
    is_style.then(|| end.saturating_add("\u{1b}[m".len()))
}

/// Whether a letter controls the terminal or the order of others, or has no width of its own. Combining marks have none
/// either, and belong to the letters of many languages.
fn is_hidden(letter: char) -> bool {
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

/// JSON whose strings hold no such letter as itself: they are escaped as JSON escapes the others, so that a parser reads
/// the same and a terminal obeys nothing.
pub struct JsonEscape<W>(pub W);

impl<W: Write> Write for JsonEscape<W> {
    /// Outside of its strings JSON is blanks, line ends and ASCII that is shown as itself.
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        let hidden = |letter: char| is_hidden(letter) && letter != '\n';
        match std::str::from_utf8(part) {
            Ok(text) if text.chars().any(hidden) => {
                let mut json = String::with_capacity(text.len().saturating_add(8));
                for letter in text.chars() {
                    match hidden(letter) {
                        true => {
                            for unit in letter.encode_utf16(&mut [0; 2]) {
                                // Writing to a string cannot fail.
                                let _ = write!(json, "\\u{unit:04x}");
                            }
                        }
                        false => json.push(letter),
                    }
                }
                self.0.write_all(json.as_bytes())?;
            }
            _ => self.0.write_all(part)?,
        }
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
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
    fn styles_stay_and_nothing_else() {
        assert_eq!(
            escaped_between_styles(
                "\u{1b}[1;31merror\u{1b}[0m:\n\u{1b}[2J\u{1b}]0;x\u{7}\u{202e}\u{1b}["
            ),
            "\u{1b}[1;31merror\u{1b}[0m:\n\\u{1b}[2J\\u{1b}]0;x\\u{7}\\u{202e}\\u{1b}["
        );
    }

    #[test]
    fn json_reads_the_same_and_holds_no_control() {
        let text = "\u{202e}a\u{9b}b\u{7f}\n\u{e0041}é\u{1b}";
        let mut json = vec![];
        serde_json::to_writer_pretty(JsonEscape(&mut json), &[text]).unwrap();
        assert_eq!(
            String::from_utf8(json.clone()).unwrap(),
            "[\n  \"\\u202ea\\u009bb\\u007f\\n\\udb40\\udc41é\\u001b\"\n]"
        );
        assert_eq!(
            serde_json::from_slice::<[String; 1]>(&json).unwrap(),
            [text]
        );
    }
}
