use solana_sdk::pubkey::Pubkey;

/// A key for a table's column: its first and last letters.
pub fn short(key: &Pubkey) -> String {
    let key = key.to_string();
    match (key.get(..6), key.get(key.len().saturating_sub(4)..)) {
        (Some(first), Some(last)) if key.len() > 12 => format!("{first}…{last}"),
        _ => key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_shortened_in_the_middle() {
        assert_eq!(short(&ebb_sdk::ID), "EBBpwA…xpic");
    }
}
