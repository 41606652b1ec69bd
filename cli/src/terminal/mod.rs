//! What is written to the standard streams: stdout holds the result and nothing else.

mod cell;
mod columns;
mod detect;
mod escape;
mod format;
#[cfg(feature = "top")]
pub mod full_screen;
#[cfg(feature = "agent")]
pub mod log;
mod output;
mod stream;
pub mod time;
mod wrap;

#[cfg(feature = "top")]
pub use wrap::{display_width, wrapped};
pub use {
    cell::Cell,
    columns::{Columns, Field},
    detect::{stderr_colour, Terminal},
    escape::{escaped, escaped_between_styles},
    format::Format,
    output::Output,
    stream::{
        bytes, fields, json, json_status, line, paragraph, question, rendered, result_paragraph,
        status, status_table, table, Bars,
    },
};
