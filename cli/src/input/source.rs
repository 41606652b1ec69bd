//! Where the lines of an import come from: a file, a pipe, or stdin.

use {
    super::secret::shown,
    crate::{
        error::CliError,
        input::csv_file::{CsvColumns, CsvError, CsvFile, CsvRow, Line},
        stop,
        terminal::status,
    },
    std::{
        fs::File,
        io::{self, Read},
        path::Path,
    },
};

/// The most bytes that a file may have: many times what the largest network needs.
const MAX_BYTES: u64 = 64 << 20;

/// Reads the lines of a file; `-` is stdin.
///
/// # Errors
/// The file cannot be read, is too large, or is as a whole no file of these columns.
pub fn read<T>(
    path: &Path,
    columns: &CsvColumns,
    parse: impl Fn(&CsvRow) -> Result<T, CsvError>,
) -> Result<Vec<Line<T>>, CliError> {
    let name = if path.as_os_str() == "-" {
        "stdin".into()
    } else {
        path.to_string_lossy()
    };
    let source = path.to_owned();
    let bytes = stop::ask(move || bytes(&source))?
        .map_err(|error| CliError::usage(format!("cannot read {name}: {error}")))?;
    if bytes.len() as u64 > MAX_BYTES {
        let most = MAX_BYTES >> 20;
        return Err(CliError::usage(format!("{name} has more than {most} MiB"))
            .hint("split it into several files"));
    }
    let mut lines = CsvFile::new(bytes)
        .and_then(|file| file.read(columns, parse))
        .map_err(|error| {
            let line = error.line;
            let error = CliError::from(error);
            match line {
                Some(line) => error.at(format_args!("{name}: line {line}")),
                None => error.at(&name),
            }
        })?;
    if lines.is_empty() {
        status(format_args!(
            "{name} has its first line and no other: there is nothing to import"
        ));
    }
    for line in &mut lines {
        line.code = shown(&line.code).into_owned();
    }
    Ok(lines)
}

impl From<CsvError> for CliError {
    fn from(error: CsvError) -> Self {
        let error = error.showing(|text| shown(text).into_owned());
        let usage = Self::usage(error.to_string());
        error.right.into_iter().fold(usage, Self::hint)
    }
}

/// The bytes of a file, and no more than are taken.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let source: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(path)?)
    };
    let mut bytes = vec![];
    source
        .take(MAX_BYTES.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use {super::*, std::fs};

    const COLUMNS: CsvColumns = CsvColumns {
        required: &["code"],
        optional: &[],
    };

    fn refused(path: &Path) -> CliError {
        read(path, &COLUMNS, |_| Ok(())).unwrap_err()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_cannot_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_owned(), folder.path().join("absent.csv")] {
            let error = refused(&path);
            let start = format!("cannot read {}: ", path.display());
            assert!(error.to_string().starts_with(&start), "{error}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_file_has_a_largest_size() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large.csv");
        let file = fs::File::create(&path).unwrap();
        file.set_len(MAX_BYTES + 1).unwrap();
        let error = refused(&path);
        assert!(error
            .to_string()
            .ends_with("large.csv has more than 64 MiB"));
        file.set_len(MAX_BYTES).unwrap();
        assert!(refused(&path)
            .to_string()
            .ends_with("large.csv: the file is empty"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_wrong_file_is_named_with_the_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("twice.csv");
        fs::write(&path, "sep=;\ncode;code\n").unwrap();
        assert_eq!(
            refused(&path).to_string(),
            format!(
                "{}: line 2: column `code` stands there twice, as column 1 and as column 2",
                path.display()
            )
        );
    }
}
