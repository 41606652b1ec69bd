//! What is written of the items of a mutation, and where that is not stdout.

use {
    super::{
        document::{versioned, Versioned},
        error::report_error,
        item::Item,
        signed::signed,
    },
    crate::{
        context::Context,
        error::{CliError, Exit, Kind},
        terminal::{json_status, result_paragraph, status, Output},
    },
    ebb_sdk::ledger::SignedMessage,
    serde::Serialize,
};

/// Collects the items of a mutation. People read each as it comes, scripts all of them at the end.
pub struct Report {
    output: Output,
    verbose: bool,
    /// Print what is signed only with its message.
    dumps_message: bool,
    items: Vec<Item>,
    /// Whether a transaction was signed only, and so is the result.
    is_signed: bool,
    /// Why stdout does not have all of it.
    unwritten: Option<CliError>,
}

impl Report {
    /// Nothing yet.
    pub fn new(context: &Context) -> Self {
        Self {
            dumps_message: context.dumps_message(),
            ..Self::to(context.output, context.verbose)
        }
    }

    /// Nothing yet, where there is no ledger to open.
    pub fn to(output: Output, verbose: bool) -> Self {
        Self {
            output,
            verbose,
            dumps_message: false,
            items: vec![],
            is_signed: false,
            unwritten: None,
        }
    }

    /// One item more. That stdout cannot be written to does not stop what is still to be done: then stderr says what
    /// landed.
    pub fn push(&mut self, item: Item) {
        if let Some(message) = item.signed() {
            return self.print_signed(message);
        }
        if !self.output.is_json() {
            let written = self.print(&item);
            self.shown(written);
            self.print_unwritten(&item);
        }
        self.items.push(item);
    }

    /// Writes what was signed, once: several items may share a transaction.
    fn print_signed(&mut self, message: &SignedMessage) {
        if !self.is_signed {
            self.is_signed = true;
            let written = signed(self.output, message, self.dumps_message);
            self.shown(written);
        }
    }

    /// Takes note of whether people could be shown items, where that is done elsewhere.
    pub fn shown(&mut self, written: Result<(), CliError>) {
        self.unwritten = self.unwritten.take().or(written.err());
    }

    /// One item more, which people read elsewhere unless it failed.
    pub fn push_quietly(&mut self, item: Item) {
        if !self.output.is_json() {
            if let Some(error) = item.failure() {
                report_error(error, self.output, self.verbose);
            }
            self.print_unwritten(&item);
        }
        self.items.push(item);
    }

    fn print_unwritten(&self, item: &Item) {
        if let (Some(_), Some(landed)) = (&self.unwritten, item.landed()) {
            status(format_args!("done, and not written to stdout: {landed}"));
        }
    }

    fn print(&self, item: &Item) -> Result<(), CliError> {
        match (item.failure(), &item.signature) {
            (Some(error), _) => {
                report_error(error, self.output, self.verbose);
                Ok(())
            }
            (None, Some(signature)) if self.verbose => {
                result_paragraph(format_args!("{} ({signature})", item.text()))
            }
            (None, _) => result_paragraph(item.text()),
        }
    }

    /// Ends early, with what scripts read of what was done until then.
    pub fn cut_short(self, error: CliError) -> Result<Exit, CliError> {
        if self.is_signed {
            return self.finish();
        }
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
        if self.output.is_json() && !self.is_signed {
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
            Some(error) if error.kind() != Kind::BrokenPipe => Err(error),
            _ => Ok(exit),
        }
    }
}

/// Writes the result of a mutation of one item. What concerns the command line and not the item is passed on.
pub fn report_item(
    context: &Context,
    action: &'static str,
    code: impl Into<String>,
    result: Result<Item, CliError>,
) -> Result<Exit, CliError> {
    let mut report = Report::new(context);
    report.push(as_item(action, code, result)?);
    report.finish()
}

/// The result of a mutation as an item. What concerns the command line and not the item is passed on.
pub fn as_item(
    action: &'static str,
    code: impl Into<String>,
    result: Result<Item, CliError>,
) -> Result<Item, CliError> {
    match result {
        Ok(item) => Ok(item),
        Err(error) => match error.kind() {
            Kind::Usage | Kind::Interrupted(_) | Kind::BrokenPipe => Err(error),
            _ => Ok(Item::failed(action, Some(code.into()), None, error)),
        },
    }
}

#[cfg(test)]
mod tests {
    use {super::*, ebb_sdk::EbbError};

    #[test]
    fn the_gravest_failure_decides_the_exit_code() {
        let mut report = Report::to(Output::Table, false);
        for error in [
            CliError::not_found("absent"),
            CliError::refused(EbbError::LiveHold),
        ] {
            let item = Item::failed("drain", Some("ams-dz001".into()), "activated", error);
            report.push(item);
        }
        assert_eq!(report.finish().unwrap(), Exit(4));
    }
}
