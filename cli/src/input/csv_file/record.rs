//! Records as they are in a file, whatever their columns mean.

use csv::{ReaderBuilder, StringRecord};

/// Reads records whose fields stand between separators.
pub fn reader(separator: u8) -> ReaderBuilder {
    let mut reader = ReaderBuilder::new();
    reader
        .has_headers(false)
        .flexible(true)
        .delimiter(separator);
    reader
}

/// How many fields there are up to the last that is not empty.
pub fn width(record: &StringRecord) -> usize {
    let fields = record.iter().rev();
    fields.skip_while(|field| field.is_empty()).count()
}
