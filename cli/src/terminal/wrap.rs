//! Lines of a given width, broken between words and never within one.

use {
    textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm},
    unicode_width::UnicodeWidthStr,
};

/// Returns the lines of a text, each indented as the first. Without a width it is a single one.
pub fn wrapped(text: &str, width: Option<usize>) -> Vec<String> {
    let Some(columns) = width.filter(|columns| display_width(text) > *columns) else {
        return vec![text.to_owned()];
    };
    let indent = text
        .len()
        .saturating_sub(text.trim_start_matches(' ').len());
    let indent = " ".repeat(indent);
    let options = Options::new(columns)
        .subsequent_indent(&indent)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    let lines = textwrap::wrap(text, options).into_iter();
    lines.map(|line| line.into_owned()).collect()
}

/// The width of the longest word.
pub fn longest_word(text: &str) -> usize {
    let words = text.split([' ', '\n']).map(display_width);
    words.max().unwrap_or_default()
}

/// How many columns of a terminal a text without line ends takes.
pub fn display_width(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.width()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_only() {
        let text = "ams-dz001 will be drained.";
        assert_eq!(wrapped(text, None), [text]);
        assert_eq!(wrapped(text, Some(26)), [text]);
        assert_eq!(wrapped(text, Some(25)), ["ams-dz001 will be", "drained."]);
        assert_eq!(
            wrapped(text, Some(5)),
            ["ams-dz001", "will", "be", "drained."]
        );
        assert_eq!(wrapped("  budget: ams", Some(9)), ["  budget:", "  ams"]);
        assert_eq!(longest_word(text), 9);
    }
}
