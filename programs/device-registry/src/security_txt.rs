//! Whom to report a vulnerability to, for those who find the program and nothing else.

use solana_security_txt::security_txt;

security_txt! {
    name: "Ebb",
    project_url: env!("CARGO_PKG_REPOSITORY"),
    contacts: concat!("link:", env!("CARGO_PKG_REPOSITORY"), "/issues"),
    policy: "Ask for a private channel in an issue that does not describe the vulnerability. No bounty is promised.",
    preferred_languages: "en",
    source_code: env!("CARGO_PKG_REPOSITORY")
}

/// Nothing in the program reads the text, so nothing else keeps it in.
#[used]
static KEPT: &str = SECURITY_TXT;
