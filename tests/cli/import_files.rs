//! Files to import, as spreadsheets and other programs write them.

use {
    crate::support::{Lab, Run},
    std::{fs, path::PathBuf},
};

fn case(name: &str) -> Vec<u8> {
    let cases = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/cli/cases");
    fs::read(cases.join(name)).unwrap()
}

/// Imports the locations of a file called `file.csv`.
fn import(lab: &Lab, bytes: impl AsRef<[u8]>) -> Run {
    fs::write(lab.path().join("file.csv"), bytes).unwrap();
    lab.ebb(&["location", "import", "file.csv"])
}

/// The codes and names of all locations.
fn locations(lab: &Lab) -> Vec<String> {
    let list = lab.ebb(&["location", "list", "--output", "json"]).exits(0);
    let mut locations: Vec<String> = list.json()["locations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            format!(
                "{} {} {} {}",
                one["code"], one["name"], one["lat"], one["lng"]
            )
        })
        .collect();
    locations.sort();
    locations
}

const BRUSSELS: &str = r#""bru" "Brussels" 50.85 4.35"#;
const ZURICH: &str = r#""zrh" "Zürich" 47.37 8.54"#;

#[test]
fn blank_rows_are_no_locations() {
    let lab = Lab::initialized();
    let run = import(&lab, case("blank-rows.csv")).exits(0);
    assert_eq!(run.stdout, "bru: created\nzrh: created\n");
    assert_eq!(run.stderr, "");
    assert_eq!(locations(&lab), [BRUSSELS, ZURICH]);
}

#[test]
fn a_duplicate_column_is_refused_by_name() {
    let lab = Lab::initialized();
    let run = import(&lab, case("duplicate-column.csv"))
        .exits(2)
        .says_nothing();
    assert_eq!(
        run.stderr,
        "error: file.csv: line 1: column `lat` stands there twice, as column 4 and as column 6\n\
         hint: the first line is code,name,country,lat,lng[,min_activated]\n"
    );
    assert!(locations(&lab).is_empty());
}

#[test]
fn an_escape_sequence_reaches_no_terminal() {
    let lab = Lab::initialized();
    let run = import(&lab, case("escapes.csv")).exits(1).says_nothing();
    assert!(!run.stderr.contains('\u{1b}'), "{run:?}");
    run.warns(r"line 2: name `\u{1b}[2J\u{1b}[31mBrussels`: ")
        .warns(r"line 3: code `z\u{1b}[31mrh`: ");
    assert!(locations(&lab).is_empty());
}

#[test]
fn excel_writes_semicolons_commas_and_tabs() {
    let semicolons = "sep=;\r\ncode;name;country;lat;lng;\r\n\
                      bru;Brussels;BE;50,85;4,35;\r\nzrh;\"Zürich\";CH;47,37;8,54;\r\n;;;;;\r\n";
    let tabs = "code\tname\tcountry\tlat\tlng\r\n\
                bru\tBrussels\tBE\t50.85\t4.35\r\nzrh\tZürich\tCH\t47.37\t8.54\r\n";
    let unicode_text = [0xff, 0xfe]
        .into_iter()
        .chain(tabs.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let dos = "\"Code\",\"Name\",\"Country\",\"Lat\",\"Lng\"\r\n\
               \"bru\",\"Brussels\",\"BE\",\"50.85\",\"4.35\"\r\n\
               \"zrh\",\"Zürich\",\"CH\",\"47.37\",\"8.54\"\r\n\u{1a}";
    let files: [Vec<u8>; 4] = [semicolons.into(), tabs.into(), unicode_text, dos.into()];
    for file in files {
        let lab = Lab::initialized();
        let run = import(&lab, file).exits(0);
        assert_eq!(run.stdout, "bru: created\nzrh: created\n");
        assert_eq!(run.stderr, "");
        assert_eq!(locations(&lab), [BRUSSELS, ZURICH]);
    }
}

#[test]
fn a_file_that_is_wrong_as_a_whole_imports_nothing() {
    let lab = Lab::initialized();
    let header = "code,name,country,lat,lng\n";
    let latin1 = [
        header.as_bytes(),
        b"bru,Brussels,BE,50,4\nzrh,Z\xfcrich,CH,47,8\n",
    ]
    .concat();
    let run = import(&lab, latin1).exits(2).says_nothing();
    assert_eq!(
        run.stderr,
        "error: file.csv: line 3: the text is not UTF-8: its byte 0xFC is `ü` in Latin-1 (Windows-1252)\n\
         hint: save the file as UTF-8 (a spreadsheet's `CSV UTF-8`), or convert it, for example with: \
         iconv -f WINDOWS-1252 -t UTF-8\n"
    );
    let open =
        format!("{header}bru,Brussels,BE,50,4\nzrh,\"Zurich,CH,47,8\nams,Amsterdam,NL,52,4\n");
    import(&lab, open)
        .exits(2)
        .says_nothing()
        .warns("file.csv: line 3: a quote opens at character 5 and is never closed");
    import(&lab, "")
        .exits(2)
        .says_nothing()
        .warns("file.csv: the file is empty\nhint: the first line is code,name,");
    assert!(locations(&lab).is_empty());
}

#[test]
fn a_file_without_lines_says_so() {
    let lab = Lab::initialized();
    let run = import(&lab, "code,name,country,lat,lng\n,,,,\n")
        .exits(0)
        .says_nothing();
    assert_eq!(
        run.stderr,
        "file.csv has its first line and no other: there is nothing to import\n"
    );
    let run = lab.ebb(&["location", "import", "file.csv", "--output", "json"]);
    assert_eq!(run.exits(0).json()["results"], serde_json::json!([]));
}

#[test]
fn a_folder_is_no_file() {
    let lab = Lab::initialized();
    lab.ebb(&["location", "import", "."])
        .exits(2)
        .says_nothing()
        .warns("cannot read .: Is a directory");
}
