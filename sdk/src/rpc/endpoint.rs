//! The URL as it may be shown.

use solana_client::client_error::reqwest::Url;

/// Scheme, host and port. User, path and query may hold passwords and API keys; that there are some
/// is all that is shown of them.
pub(super) fn redacted(url: &str) -> String {
    let Ok(url) = Url::parse(url) else {
        return "the given URL".into();
    };
    let origin = url.origin();
    if !origin.is_tuple() {
        return "the given URL".into();
    }
    let shown = origin.ascii_serialization();
    match (url.path(), url.query()) {
        ("" | "/", None) => shown,
        _ => format!("{shown}/…"),
    }
}

#[cfg(test)]
mod tests {
    use super::redacted;

    #[test]
    fn secrets_are_not_shown() {
        for (url, shown) in [
            ("http://localhost:8899", "http://localhost:8899"),
            (
                "https://api.devnet.solana.com/",
                "https://api.devnet.solana.com",
            ),
            ("https://me:secret@example.com", "https://example.com"),
            (
                "https://example.com/?api-key=secret",
                "https://example.com/…",
            ),
            ("https://example.com/v2/secret", "https://example.com/…"),
            ("https://example.com:99/#secret", "https://example.com:99"),
            ("data:secret", "the given URL"),
            ("secret", "the given URL"),
        ] {
            assert_eq!(redacted(url), shown);
        }
    }
}
