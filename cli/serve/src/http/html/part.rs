//! What stands in many places of a page. Each writes its own HTML.

use {
    askama::{filters::HtmlSafe, Template},
    ebb_sdk::{
        json::rfc3339,
        text::{distance, escaped},
        Role,
    },
    solana_sdk::pubkey::Pubkey,
};

/// Text of others: isolated, so that its direction ends with it, and without letters that cannot be seen.
#[derive(Clone, Debug, Template)]
#[template(source = "<bdi>{{ text }}</bdi>", ext = "html")]
pub struct UserText {
    text: String,
}

impl UserText {
    /// The text as it is shown.
    pub fn new(text: &str) -> Self {
        Self {
            text: escaped(text).into_owned(),
        }
    }

    /// The same; `None` where there is none.
    pub fn given(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self::new(text))
    }
}

impl HtmlSafe for UserText {}

/// How far from now a time lies, which the script keeps up to date, and the time.
#[derive(Clone, Debug, Template)]
#[template(
    source = r#"<time datetime="{{ at }}"{% if is_brief %} title="{{ at }}"{% endif %} data-relative{% if is_due %} data-due{% endif %}>{{ distance }}</time>{% if !is_brief %} <small>({{ at }})</small>{% endif %}"#,
    ext = "html"
)]
pub struct Moment {
    at: String,
    distance: String,
    is_due: bool,
    is_brief: bool,
}

impl Moment {
    /// A time in Unix seconds; `None` where it is not known.
    pub fn new(at: i64, now: i64) -> Option<Self> {
        Some(Self {
            at: rfc3339(at)?,
            distance: distance(at, now),
            is_due: false,
            is_brief: false,
        })
    }

    /// The same, with the time for those alone who point at it.
    pub fn brief(self) -> Self {
        Self {
            is_brief: true,
            ..self
        }
    }

    /// The same, by which something is to be done: the script marks it once it has passed.
    pub fn due(self) -> Self {
        Self {
            is_due: true,
            ..self
        }
    }
}

impl HtmlSafe for Moment {}

/// Who signed, in which role.
#[derive(Clone, Debug, Template)]
#[template(
    source = r#"{{ role }} <code class="key" title="{{ key }}">{{ key }}</code>"#,
    ext = "html"
)]
pub struct Signer {
    role: &'static str,
    key: String,
}

impl Signer {
    /// A signer.
    pub fn new(role: Role, key: &Pubkey) -> Self {
        Self {
            role: role.as_str(),
            key: key.to_string(),
        }
    }
}

impl HtmlSafe for Signer {}
