//! CSV files: no bytes make the reader panic, and each line has the number that it has in the file.
#![no_main]

#[path = "../../../cli/src/input/csv_file/mod.rs"]
mod csv_file;

use {
    csv_file::{error::Problem, CsvColumns, CsvError, CsvFile, Line},
    libfuzzer_sys::fuzz_target,
};

/// Those of `ebb device import`.
const COLUMNS: CsvColumns = CsvColumns {
    required: &[
        "code",
        "contributor",
        "location",
        "device_type",
        "public_ip",
        "max_sessions",
    ],
    optional: &["agent"],
};

type Device = (u32, Option<u64>);

fuzz_target!(|data: &[u8]| {
    let lines = Lines::of(data);
    let read = CsvFile::new(data.to_vec()).and_then(|file| {
        file.read(&COLUMNS, |row| {
            let sessions = row.parse("max_sessions", str::parse::<u32>)?;
            let agent = row.parse_optional("agent", str::parse::<u64>)?;
            Ok((sessions, agent))
        })
    });
    match read {
        Ok(read) => check_lines(&read, &lines),
        Err(error) => check_error(&error, &lines),
    }
});

/// The lines of a file, found otherwise than the reader's.
enum Lines {
    Text(Vec<String>),
    /// How many there may be in what is no UTF-8.
    AtMost(usize),
}

impl Lines {
    fn of(data: &[u8]) -> Self {
        match std::str::from_utf8(data) {
            Ok(text) => {
                let text = text.replace("\r\n", "\n").replace('\r', "\n");
                Self::Text(text.split('\n').map(str::to_owned).collect())
            }
            Err(_) => Self::AtMost(data.len() + 1),
        }
    }

    fn has(&self, number: u64) -> bool {
        let count = match self {
            Self::Text(lines) => lines.len(),
            Self::AtMost(count) => *count,
        };
        (1..=count as u64).contains(&number)
    }

    /// The text of a line.
    fn get(&self, number: u64) -> Option<&str> {
        match self {
            Self::Text(lines) => lines.get(number as usize - 1).map(String::as_str),
            Self::AtMost(_) => None,
        }
    }
}

fn check_lines(read: &[Line<Device>], lines: &Lines) {
    assert!(read.is_sorted_by(|one, next| one.number < next.number));
    for (at, line) in read.iter().enumerate() {
        assert!(lines.has(line.number), "line {}", line.number);
        match &line.content {
            Ok((sessions, _)) => check_line(line, *sessions, lines),
            Err(error) => {
                assert_eq!(error.line, Some(line.number));
                check_error(error, lines);
                check_duplicate(&error.problem, &read[..at]);
            }
        }
    }
}

/// What was read of a line stands on it, but for quotes.
fn check_line(line: &Line<Device>, sessions: u32, lines: &Lines) {
    let Some(text) = lines.get(line.number) else {
        return;
    };
    let text = text.replace('"', "");
    assert!(text.contains(&sessions.to_string()), "{text}");
    assert!(text.contains(&line.code.replace('"', "")), "{text}");
}

/// An earlier line that is named has the code.
fn check_duplicate(problem: &Problem, before: &[Line<Device>]) {
    if let Problem::DuplicateCode { code, earlier } = problem {
        let first = before.iter().find(|line| line.number == *earlier);
        assert_eq!(first.map(|line| &line.code), Some(code));
    }
}

/// An error says what is wrong and where.
fn check_error(error: &CsvError, lines: &Lines) {
    let text = error.to_string();
    assert!(!text.is_empty());
    assert!(error.line.is_none_or(|line| lines.has(line)), "{error:?}");
    let closed = match &error.problem {
        Problem::LineBreak { closed } => Some(*closed),
        _ => None,
    };
    assert!(closed.is_none_or(|line| lines.has(line)), "{error:?}");
    if let Problem::MissingColumns(names) = &error.problem {
        assert!(names.iter().all(|name| text.contains(&format!("`{name}`"))));
        assert!(error.right.is_some());
    }
    if let Problem::Field { column, .. } = &error.problem {
        assert!(text.starts_with(column));
    }
    let shown = error.clone().showing(|text| text.to_owned());
    assert_eq!(&shown, error);
}
