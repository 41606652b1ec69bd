//! The options of verbs that may ask a server in place of the ledger. They may stand before the verb too.

use {
    super::{options::SERVER, signing::copies},
    crate::error::CliError,
    clap::{parser::ValueSource, Arg, ArgMatches},
    ebb_sdk::rpc::SecretUrl,
    url::Url,
};

/// The options of a verb that a server can answer.
pub fn asking() -> Vec<Arg> {
    let options = copies(|arg| arg.get_help_heading() == Some(SERVER));
    options.into_iter().map(|arg| arg.hide(false)).collect()
}

/// Whether a server that is named counts: not one that the environment names where the command line names a ledger, or, of
/// a verb that takes one, a store. Such a verb compares a server with a ledger, and with no store.
///
/// # Errors
/// The command line names both.
pub fn is_chosen(matches: &ArgMatches) -> Result<bool, String> {
    let is_given = |option| matches.value_source(option) == Some(ValueSource::CommandLine);
    let takes_store = matches.try_contains_id("history").is_ok();
    let is_store_given = takes_store && is_given("history");
    let other = if takes_store {
        is_store_given.then_some("history")
    } else {
        is_given("url").then_some("url")
    };
    match (other, is_given("server")) {
        (Some(other), true) => Err(format!(
            "--{other} and --server both name what to read: leave out one of them"
        )),
        (_, is_server_given) => Ok(is_server_given || !(is_given("url") || is_store_given)),
    }
}

/// Takes the URL of a server.
pub fn url(named: &SecretUrl) -> Result<Url, CliError> {
    let parsed = Url::parse(named.expose()).ok();
    let is_http = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    parsed.filter(is_http).ok_or_else(|| {
        CliError::usage(format!("--server: {named} is no URL of HTTP"))
            .hint("right is, for example, --server http://127.0.0.1:8080")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_url_is_refused_without_its_secrets() {
        for (text, shown) in [
            ("ftp://me:token@host/token", "ftp://host/…"),
            ("127.0.0.1:8080", "the given URL"),
            ("token", "the given URL"),
        ] {
            let error = url(&SecretUrl::new(text)).unwrap_err();
            let expected = format!("--server: {shown} is no URL of HTTP");
            assert_eq!(error.to_string(), expected);
        }
        assert!(url(&SecretUrl::new("https://ebb.example.com/proxy?key=x")).is_ok());
    }
}
