//! How the command line writes values. Each refusal names a right example.

mod path;
mod time;

pub use {
    ebb_sdk::time::Time,
    path::{ledger, path, path_parser, server},
    time::{deadline, duration, hold_duration, seconds_until, since, time},
};

use {
    super::secret::{is_secret, PADDED},
    ebb_sdk::{
        state::{HoldReason, Reason},
        value,
    },
    isocountry::CountryCode,
    solana_sdk::{
        native_token::sol_str_to_lamports, pubkey::Pubkey, signature::read_keypair_file,
        signer::Signer,
    },
    std::{fmt, net::Ipv4Addr, path::Path, str::FromStr},
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
            "a reason is up to {most} bytes, not all blanks, without control or invisible characters, and this has {} bytes",
            text.len()
        )
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

/// The decimals stand behind a point, or behind a comma as spreadsheets write them in many countries.
fn degrees(text: &str, most: i32) -> Option<i32> {
    let degrees: f64 = text.trim().replace(',', ".").parse().ok()?;
    // Not a number fails this too. What passes fits, and decimals of six digits are exact.
    (degrees.abs() <= f64::from(most)).then(|| (degrees * MICRO).round() as i32)
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
    whole(text, 0, u32::MAX)
}

/// Reads the most sessions that a device takes.
pub fn max_sessions(text: &str) -> Result<u32, String> {
    whole(text, 1, u32::MAX)
}

/// Reads how many things may be done at a time.
pub fn parallel(text: &str) -> Result<u16, String> {
    whole(text, 1, u16::MAX)
}

/// Reads the price of a compute unit.
pub fn price(text: &str) -> Result<u64, String> {
    whole(text, 0, u64::MAX)
}

fn whole<T>(text: &str, least: T, most: T) -> Result<T, String>
where
    T: FromStr + PartialOrd + fmt::Display,
{
    let number = text.trim().parse().ok();
    number
        .filter(|number| (&least..=&most).contains(&number))
        .ok_or_else(|| format!("not a whole number from {least} to {most}, as in 1"))
}

/// Reads a location's name.
pub fn name(text: &str) -> Result<String, String> {
    value::check_name(text)
        .map(|()| text.to_owned())
        .map_err(|error| format!("{error}, as in Amsterdam"))
}

/// Reads an amount of SOL, in lamports.
pub fn lamports(text: &str) -> Result<u64, String> {
    sol_str_to_lamports(text)
        .filter(|lamports| *lamports > 0)
        .ok_or_else(|| "not an amount of SOL above zero, as in 0.5".to_owned())
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
    fn bounds_of_reasons_are_named() {
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
    fn degrees_are_exact_to_the_millionth() {
        assert_eq!(latitude("52.3"), Ok(52_300_000));
        assert_eq!(longitude("-0.000001"), Ok(-1));
        assert_eq!(longitude("180"), Ok(180_000_000));
        assert_eq!(latitude("52,3"), Ok(52_300_000));
        for wrong in ["90.1", "NaN", "inf", "", "north", "1,000.5", "1,000,5"] {
            assert!(latitude(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn numbers_are_whole_and_their_bounds_named() {
        assert_eq!((number("0"), number("4294967295")), (Ok(0), Ok(u32::MAX)));
        assert_eq!((parallel("1"), price("0")), (Ok(1), Ok(0)));
        for wrong in ["", "x", "-1", "1.5", "1,000", "4294967296"] {
            let error = number(wrong).unwrap_err();
            assert_eq!(error, "not a whole number from 0 to 4294967295, as in 1");
        }
        let error = parallel("0").unwrap_err();
        assert_eq!(error, "not a whole number from 1 to 65535, as in 1");
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
    fn sol_are_exact() {
        assert_eq!(lamports("0.5"), Ok(500_000_000));
        assert_eq!(lamports("10"), Ok(10_000_000_000));
        for wrong in ["0", "-1", "x", ""] {
            assert!(lamports(wrong).is_err(), "{wrong}");
        }
    }
}
