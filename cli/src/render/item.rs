//! The outcomes of the items of a mutation.

use {
    super::drain::summary::Summary,
    crate::error::CliError,
    ebb_sdk::ledger::{SignedMessage, Submission},
    serde::Serialize,
    solana_sdk::signature::Signature,
};

/// The outcome of one item of a mutation.
#[derive(Clone, Debug, Serialize)]
pub struct Item {
    /// What it was done to: a code, or `registry`.
    pub code: Option<String>,
    /// The path of the disk key it was done to, where it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// The number of the hold it was done to, where it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<u32>,
    /// The verb.
    pub action: &'static str,
    /// How it was, as text; null where there was nothing.
    pub from: Option<String>,
    /// How it is, likewise.
    pub to: Option<String>,
    /// Whether anything was written.
    pub changed: bool,
    /// The transaction that wrote it.
    pub signature: Option<String>,
    /// How its drain went, where one was waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    drain: Option<Summary>,
    /// Why it was not done.
    #[serde(rename = "error")]
    failure: Option<Box<CliError>>,
    /// The message of its transaction, where that was to be signed only.
    #[serde(skip)]
    signed: Option<Box<SignedMessage>>,
    /// One line for people.
    #[serde(skip)]
    text: String,
}

impl Item {
    /// An item that nothing was done to.
    fn untouched(action: &'static str, code: Option<String>, state: Option<&str>) -> Self {
        let state = state.map(str::to_owned);
        Self {
            code,
            path: None,
            hold: None,
            action,
            from: state.clone(),
            to: state,
            changed: false,
            signature: None,
            drain: None,
            failure: None,
            signed: None,
            text: String::new(),
        }
    }

    /// An item whose transaction was submitted.
    pub fn changed<'a>(
        action: &'static str,
        code: impl Into<String>,
        from: impl Into<Option<&'a str>>,
        to: impl Into<Option<&'a str>>,
        submission: &Submission,
        text: impl Into<String>,
    ) -> Self {
        match submission {
            Submission::Accepted(receipt) => {
                Self::written(action, code, from, to, Some(&receipt.signature), text)
            }
            Submission::SignedOnly(message) => Self::signed_only(action, code, message),
        }
    }

    /// An item that was changed, if by a transaction then by this one.
    pub fn written<'a>(
        action: &'static str,
        code: impl Into<String>,
        from: impl Into<Option<&'a str>>,
        to: impl Into<Option<&'a str>>,
        signature: Option<&Signature>,
        text: impl Into<String>,
    ) -> Self {
        Self {
            to: to.into().map(str::to_owned),
            changed: true,
            signature: signature.map(ToString::to_string),
            text: text.into(),
            ..Self::untouched(action, Some(code.into()), from.into())
        }
    }

    /// An item that was as asked already.
    pub fn unchanged<'a>(
        action: &'static str,
        code: impl Into<String>,
        state: impl Into<Option<&'a str>>,
        text: impl Into<String>,
    ) -> Self {
        Self {
            text: text.into(),
            ..Self::untouched(action, Some(code.into()), state.into())
        }
    }

    /// An item whose transaction was signed and not sent.
    pub fn signed_only(
        action: &'static str,
        code: impl Into<String>,
        message: &SignedMessage,
    ) -> Self {
        Self {
            signed: Some(Box::new(message.clone())),
            ..Self::untouched(action, Some(code.into()), None)
        }
    }

    /// Why it was not done.
    pub fn failure(&self) -> Option<&CliError> {
        self.failure.as_deref()
    }

    /// What was signed, where nothing was to be sent.
    pub fn signed(&self) -> Option<&SignedMessage> {
        self.signed.as_deref()
    }

    /// An item that was not done.
    pub fn failed<'a>(
        action: &'static str,
        code: Option<String>,
        state: impl Into<Option<&'a str>>,
        error: CliError,
    ) -> Self {
        Self {
            failure: Some(Box::new(error)),
            ..Self::untouched(action, code, state.into())
        }
    }

    /// An item that the run did not come to the end of before it ended with `error`. Where its transaction may have been
    /// sent, `inspect` is the command that shows whether it was accepted.
    pub fn cut_short(
        action: &'static str,
        code: &str,
        is_sent: bool,
        error: CliError,
        inspect: &str,
    ) -> Self {
        let error = if is_sent {
            error
                .at(format!("{code}: sent, and not known to be accepted"))
                .hint(format!("check it: {inspect}"))
        } else {
            error.at(format!("{code}: never started"))
        };
        Self::failed(action, Some(code.to_owned()), None, error)
    }

    /// What landed, for people who could not read it where it belongs.
    pub(super) fn landed(&self) -> Option<String> {
        let text = match (self.text.is_empty(), &self.code) {
            (true, Some(code)) => format!("{code}: {} was accepted", self.action),
            _ => self.text.clone(),
        };
        let signature = self.signature.as_deref();
        self.changed.then(|| match signature {
            Some(signature) => format!("{text} ({signature})"),
            None => text,
        })
    }
}

impl Item {
    /// The same, done to the disk key at a path.
    pub fn on(self, path: impl Into<String>) -> Self {
        Self {
            path: Some(path.into()),
            ..self
        }
    }

    /// The same, done to the hold of a number.
    pub fn of_hold(self, id: u32) -> Self {
        Self {
            hold: Some(id),
            ..self
        }
    }

    /// The same, with how its drain went.
    pub fn with_drain(self, drain: Summary) -> Self {
        Self {
            drain: Some(drain),
            ..self
        }
    }

    /// The same, but something failed after it was done.
    pub fn but(self, error: CliError) -> Self {
        Self {
            failure: Some(Box::new(error)),
            ..self
        }
    }

    /// The line for people.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same with another text for people.
    pub fn saying(self, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use {super::*, ebb_sdk::EbbError};

    fn json(item: &Item) -> String {
        serde_json::to_string(item).unwrap()
    }

    #[test]
    fn items_have_every_field() {
        let item = Item::unchanged("suspend", "co01", "suspended", "co01: suspended already");
        assert_eq!(
            json(&item),
            r#"{"code":"co01","action":"suspend","from":"suspended","to":"suspended","changed":false,"signature":null,"error":null}"#
        );
        let error = CliError::refused(EbbError::Unauthorized);
        let item = Item::failed("import", None, None, error);
        assert_eq!(
            json(&item),
            r#"{"code":null,"action":"import","from":null,"to":null,"changed":false,"signature":null,"error":{"kind":"refused","code":6020,"name":"Unauthorized","message":"the signer holds no role under the credential it passed"}}"#
        );
    }
}
