//! Values that JSON has as the texts that people read.

use {
    serde::{de::Error, Deserialize, Deserializer, Serializer},
    std::{borrow::Cow, fmt::Display, str::FromStr},
};

pub fn serialize<S: Serializer>(value: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

pub fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    let text = Cow::<str>::deserialize(deserializer)?;
    text.parse().map_err(D::Error::custom)
}
