/// A key for a table's column: its first and last letters.
pub fn short(key: &str) -> String {
    match (key.get(..6), key.get(key.len().saturating_sub(4)..)) {
        (Some(first), Some(last)) if key.len() > 12 => format!("{first}…{last}"),
        _ => key.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_shortened_in_the_middle() {
        assert_eq!(short(&ebb_sdk::ID.to_string()), "EBBpwA…xpic");
    }
}
