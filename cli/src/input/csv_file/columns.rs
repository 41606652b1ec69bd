//! The columns that a file may have.

/// The columns of a file, in any order and in any case.
pub struct CsvColumns {
    /// Those that must be there.
    pub required: &'static [&'static str],
    /// Those that may.
    pub optional: &'static [&'static str],
}

impl CsvColumns {
    /// What the first line is, with the separator that was found.
    pub fn right(&self, separator: u8) -> String {
        let separator = match separator {
            b'\t' => "<TAB>".to_owned(),
            separator => char::from(separator).to_string(),
        };
        let optional = self.optional.iter();
        let optional: String = optional
            .map(|name| format!("[{separator}{name}]"))
            .collect();
        format!(
            "the first line is {}{optional}",
            self.required.join(&separator)
        )
    }

    /// Whether a column of this name is read.
    pub fn is_known(&self, name: &str) -> bool {
        self.required.contains(&name) || self.optional.contains(&name)
    }
}
