use {
    crate::{
        error::{CliError, ErrorBody},
        terminal::{json_status, paragraph, status, Output},
    },
    serde::Serialize,
};

/// Writes an error to stderr.
pub fn report_error(error: &CliError, output: Output, verbose: bool) {
    if output.is_json() {
        #[derive(Serialize)]
        struct ErrorDocument {
            error: ErrorBody,
        }
        let error = error.body();
        return json_status(output, &ErrorDocument { error });
    }
    paragraph(format_args!("error: {error}"));
    for hint in error.hints() {
        status(format_args!("hint: {hint}"));
    }
    if verbose {
        for log in error.logs() {
            status(format_args!("log: {log}"));
        }
    }
}
