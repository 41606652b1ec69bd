//! How the command line writes values. Each refusal names a right example.

mod path;

pub use path::{ledger, path, path_parser};

use {
    crate::{
        secret::{is_secret, PADDED},
        view::time::span,
    },
    ebb_sdk::{
        state::{HoldReason, Reason},
        value::{self, MAX_DURATION_SECONDS, MAX_HOLD_SECONDS, MIN_DEADLINE_SECONDS},
    },
    isocountry::CountryCode,
    jiff::{fmt::temporal::Pieces, Timestamp},
    solana_sdk::{pubkey::Pubkey, signature::read_keypair_file, signer::Signer},
    std::{fmt, net::Ipv4Addr, path::Path, time::Duration},
};

/// How an account is named: a valid code is a code, anything else a pubkey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identifier {
    /// Unique by address.
    Code(String),
    /// The account's address.
    Address(Pubkey),
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => f.pad(code),
            Self::Address(address) => f.pad(&address.to_string()),
        }
    }
}

/// Reads a code or a pubkey.
pub fn identifier(text: &str) -> Result<Identifier, String> {
    let text = text.trim();
    if value::check_code(text).is_ok() {
        return Ok(Identifier::Code(text.to_owned()));
    }
    text.parse().map(Identifier::Address).map_err(|_| {
        format!(
            "neither a code nor a pubkey; {}, as in ams-dz001",
            ebb_sdk::EbbError::InvalidCode
        )
    })
}

/// Reads the code of something new.
pub fn code(text: &str) -> Result<String, String> {
    let text = text.trim();
    value::check_code(text)
        .map(|()| text.to_owned())
        .map_err(|error| format!("{error}, as in ams-dz001"))
}

/// Reads a pubkey: base58, or the public key in a key file.
pub fn pubkey(text: &str) -> Result<Pubkey, String> {
    let key = match text.trim().parse() {
        Ok(key) => key,
        Err(_) if is_secret(text) => return Err("a secret key, where its pubkey belongs; right is base58 of 32 bytes, or the path of the key's file".to_owned()),
        Err(_) if text.trim() != text => return Err(PADDED.to_owned()),
        Err(_) if Path::new(text).exists() => read_keypair_file(text)
            .map(|key| key.pubkey())
            .map_err(|error| format!("the file holds no key as solana-keygen writes it: {error}"))?,
        Err(_) => {
            return Err(format!(
                "neither a pubkey nor a key file; right is base58 of 32 bytes, as in {}, or a file's path, as in id.json",
                ebb_sdk::ID
            ))
        }
    };
    value::check_key(&key).map_err(|error| error.to_string())?;
    Ok(key)
}

/// Reads the IPv4 address of a device.
pub fn public_ip(text: &str) -> Result<Ipv4Addr, String> {
    let ip = text
        .trim()
        .parse()
        .map_err(|_| "not an IPv4 address; right is, for example, 195.219.138.50".to_owned())?;
    value::check_public_ip(ip)
        .map_err(|error| format!("{error}; right is, for example, 195.219.138.50"))?;
    Ok(ip)
}

/// Reads a DUR: whole seconds, at least one.
pub fn duration(text: &str) -> Result<Duration, String> {
    const RIGHT: &str = "right is, for example, 90s, 30m, 2h or 7d";
    let text = text.trim();
    if text.starts_with('-') {
        return Err(format!("a duration is not negative; {RIGHT}"));
    }
    if is_secret(text) {
        return Err(format!("not a duration; {RIGHT}"));
    }
    let duration = humantime::parse_duration(text).map_err(|error| format!("{error}; {RIGHT}"))?;
    if duration.subsec_nanos() != 0 || duration.is_zero() {
        return Err(format!(
            "a duration is whole seconds, at least one; {RIGHT}"
        ));
    }
    Ok(duration)
}

/// Reads how long users have to leave, in seconds.
pub fn deadline(text: &str) -> Result<u32, String> {
    bounded(duration(text)?, MIN_DEADLINE_SECONDS, MAX_DURATION_SECONDS)
}

/// Reads how long a hold lasts, in seconds.
pub fn hold_duration(text: &str) -> Result<u32, String> {
    bounded(duration(text)?, 1, MAX_HOLD_SECONDS)
}

/// The seconds of a DUR, as instructions carry them.
fn bounded(duration: Duration, least: u32, most: u32) -> Result<u32, String> {
    u32::try_from(duration.as_secs())
        .ok()
        .filter(|seconds| (least..=most).contains(seconds))
        .ok_or_else(|| {
            let [least, most] = [least, most].map(|bound| span(bound.into()));
            format!("right is at least {least} and at most {most}")
        })
}

/// Reads the reason of a drain.
pub fn drain_reason(text: &str) -> Result<String, String> {
    reason(text, Reason::check(text), Reason::MAX_LEN)
}

/// Reads the reason of a hold.
pub fn hold_reason(text: &str) -> Result<String, String> {
    reason(text, HoldReason::check(text), HoldReason::MAX_LEN)
}

fn reason(
    text: &str,
    checked: Result<(), ebb_sdk::EbbError>,
    most: usize,
) -> Result<String, String> {
    checked.map(|()| text.to_owned()).map_err(|_| {
        format!(
            "a reason is up to {most} bytes without control characters, and this has {} bytes",
            text.len()
        )
    })
}

/// A TIME: a moment, or a while from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// At this moment.
    At(Timestamp),
    /// So long from now.
    In(Duration),
}

impl Time {
    /// Seconds from `now` (Unix seconds), as instructions carry them.
    pub fn seconds_from(self, now: i64) -> Result<u32, String> {
        let ahead = match self {
            Self::In(duration) => duration,
            Self::At(moment) => match u64::try_from(moment.as_second().saturating_sub(now)) {
                Ok(seconds @ 1..) => Duration::from_secs(seconds),
                _ => return Err("that time has passed".to_owned()),
            },
        };
        bounded(ahead, 1, MAX_DURATION_SECONDS).map_err(|_| too_far())
    }
}

fn too_far() -> String {
    format!(
        "that time is too far off; right is at most {} ahead",
        span(MAX_DURATION_SECONDS.into())
    )
}

/// Reads a TIME: RFC 3339, or a DUR from now.
pub fn time(text: &str) -> Result<Time, String> {
    let text = text.trim();
    if let Ok(moment) = text.parse() {
        return Ok(Time::At(moment));
    }
    // A timestamp ends with the year 9999, and in some zones a little before.
    let pieces = Pieces::parse(text).ok();
    if pieces.is_some_and(|pieces| pieces.time().is_some() && pieces.offset().is_some()) {
        return Err(too_far());
    }
    duration(text).map(Time::In).map_err(|_| {
        "neither a time nor a duration; right is, for example, 2026-01-02T15:00:00Z, or 2h for two hours from now".to_owned()
    })
}

/// Reads degrees of latitude into millionths.
pub fn latitude(text: &str) -> Result<i32, String> {
    degrees(text, 90).ok_or_else(|| "latitude is degrees from -90 to 90, as in 52.3".to_owned())
}

/// Reads degrees of longitude into millionths.
pub fn longitude(text: &str) -> Result<i32, String> {
    degrees(text, 180).ok_or_else(|| "longitude is degrees from -180 to 180, as in 4.94".to_owned())
}

/// One degree in millionths.
const MICRO: f64 = 1_000_000.0;

fn degrees(text: &str, most: i32) -> Option<i32> {
    let degrees: f64 = text.trim().parse().ok()?;
    // Not a number fails this too. What passes fits, and decimals of six digits are exact.
    (degrees.abs() <= f64::from(most)).then(|| (degrees * MICRO).round() as i32)
}

/// Writes millionths of a degree as degrees.
pub fn to_degrees(micro: i32) -> f64 {
    f64::from(micro) / MICRO
}

/// Reads a country.
pub fn country(text: &str) -> Result<[u8; 2], String> {
    let text = text.trim();
    let wrong = || format!("{}, as in NL", ebb_sdk::EbbError::InvalidCountry);
    let country = text.as_bytes().try_into().map_err(|_| wrong())?;
    value::check_country(&country).map_err(|_| wrong())?;
    match CountryCode::for_alpha2(text) {
        Ok(_) => Ok(country),
        Err(_) => Err(format!(
            "ISO 3166-1 knows no country {text}; right is, for example, NL"
        )),
    }
}

/// Reads a whole number.
pub fn number(text: &str) -> Result<u32, String> {
    text.trim()
        .parse()
        .map_err(|_| "not a whole number, as in 1".to_owned())
}

/// Reads a location's name.
pub fn name(text: &str) -> Result<String, String> {
    value::check_name(text)
        .map(|()| text.to_owned())
        .map_err(|error| format!("{error}, as in Amsterdam"))
}

/// Writes Unix seconds in RFC 3339, UTC; 0 is unknown.
pub fn rfc3339(seconds: i64) -> Option<String> {
    (seconds != 0)
        .then(|| Timestamp::from_second(seconds).ok())
        .flatten()
        .map(|moment| moment.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valid_code_is_a_code_and_anything_else_a_pubkey() {
        assert_eq!(
            identifier("ams-dz001"),
            Ok(Identifier::Code("ams-dz001".into()))
        );
        let key = ebb_sdk::ID;
        assert_eq!(identifier(&key.to_string()), Ok(Identifier::Address(key)));
        assert!(identifier("AMS").unwrap_err().contains("as in ams-dz001"));
    }

    #[test]
    fn durations_are_whole_seconds() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("7d"), Ok(Duration::from_secs(7 * 86_400)));
        for wrong in ["", "abc", "0s", "500ms", "-5m", "90"] {
            assert!(duration(wrong).unwrap_err().contains("30m"), "{wrong}");
        }
        assert!(duration("-5m").unwrap_err().contains("not negative"));
    }

    #[test]
    fn bounds_are_named() {
        assert_eq!(deadline("60s"), Ok(60));
        assert_eq!(deadline("365d"), Ok(MAX_DURATION_SECONDS));
        for wrong in ["59s", "366d", "1000y"] {
            let error = deadline(wrong).unwrap_err();
            assert!(error.contains("at least 1m and at most 365d"), "{error}");
        }
        assert_eq!(hold_duration("7d"), Ok(MAX_HOLD_SECONDS));
        assert!(hold_duration("8d").unwrap_err().contains("at most 7d"));
        assert_eq!(
            drain_reason(&"x".repeat(64)).as_deref(),
            Ok("x".repeat(64).as_str())
        );
        assert!(drain_reason(&"x".repeat(65))
            .unwrap_err()
            .contains("up to 64 bytes"));
        assert!(hold_reason(&"x".repeat(33))
            .unwrap_err()
            .contains("up to 32 bytes"));
        assert!(hold_reason("a\nb").is_err());
    }

    #[test]
    fn a_time_is_a_moment_or_a_while_from_now() {
        let now = 1_767_322_800;
        let ahead = |text| time(text).and_then(|time| time.seconds_from(now));
        assert_eq!(ahead("2h"), Ok(7200));
        assert_eq!(ahead("365d"), Ok(MAX_DURATION_SECONDS));
        assert_eq!(ahead("2026-01-02T03:00:30Z"), Ok(30));
        assert_eq!(ahead("2026-01-02T05:01:00+02:00"), Ok(60));
        for passed in ["2026-01-02T03:00:00Z", "1970-01-01T00:00:00Z"] {
            assert_eq!(ahead(passed), Err("that time has passed".to_owned()));
        }
        for far in [
            "366d",
            "2027-01-02T03:00:01Z",
            "9999-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
        ] {
            assert!(ahead(far).unwrap_err().contains("at most 365d"), "{far}");
        }
        assert!(time("tomorrow")
            .unwrap_err()
            .contains("2026-01-02T15:00:00Z"));
    }

    #[test]
    fn degrees_are_exact_to_the_millionth() {
        assert_eq!(latitude("52.3"), Ok(52_300_000));
        assert_eq!(longitude("-0.000001"), Ok(-1));
        assert_eq!(longitude("180"), Ok(180_000_000));
        for wrong in ["90.1", "NaN", "inf", "", "north"] {
            assert!(latitude(wrong).is_err(), "{wrong}");
        }
        assert_eq!(to_degrees(4_940_000), 4.94);
    }

    #[test]
    fn keys_addresses_and_countries() {
        assert!(pubkey("11111111111111111111111111111111").is_err());
        let neither = pubkey("co01").unwrap_err();
        assert!(neither.contains("base58") && neither.contains("id.json"));
        assert!(public_ip("127.0.0.1")
            .unwrap_err()
            .contains("195.219.138.50"));
        assert_eq!(country("NL"), Ok(*b"NL"));
        assert!(country("nl").unwrap_err().contains("NL"));
        assert!(country("NLD").is_err());
        assert_eq!(country("GB"), Ok(*b"GB"));
        for unknown in ["UK", "ZZ", "XX"] {
            assert!(country(unknown).unwrap_err().contains(unknown));
        }
    }

    #[test]
    fn a_key_file_stands_for_its_public_key() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("id.json");
        let key = solana_sdk::signature::Keypair::new();
        std::fs::write(&file, format!("{:?}", key.to_bytes())).unwrap();
        assert_eq!(pubkey(file.to_str().unwrap()), Ok(key.pubkey()));
        std::fs::write(&file, "[1,2,3]").unwrap();
        let broken = pubkey(file.to_str().unwrap()).unwrap_err();
        assert!(broken.contains("solana-keygen"), "{broken}");
    }

    #[test]
    fn time_zero_is_unknown() {
        assert_eq!(rfc3339(0), None);
        assert_eq!(
            rfc3339(1_767_323_045).as_deref(),
            Some("2026-01-02T03:04:05Z")
        );
    }
}
