use super::{error::Problem, *};

const COLUMNS: CsvColumns = CsvColumns {
    required: &["code", "size"],
    optional: &["note"],
};

const RIGHT: &str = "the first line is code,size[,note]";

fn read(bytes: impl Into<Vec<u8>>) -> Result<Vec<Line<u32>>, CsvError> {
    CsvFile::new(bytes.into())?.read(&COLUMNS, |row| row.parse("size", str::parse))
}

/// The lines that can be read: number, code and size.
#[track_caller]
fn sound(bytes: impl Into<Vec<u8>>) -> Vec<(u64, String, u32)> {
    let lines = read(bytes).unwrap().into_iter();
    lines
        .map(|line| (line.number, line.code, line.content.unwrap()))
        .collect()
}

fn both(first: u64, second: u64) -> Vec<(u64, String, u32)> {
    vec![(first, "a".to_owned(), 1), (second, "b".to_owned(), 2)]
}

/// Line, problem and advice of a file that is wrong as a whole.
#[track_caller]
fn wrong(bytes: impl Into<Vec<u8>>) -> (Option<u64>, Problem, Option<String>) {
    let error = read(bytes).unwrap_err();
    (error.line, error.problem, error.right)
}

/// What is wrong with the only line of a file.
#[track_caller]
fn wrong_line(text: &str) -> (u64, Problem) {
    let lines = read(text).unwrap();
    assert_eq!(lines.len(), 1, "{lines:?}");
    let error = lines[0].content.as_ref().unwrap_err();
    assert_eq!(error.line, Some(lines[0].number));
    (lines[0].number, error.problem.clone())
}

fn utf16(text: &str, mark: [u8; 2], bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(bytes);
    mark.into_iter().chain(units).collect()
}

#[test]
fn a_wrong_line_does_not_stop_the_others() {
    let lines = read("size, code\n1, a\nx,b\n2\n\n3,c\n").unwrap();
    let seen: Vec<_> = lines
        .iter()
        .map(|line| (line.number, line.code.as_str(), line.content.is_ok()))
        .collect();
    assert_eq!(
        seen,
        [
            (2, "a", true),
            (3, "b", false),
            (4, "", false),
            (6, "c", true)
        ]
    );
    assert_eq!(
        lines[1].content.as_ref().unwrap_err().to_string(),
        "size `x`: invalid digit found in string"
    );
    assert_eq!(
        lines[2].content.as_ref().unwrap_err().to_string(),
        "1 field, and the first line has 2"
    );
}

#[test]
fn a_code_stands_in_a_file_once() {
    let lines = read("code,size\na,1\n\na,1\n").unwrap();
    assert_eq!(
        lines[1].content.as_ref().unwrap_err().to_string(),
        "a stands on line 2 already"
    );
}

#[test]
fn lines_end_as_they_like_and_blank_ones_are_none() {
    assert_eq!(sound("code,size\na,1\nb,2"), both(2, 3));
    assert_eq!(sound("code,size\r\na,1\r\nb,2\r\n"), both(2, 3));
    assert_eq!(sound("code,size\ra,1\r\rb,2\r"), both(2, 4));
    assert_eq!(
        sound("\u{feff}\r\n,,\r\ncode,size\r\n  \r\na,1\r\n,\r\n,,,\r\n\r\nb,2\r\n,\r\n"),
        both(5, 9)
    );
}

#[test]
fn any_usual_separator_is_read() {
    for separator in [",", ";", "\t", "|"] {
        let text = "code,size,note\na,1,\nb,2,x\n".replace(',', separator);
        assert_eq!(sound(text), both(2, 3), "{separator}");
    }
    // A note may have the others in it, and stands before the columns that must be there.
    assert_eq!(sound("note;code;size\n1,5;a;1\n;b;2\n"), both(2, 3));
    assert_eq!(sound("sep=;\r\ncode;size\r\na;1\r\nb;2\r\n"), both(3, 4));
    assert_eq!(sound("\u{feff}SEP=:\ncode:size\na:1\nb:2\n"), both(3, 4));
    assert_eq!(sound("\"sep=\t\"\ncode\tsize\na\t1\nb\t2\n"), both(3, 4));
    for named in ["", ";;", "x", "\"", "é"] {
        let problem = Problem::Separator {
            named: named.to_owned(),
        };
        let (line, found, right) = wrong(format!("sep={named}\ncode;size\n"));
        assert_eq!((line, found), (Some(1), problem));
        assert_eq!(
            right.as_deref(),
            Some("right is, for example, sep=; or sep=,")
        );
    }
}

#[test]
fn a_separator_at_the_end_begins_no_field() {
    assert_eq!(sound("code,size,\na,1,\nb,2,,,\n"), both(2, 3));
    assert_eq!(sound("code,size\na,1,\nb,2,\n"), both(2, 3));
    assert_eq!(
        wrong_line("code,size,\na,1,x\n"),
        (2, Problem::FieldCount { has: 3, needs: 2 })
    );
}

#[test]
fn names_of_columns_have_no_case() {
    assert_eq!(sound("\"Code\", SIZE \na,1\nb,2\n"), both(2, 3));
}

#[test]
fn a_wrong_header_stops_it() {
    let right = || Some(RIGHT.to_owned());
    assert_eq!(
        wrong("name\na\n"),
        (
            Some(1),
            Problem::MissingColumns(vec!["code".into(), "size".into()]),
            right()
        )
    );
    assert_eq!(
        wrong("code,size,nope,other\n"),
        (
            Some(1),
            Problem::UnknownColumns(vec!["nope".into(), "other".into()]),
            right()
        )
    );
    assert_eq!(
        wrong("\ncode,size,Code\n"),
        (
            Some(2),
            Problem::DuplicateColumn {
                name: "code".into(),
                first: 1,
                second: 3
            },
            right()
        )
    );
    assert_eq!(
        wrong("code,,size\n"),
        (Some(1), Problem::UnnamedColumn { position: 2 }, right())
    );
    for empty in ["", "\u{feff}", "\n , \n", "\u{1a}"] {
        assert_eq!(wrong(empty), (None, Problem::Empty, right()));
    }
}

#[test]
fn the_right_header_has_the_separator_that_was_found() {
    for (text, right) in [
        ("code\n", RIGHT),
        ("code;name\n", "the first line is code;size[;note]"),
        ("sep=|\nname\n", "the first line is code|size[|note]"),
        ("code\tname\n", "the first line is code<TAB>size[<TAB>note]"),
    ] {
        assert_eq!(wrong(text).2.as_deref(), Some(right));
    }
    let error = read("note\n").unwrap_err();
    assert_eq!(error.to_string(), "there are no columns `code`, `size`");
    let error = read("code,size,more\n").unwrap_err();
    assert_eq!(error.to_string(), "there is no use for column `more`");
}

#[test]
fn a_header_alone_is_a_file_without_lines() {
    assert!(read("code,size\n\n,,\n").unwrap().is_empty());
}

#[test]
fn a_quote_that_is_never_closed_is_named_where_it_opens() {
    let open = |text: &str| {
        let (line, problem, right) = wrong(text);
        assert!(right.unwrap().starts_with("close the quote"));
        (line, problem)
    };
    assert_eq!(
        open("code,size\nü,\"1\nb,2\n"),
        (Some(2), Problem::OpenQuote { character: 3 })
    );
    assert_eq!(
        open("sep=;\r\n\"code\";size\r\na;1\r\n\"b\"\"\"\";2\r\n"),
        (Some(4), Problem::OpenQuote { character: 1 })
    );
    assert_eq!(
        sound("\"code\",\"size\"\n\"a\",\"1\"\n\"b\",\"2\""),
        both(2, 3)
    );
    assert_eq!(
        wrong_line("code,size\n\"a,1\r\nb\",2\n"),
        (2, Problem::LineBreak { closed: 3 })
    );
    // Blank lines at the ends of a field are no less of it.
    assert_eq!(
        wrong_line("code,size\n\"\n\na\",1\n"),
        (2, Problem::LineBreak { closed: 4 })
    );
    assert_eq!(
        wrong_line("code,size,note\na,1, \"x\"\n"),
        (2, Problem::QuoteBehindBlank)
    );
}

#[test]
fn utf16_is_read_by_its_byte_order_mark() {
    let text = "code\tsize\tnote\r\na\t1\tZürich\r\nb\t2\t\r\n";
    assert_eq!(
        sound(utf16(text, [0xff, 0xfe], u16::to_le_bytes)),
        both(2, 3)
    );
    assert_eq!(
        sound(utf16(text, [0xfe, 0xff], u16::to_be_bytes)),
        both(2, 3)
    );
    let mut cut = utf16(text, [0xff, 0xfe], u16::to_le_bytes);
    cut.pop();
    assert_eq!(wrong(cut).1, Problem::NotUtf16);
    let unmarked = utf16(text, [b'\n', b'\n'], u16::to_le_bytes);
    let (line, problem, _) = wrong(unmarked);
    assert_eq!((line, problem), (Some(3), Problem::Nul));
}

#[test]
fn another_encoding_is_named_with_its_first_line() {
    let (line, problem, right) =
        wrong(*b"code,size,note\r\na,1,x\r\nb,2,Z\xfcrich\r\nc,3,\xe9\r\n");
    assert_eq!(
        (line, &problem),
        (Some(3), &Problem::NotUtf8 { byte: 0xfc })
    );
    assert_eq!(
        problem.to_string(),
        "the text is not UTF-8: its byte 0xFC is `ü` in Latin-1 (Windows-1252)"
    );
    assert!(right.unwrap().contains("iconv -f WINDOWS-1252 -t UTF-8"));
    assert_eq!(
        wrong(*b"\x96").1.to_string(),
        "the text is not UTF-8: it has the byte 0x96, perhaps of Latin-1 (Windows-1252)"
    );
}

#[test]
fn what_dos_ends_a_text_with_is_none_of_it() {
    assert_eq!(sound("code,size\r\na,1\r\nb,2\r\n\u{1a}"), both(2, 3));
    assert_eq!(
        sound("code\tsize\tnote\na\t1\t\nb\t2\t\n\u{1a}\0\0"),
        both(2, 3)
    );
}

#[test]
fn no_file_reads_as_more_or_fewer_lines_than_it_has() {
    let rows: String = (0..1000).map(|row| format!("c{row},{row}\r\n")).collect();
    let lines = sound(format!("code,size\r\n{rows}"));
    assert_eq!(lines.len(), 1000);
    assert_eq!(lines[999], (1001, "c999".to_owned(), 999));
}
