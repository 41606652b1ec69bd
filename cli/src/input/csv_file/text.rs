//! From the bytes of a file to its text.

use super::{
    error::{CsvError, Problem},
    format::LineIndex,
};

/// DOS ended a text so, and some programs still do.
const DOS_END: char = '\u{1a}';

/// Reads UTF-8, and UTF-16 with a byte order mark, as spreadsheets write "Unicode text".
pub fn decode(bytes: Vec<u8>) -> Result<String, CsvError> {
    let text = match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        _ => utf8(bytes)?,
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let text = text.trim_end_matches([DOS_END, '\0', '\r', '\n']);
    match text.find('\0') {
        None => Ok(text.to_owned()),
        Some(at) => Err(CsvError::of_line(
            LineIndex::new(text).line_of(at),
            Problem::Nul,
        )),
    }
}

fn utf8(bytes: Vec<u8>) -> Result<String, CsvError> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let (before, wrong) = error.as_bytes().split_at(valid);
        let index = LineIndex::new(&String::from_utf8_lossy(before));
        match before.iter().position(|byte| *byte == 0) {
            Some(at) => CsvError::of_line(index.line_of(at), Problem::Nul),
            None => {
                let byte = wrong.first().copied().unwrap_or_default();
                CsvError::of_line(index.line_of(valid), Problem::NotUtf8 { byte })
            }
        }
    })
}

fn utf16(bytes: &[u8], unit: impl Fn([u8; 2]) -> u16) -> Result<String, CsvError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    match text {
        Ok(text) if rest.is_empty() => Ok(text),
        _ => Err(CsvError::of_file(Problem::NotUtf16)),
    }
}
