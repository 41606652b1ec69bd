//! The values that instructions carry, and what makes one valid. The program refuses with these
//! checks and clients ask them first, so both say the same.

use {crate::error::EbbError, solana_program::pubkey::Pubkey, std::net::Ipv4Addr};

/// The longest code in bytes.
pub const MAX_CODE_LEN: usize = 32;
/// The longest path of a disk key, in bytes.
pub const MAX_PATH_LEN: usize = 64;
/// The longest name of a location, in bytes.
pub const MAX_NAME_LEN: usize = 64;
/// The nearest a deadline may lie to the instruction that sets it, in seconds.
pub const MIN_DEADLINE_SECONDS: u32 = 60;
/// How long a device must have been reported dead before that allows evictions and its retirement,
/// in seconds: no shorter than the nearest deadline.
pub const MIN_DEAD_SECONDS: i64 = MIN_DEADLINE_SECONDS as i64;
/// The longest deadline or planned return, in seconds: 365 days.
pub const MAX_DURATION_SECONDS: u32 = 365 * 24 * 60 * 60;
/// The longest hold, in seconds: 7 days.
pub const MAX_HOLD_SECONDS: u32 = 7 * 24 * 60 * 60;

/// A code is 1 to 32 of `a-z 0-9 . _ -` and begins with a letter or digit.
///
/// # Errors
/// [`EbbError::InvalidCode`]
pub fn check_code(code: &str) -> Result<(), EbbError> {
    let mut bytes = code.bytes();
    let begins_well = bytes
        .next()
        .is_some_and(|first| first.is_ascii_lowercase() || first.is_ascii_digit());
    let goes_on_well = bytes.all(|byte| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-')
    });
    if begins_well && goes_on_well && code.len() <= MAX_CODE_LEN {
        Ok(())
    } else {
        Err(EbbError::InvalidCode)
    }
}

/// A location's name is 1 to 64 bytes that are shown as what they are: no blanks alone, no controls,
/// nothing invisible.
///
/// # Errors
/// [`EbbError::InvalidName`]
pub fn check_name(name: &str) -> Result<(), EbbError> {
    if name.is_empty() || name.len() > MAX_NAME_LEN || !is_legible(name) {
        return Err(EbbError::InvalidName);
    }
    Ok(())
}

/// A country is two capital letters.
///
/// # Errors
/// [`EbbError::InvalidCountry`]
pub fn check_country(country: &[u8; 2]) -> Result<(), EbbError> {
    if country.iter().all(u8::is_ascii_uppercase) {
        Ok(())
    } else {
        Err(EbbError::InvalidCountry)
    }
}

/// Latitude lies within 90 degrees and longitude within 180, in millionths of a degree.
///
/// # Errors
/// [`EbbError::InvalidCoordinates`]
pub fn check_coordinates(latitude: i32, longitude: i32) -> Result<(), EbbError> {
    if latitude.unsigned_abs() > 90_000_000 || longitude.unsigned_abs() > 180_000_000 {
        return Err(EbbError::InvalidCoordinates);
    }
    Ok(())
}

/// A device's IPv4 address is a unicast host address; private ones serve test networks.
///
/// # Errors
/// [`EbbError::InvalidPublicIp`]
pub fn check_public_ip(ip: Ipv4Addr) -> Result<(), EbbError> {
    let [first, ..] = ip.octets();
    if first == 0 || ip.is_loopback() || first >= 224 {
        return Err(EbbError::InvalidPublicIp);
    }
    Ok(())
}

/// A device takes at least one session. One that takes none would count for its location's
/// disruption budget all the same.
///
/// # Errors
/// [`EbbError::InvalidMaxSessions`]
pub fn check_max_sessions(max_sessions: u32) -> Result<(), EbbError> {
    if max_sessions == 0 {
        return Err(EbbError::InvalidMaxSessions);
    }
    Ok(())
}

/// The key, unless it is the zero key that stands for none.
pub fn present(key: &Pubkey) -> Option<&Pubkey> {
    (key.to_bytes() != [0; 32]).then_some(key)
}

/// The zero key stands for none and is no key.
///
/// # Errors
/// [`EbbError::InvalidKey`]
pub fn check_key(key: &Pubkey) -> Result<(), EbbError> {
    match present(key) {
        Some(_) => Ok(()),
        None => Err(EbbError::InvalidKey),
    }
}

/// A disk key's path is 1 to 64 bytes that are shown as what they are: no blanks alone, no controls,
/// nothing invisible.
///
/// # Errors
/// [`EbbError::InvalidPath`]
pub fn check_path(path: &str) -> Result<(), EbbError> {
    if path.is_empty() || path.len() > MAX_PATH_LEN || !is_legible(path) {
        return Err(EbbError::InvalidPath);
    }
    Ok(())
}

/// A deadline, in seconds from now: 0 for none, else at least 60 and at most 365 days.
///
/// # Errors
/// [`EbbError::DeadlineTooSoon`], [`EbbError::DurationTooLong`]
pub fn check_deadline(seconds: u32) -> Result<(), EbbError> {
    match seconds {
        0 => Ok(()),
        1..MIN_DEADLINE_SECONDS => Err(EbbError::DeadlineTooSoon),
        _ => check_planned_return(seconds),
    }
}

/// A planned return, in seconds from now: 0 for unknown, at most 365 days.
///
/// # Errors
/// [`EbbError::DurationTooLong`]
pub fn check_planned_return(seconds: u32) -> Result<(), EbbError> {
    if seconds > MAX_DURATION_SECONDS {
        return Err(EbbError::DurationTooLong);
    }
    Ok(())
}

/// A hold's duration in seconds: at least 1, at most 7 days.
///
/// # Errors
/// [`EbbError::InvalidDuration`], [`EbbError::DurationTooLong`]
pub fn check_hold_duration(seconds: u32) -> Result<(), EbbError> {
    match seconds {
        0 => Err(EbbError::InvalidDuration),
        1..=MAX_HOLD_SECONDS => Ok(()),
        _ => Err(EbbError::DurationTooLong),
    }
}

/// Whether a text is shown as what it is: it is not all blanks, and holds neither what moves a
/// terminal's cursor or colours its screen (C0, DEL and C1), nor what turns a line around, ends it or
/// has no width (U+200B to 200F, 2028 to 202E, 2060 to 2069, FEFF). Two such texts that differ do so
/// to the eye.
///
/// Printable ASCII, which is nearly all that comes, passes eight bytes at a time, because a program
/// pays for each step. Other text is checked byte by byte.
pub(crate) fn is_legible(text: &str) -> bool {
    let (words, rest) = text.as_bytes().as_chunks();
    let is_ascii =
        words.iter().all(is_printable_ascii) && rest.iter().all(|byte| matches!(byte, b' '..=b'~'));
    (is_ascii || !has_hidden_bytes(text.as_bytes())) && !is_blank(text)
}

/// Whether a text holds something, and nothing but blanks.
fn is_blank(text: &str) -> bool {
    // Nearly all texts begin with what is no blank, which costs a program less to find out.
    let begins = text.bytes().next();
    begins.is_some_and(|first| !first.is_ascii_graphic()) && text.trim().is_empty()
}

/// Whether UTF-8 holds one of the letters that [`is_legible`] refuses, by how they are encoded.
fn has_hidden_bytes(bytes: &[u8]) -> bool {
    let (mut first, mut second) = (0, 0);
    bytes.iter().any(|third| {
        let is_hidden = matches!(
            (first, second, *third),
            (_, _, ..b' ' | 0x7f)
                | (_, 0xc2, ..0xa0)
                | (0xe2, 0x80, 0x8b..=0x8f | 0xa8..=0xae)
                | (0xe2, 0x81, 0xa0..=0xa9)
                | (0xef, 0xbb, 0xbf)
        );
        (first, second) = (second, *third);
        is_hidden
    })
}

/// Whether each of eight bytes lies between space and tilde. Borrows of the subtractions reach a
/// higher byte only if a lower one is out of range already.
fn is_printable_ascii(bytes: &[u8; 8]) -> bool {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = EACH << 7;
    let word = u64::from_le_bytes(*bytes);
    let below_space = word.wrapping_sub(EACH.wrapping_mul(b' ' as u64));
    let is_delete = (word ^ EACH.wrapping_mul(0x7f)).wrapping_sub(EACH);
    (word | below_space | is_delete) & HIGH == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        for good in ["a", "0", "ams-dz001", "a.b_c-d", &"x".repeat(32)] {
            assert_eq!(check_code(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "-a",
            ".a",
            "_a",
            "A",
            "a b",
            "ä",
            "a/b",
            &"x".repeat(33),
        ] {
            assert_eq!(check_code(bad), Err(EbbError::InvalidCode), "{bad}");
        }
    }

    #[test]
    fn addresses() {
        for good in ["195.219.138.50", "10.0.0.1", "1.1.1.1", "223.255.255.255"] {
            assert_eq!(check_public_ip(good.parse().unwrap()), Ok(()), "{good}");
        }
        for bad in [
            "0.0.0.0",
            "0.1.2.3",
            "127.0.0.1",
            "224.0.0.1",
            "255.255.255.255",
        ] {
            assert_eq!(
                check_public_ip(bad.parse().unwrap()),
                Err(EbbError::InvalidPublicIp),
                "{bad}"
            );
        }
    }

    #[test]
    fn capacities() {
        assert_eq!(check_max_sessions(0), Err(EbbError::InvalidMaxSessions));
        assert_eq!(check_max_sessions(1), Ok(()));
        assert_eq!(check_max_sessions(u32::MAX), Ok(()));
    }

    #[test]
    fn durations() {
        assert_eq!(check_deadline(0), Ok(()));
        assert_eq!(check_deadline(59), Err(EbbError::DeadlineTooSoon));
        assert_eq!(check_deadline(60), Ok(()));
        assert_eq!(check_deadline(MAX_DURATION_SECONDS), Ok(()));
        assert_eq!(
            check_deadline(MAX_DURATION_SECONDS + 1),
            Err(EbbError::DurationTooLong)
        );
        assert_eq!(check_hold_duration(0), Err(EbbError::InvalidDuration));
        assert_eq!(check_hold_duration(MAX_HOLD_SECONDS), Ok(()));
        assert_eq!(
            check_hold_duration(MAX_HOLD_SECONDS + 1),
            Err(EbbError::DurationTooLong)
        );
    }

    #[test]
    fn texts() {
        assert_eq!(check_name("São Paulo"), Ok(()));
        assert_eq!(check_name(""), Err(EbbError::InvalidName));
        for control in ["\u{1b}[31m", "\n", "\u{7f}", "\u{80}", "\u{9f}"] {
            assert_eq!(
                check_name(&format!("a{control}")),
                Err(EbbError::InvalidName)
            );
        }
        assert_eq!(check_name("\u{a0}\u{e9}\u{2080}"), Ok(()));
        for position in 0..17 {
            for byte in 0..=0xff_u8 {
                let mut bytes = *b"0123456789abcdefg";
                bytes[position] = byte;
                if let Ok(text) = core::str::from_utf8(&bytes) {
                    let has_controls = text.chars().any(char::is_control);
                    assert_eq!(is_legible(text), !has_controls, "{text:?}");
                }
            }
        }
        for letter in '\u{80}'..=char::MAX {
            let is_hidden = letter.is_control()
                || matches!(letter,
                    '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                    | '\u{2060}'..='\u{2069}' | '\u{feff}');
            for text in [format!("/dev/sda{letter}"), format!("{letter}a")] {
                assert_eq!(is_legible(&text), !is_hidden, "{text:?}");
            }
        }
        for blank in [" ", "                 ", "\u{a0}", " \u{2003}\u{3000}"] {
            assert_eq!(check_name(blank), Err(EbbError::InvalidName), "{blank:?}");
            assert_eq!(check_path(blank), Err(EbbError::InvalidPath), "{blank:?}");
            assert!(is_legible(&format!("{blank}a{blank}")), "{blank:?}");
        }
        assert!(is_legible(""));
        assert_eq!(check_path("/dev/disk/by-id/ä"), Ok(()));
        assert_eq!(check_path(&"p".repeat(65)), Err(EbbError::InvalidPath));
        assert_eq!(check_country(b"NL"), Ok(()));
        assert_eq!(check_country(b"nl"), Err(EbbError::InvalidCountry));
        assert_eq!(check_coordinates(90_000_000, -180_000_000), Ok(()));
        assert_eq!(
            check_coordinates(90_000_001, 0),
            Err(EbbError::InvalidCoordinates)
        );
        assert_eq!(
            check_coordinates(i32::MIN, 0),
            Err(EbbError::InvalidCoordinates)
        );
    }
}
