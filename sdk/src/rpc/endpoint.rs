//! URLs, which may hold passwords and API keys.

use {solana_client::client_error::reqwest::Url, std::fmt};

/// A text with no more characters than this is a word and not a secret, as `v2` in a path.
const SHORT: usize = 5;
/// What stands for a secret.
const HIDDEN: &str = "…";

/// A URL that is shown without its secrets.
///
/// `Display` and `Debug` write scheme, host and port, and `…` for a path and a query.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(String);

impl SecretUrl {
    /// Takes a URL, or what was given in place of one, without the blanks around it.
    pub fn new(url: impl AsRef<str>) -> Self {
        Self(url.as_ref().trim().to_owned())
    }

    /// The URL with its secrets, to connect to.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether anything beyond scheme, host and port stands in it, which may be a secret, or it is no URL.
    pub fn has_secrets(&self) -> bool {
        Url::parse(&self.0).map_or(true, |url| {
            let is_plain = url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
                && matches!(url.path(), "" | "/")
                && url.query().is_none()
                && url.fragment().is_none();
            !is_plain
        })
    }

    /// Takes the secrets of the URL out of a text, as out of a node's answer.
    pub fn redact(&self, text: &str) -> String {
        let mut secrets = self.secrets();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.iter().fold(text.to_owned(), |text, secret| {
            text.replace(secret.as_str(), HIDDEN)
        })
    }

    fn secrets(&self) -> Vec<String> {
        let mut secrets = vec![self.0.clone()];
        if let Ok(url) = Url::parse(&self.0) {
            secrets.push(url.username().to_owned());
            secrets.extend(url.password().map(str::to_owned));
            secrets.extend(url.path().split('/').map(str::to_owned));
            let query = url.query().unwrap_or_default();
            secrets.extend(query.split(['&', '=']).map(str::to_owned));
            secrets.extend(url.query_pairs().map(|(_, value)| value.into_owned()));
            secrets.extend(url.fragment().map(str::to_owned));
        }
        secrets.retain(|secret| secret.chars().count() > SHORT);
        secrets
    }
}

impl fmt::Display for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = Url::parse(&self.0).ok();
        let host = url.as_ref().and_then(|url| Some((url, url.host_str()?)));
        let Some((url, host)) = host else {
            return f.write_str("the given URL");
        };
        write!(f, "{}://{host}", url.scheme())?;
        if let Some(port) = url.port() {
            write!(f, ":{port}")?;
        }
        match (url.path(), url.query()) {
            ("" | "/", None) => Ok(()),
            _ => write!(f, "/{HIDDEN}"),
        }
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::SecretUrl;

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
            ("wss://example.com:443/secret", "wss://example.com/…"),
            ("http://[::1]:8899/secret", "http://[::1]:8899/…"),
            (
                "htps://me:secret@example.com:9/secret",
                "htps://example.com:9/…",
            ),
            ("data:secret", "the given URL"),
            ("me:secret@example.com", "the given URL"),
            ("http://example.com:secret/", "the given URL"),
            ("secret", "the given URL"),
        ] {
            let url = SecretUrl::new(url);
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), format!("\"{shown}\""));
        }
    }

    #[test]
    fn scheme_host_and_port_are_no_secrets() {
        for url in [
            "http://localhost:8899",
            "https://api.devnet.solana.com/",
            "http://[::1]:8899",
        ] {
            assert!(!SecretUrl::new(url).has_secrets(), "{url}");
        }
        for url in [
            "https://me@example.com",
            "https://me:secret@example.com",
            "https://:secret@example.com",
            "https://example.com/secret",
            "https://example.com/?api-key=secret",
            "https://example.com/?",
            "https://example.com/#secret",
            "data:secret",
            "secret",
        ] {
            assert!(SecretUrl::new(url).has_secrets(), "{url}");
        }
    }

    #[test]
    fn a_blank_is_no_part_of_a_url() {
        let url = SecretUrl::new(" http://localhost:8899\n");
        assert_eq!(url.expose(), "http://localhost:8899");
    }

    #[test]
    fn an_answer_that_repeats_a_secret_is_shown_without_it() {
        let url =
            SecretUrl::new("https://user-1:password@example.com/v2/path-token?key=query%20key");
        let answer = "v2: path-token, query key and query%20key of user-1 (password) are unknown";
        assert_eq!(url.redact(answer), "v2: …, … and … of … (…) are unknown");
        assert_eq!(SecretUrl::new("token-1").redact("no token-1"), "no …");
        assert_eq!(SecretUrl::new("").redact("text"), "text");
    }
}
