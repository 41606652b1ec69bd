//! What became of the items of a mutation.

use {
    super::{json_status, line, report_error, status, versioned, Output, Versioned},
    crate::{
        context::Context,
        drain::summary::Summary,
        error::{CliError, Exit, Kind},
    },
    ebb_sdk::ledger::Receipt,
    serde::Serialize,
    serde_json::Value,
    solana_sdk::signature::Signature,
};

/// What became of one item of a mutation.
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
    pub from: Value,
    /// How it is, likewise.
    pub to: Value,
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
    /// One line for people.
    #[serde(skip)]
    text: String,
}

impl Item {
    /// An item that was changed.
    pub fn changed(
        action: &'static str,
        code: impl Into<String>,
        from: impl Into<Value>,
        to: impl Into<Value>,
        receipt: &Receipt,
        text: impl Into<String>,
    ) -> Self {
        let signature = Some(&receipt.signature);
        Self::written(action, code, from, to, signature, text)
    }

    /// An item that was changed, if by a transaction then by this one.
    pub fn written(
        action: &'static str,
        code: impl Into<String>,
        from: impl Into<Value>,
        to: impl Into<Value>,
        signature: Option<&Signature>,
        text: impl Into<String>,
    ) -> Self {
        Self {
            code: Some(code.into()),
            path: None,
            hold: None,
            drain: None,
            action,
            from: from.into(),
            to: to.into(),
            changed: true,
            signature: signature.map(ToString::to_string),
            text: text.into(),
            failure: None,
        }
    }

    /// An item that was as asked already.
    pub fn unchanged(
        action: &'static str,
        code: impl Into<String>,
        state: impl Into<Value>,
        text: impl Into<String>,
    ) -> Self {
        let state = state.into();
        Self {
            code: Some(code.into()),
            path: None,
            hold: None,
            drain: None,
            action,
            from: state.clone(),
            to: state,
            changed: false,
            signature: None,
            text: text.into(),
            failure: None,
        }
    }

    /// Why it was not done.
    pub fn failure(&self) -> Option<&CliError> {
        self.failure.as_deref()
    }

    /// An item that was not done.
    pub fn failed(
        action: &'static str,
        code: Option<String>,
        state: impl Into<Value>,
        error: CliError,
    ) -> Self {
        let state = state.into();
        Self {
            code,
            path: None,
            hold: None,
            drain: None,
            action,
            from: state.clone(),
            to: state,
            changed: false,
            signature: None,
            text: String::new(),
            failure: Some(Box::new(error)),
        }
    }

    /// An item that the run did not come to the end of before it ended with `error`. Where its transaction may have been
    /// sent, `look` is the command that shows whether it was accepted.
    pub fn cut_short(
        action: &'static str,
        code: &str,
        is_sent: bool,
        error: CliError,
        look: &str,
    ) -> Self {
        let error = match is_sent {
            true => error
                .at(format!("{code}: sent, and not known to be accepted"))
                .hint(format!("look at it: {look}")),
            false => error.at(format!("{code}: never started")),
        };
        Self::failed(action, Some(code.to_owned()), Value::Null, error)
    }

    /// What landed, for people who could not read it where it belongs.
    fn landed(&self) -> Option<String> {
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

    /// The same in other words for people.
    pub fn saying(self, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..self
        }
    }
}

/// Collects the items of a mutation. People read each as it comes, scripts all of them at the end.
pub struct Report {
    output: Output,
    verbose: bool,
    items: Vec<Item>,
    /// Why stdout does not have all of it.
    unwritten: Option<CliError>,
}

impl Report {
    /// Nothing yet.
    pub fn new(context: &Context) -> Self {
        Self::to(context.output, context.verbose)
    }

    /// Nothing yet, where there is no ledger to open.
    pub fn to(output: Output, verbose: bool) -> Self {
        Self {
            output,
            verbose,
            items: vec![],
            unwritten: None,
        }
    }

    /// One item more. That stdout cannot be written to does not stop what is still to be done: then stderr says what
    /// landed.
    ///
    /// # Errors
    /// That the transaction was to be signed only: there is nothing to report, and nothing more to do.
    pub fn push(&mut self, item: Item) -> Result<(), CliError> {
        if let Some(signed) = item.failure().filter(|it| it.signed().is_some()) {
            return Err(signed.clone());
        }
        if !self.output.is_json() {
            let written = self.tell(&item);
            self.shown(written);
            self.tell_unwritten(&item);
        }
        self.items.push(item);
        Ok(())
    }

    /// Takes note of whether people could be shown items, where that is done elsewhere.
    pub fn shown(&mut self, written: Result<(), CliError>) {
        self.unwritten = self.unwritten.take().or(written.err());
    }

    /// One item more, of which people are told elsewhere unless it failed.
    pub fn push_untold(&mut self, item: Item) {
        if !self.output.is_json() {
            if let Some(error) = item.failure() {
                report_error(error, self.output, self.verbose);
            }
            self.tell_unwritten(&item);
        }
        self.items.push(item);
    }

    fn tell_unwritten(&self, item: &Item) {
        if let (Some(_), Some(landed)) = (&self.unwritten, item.landed()) {
            status(format_args!("done, and not written to stdout: {landed}"));
        }
    }

    fn tell(&self, item: &Item) -> Result<(), CliError> {
        match (item.failure(), &item.signature) {
            (Some(error), _) => {
                report_error(error, self.output, self.verbose);
                Ok(())
            }
            (None, Some(signature)) if self.verbose => {
                line(format_args!("{} ({signature})", item.text))
            }
            (None, _) => line(&item.text),
        }
    }

    /// Ends early, with what scripts read of what was done until then.
    pub fn cut_short(self, error: CliError) -> Result<Exit, CliError> {
        let (output, verbose) = (self.output, self.verbose);
        if !self.items.is_empty() {
            if let Err(unwritten) = self.finish() {
                report_error(&unwritten, output, verbose);
            }
        }
        Err(error)
    }

    /// Writes what scripts read; the gravest failure decides the exit code.
    ///
    /// # Errors
    /// That stdout could not be written to. A reader that went away is none.
    pub fn finish(mut self) -> Result<Exit, CliError> {
        let exit = Exit::of(self.items.iter().filter_map(Item::failure));
        if self.output.is_json() {
            #[derive(Serialize)]
            struct Results<'a> {
                results: &'a [Item],
            }
            let results = Results {
                results: &self.items,
            };
            let written = versioned(self.output, &results);
            if written.is_err() && self.items.iter().any(|item| item.changed) {
                json_status(self.output, &Versioned::new(&results));
            }
            self.shown(written);
        }
        match self.unwritten {
            Some(error) if error.kind() != Kind::BrokenPipe => {
                Err(error.at("cannot write to stdout"))
            }
            _ => Ok(exit),
        }
    }
}

/// Writes the result of a mutation of one item. What concerns the command line and not the item is passed on.
pub fn settle(
    context: &Context,
    action: &'static str,
    code: impl Into<String>,
    result: Result<Item, CliError>,
) -> Result<Exit, CliError> {
    let mut report = Report::new(context);
    report.push(settled(action, code, result)?)?;
    report.finish()
}

/// The result of a mutation as an item. What concerns the command line and not the item is passed on.
pub fn settled(
    action: &'static str,
    code: impl Into<String>,
    result: Result<Item, CliError>,
) -> Result<Item, CliError> {
    match result {
        Ok(item) => Ok(item),
        Err(error) => match error.kind() {
            Kind::Usage | Kind::Interrupted(_) | Kind::BrokenPipe => Err(error),
            _ => Ok(Item::failed(action, Some(code.into()), Value::Null, error)),
        },
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
        let item = Item::failed("import", None, Value::Null, error);
        assert_eq!(
            json(&item),
            r#"{"code":null,"action":"import","from":null,"to":null,"changed":false,"signature":null,"error":{"kind":"refused","code":6020,"name":"Unauthorized","message":"the signer holds no role under the credential it passed"}}"#
        );
    }

    #[test]
    fn the_gravest_failure_decides_the_exit_code() {
        let mut report = Report::to(Output::Table, false);
        for error in [
            CliError::not_found("absent"),
            CliError::refused(EbbError::LiveHold),
        ] {
            let item = Item::failed("drain", Some("ams-dz001".into()), "activated", error);
            report.push(item).unwrap();
        }
        assert_eq!(report.finish().unwrap(), Exit(4));
    }
}
