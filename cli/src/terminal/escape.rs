//! Text of others within a line: letters that move the cursor, start a line, turn the line around or cannot be seen are
//! shown as escapes.

pub use ebb_sdk::text::escaped;

use {
    ebb_sdk::text::is_hidden,
    std::{
        fmt::Write as _,
        io::{self, Write},
    },
};

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
        if length > 1 && letter.starts_with('\u{1b}') {
            shown.push_str(letter);
        } else {
            shown.push_str(&escaped(letter));
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
                    if hidden(letter) {
                        for unit in letter.encode_utf16(&mut [0; 2]) {
                            // Writing to a string cannot fail.
                            let _ = write!(json, "\\u{unit:04x}");
                        }
                    } else {
                        json.push(letter);
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
