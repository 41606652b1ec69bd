//! Tables, announcements and questions on terminals of any width, or of none.

use crate::{
    fleet::{Fleet, DEVICE},
    pty::{exit_code, Pty},
    support::Lab,
};

/// The words of a text.
fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

#[track_caller]
fn assert_fits(text: &str, columns: usize) {
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(columns), "wider than {columns}:\n{text}");
}

#[test]
fn a_terminal_that_does_not_say_its_width_gets_a_table() {
    let (lab, ..) = Lab::in_service();
    let piped = lab.ebb(&["location", "list"]).exits(0).stdout;
    let (shown, code) = Pty::wide(&lab, 0).run(None, &["location", "list"]);
    assert_eq!((shown, code), (piped.clone(), 0));
    assert_eq!(
        piped,
        "CODE  NAME       COUNTRY  DEVICES  ACTIVATED  DRAINING  BUDGET  SPARE\n\
         ams   Amsterdam  NL       1        1          0         0       1\n"
    );
}

#[test]
fn a_table_that_fits_is_the_same_on_every_terminal() {
    let (lab, ..) = Lab::in_service();
    let piped = lab.ebb(&["location", "list"]).exits(0).stdout;
    for columns in [69, 80, 200] {
        let (shown, _) = Pty::wide(&lab, columns).run(None, &["location", "list"]);
        assert_eq!(shown, piped, "{columns}");
    }
}

#[test]
fn a_narrow_terminal_gets_a_block_for_each_row() {
    let (lab, ..) = Lab::in_service();
    lab.create_location("zrh-01").exits(0);
    let block = |code: &str, devices: &str| {
        format!(
            "CODE       {code}\nNAME       Amsterdam\nCOUNTRY    NL\nDEVICES    {devices}\nACTIVATED  {devices}\n\
             DRAINING   0\nBUDGET     0\nSPARE      {devices}\n"
        )
    };
    for columns in [20, 40, 68] {
        let (shown, code) = Pty::wide(&lab, columns).run(None, &["location", "list"]);
        let blocks = [block("ams", "1"), block("zrh-01", "0")].join("\n");
        assert_eq!((shown, code), (blocks, 0), "{columns}");
    }
}

#[test]
fn cells_are_wrapped_between_words_before_rows_become_blocks() {
    let fleet = Fleet::with_sessions(1);
    fleet.drain();
    let list = ["device", "list"];
    let (wide, _) = Pty::wide(&fleet.lab, 0).run(None, &list);
    assert_eq!(wide.lines().count(), 2, "{wide}");
    let (shown, code) = Pty::wide(&fleet.lab, 80).run(None, &list);
    assert_eq!(code, 0);
    assert_fits(&shown, 80);
    assert!(
        shown.starts_with("CODE       CONTRIBUTOR  LOCATION  STATUS"),
        "{shown}"
    );
    let starts = [
        (
            40,
            "CODE         ams-dz001\nCONTRIBUTOR  co01\nLOCATION     ams\nSTATUS       draining\n",
        ),
        (
            20,
            "CODE\nams-dz001\nCONTRIBUTOR  co01\nLOCATION     ams\nSTATUS\ndraining\n",
        ),
    ];
    for (columns, start) in starts {
        let (shown, _) = Pty::wide(&fleet.lab, columns).run(None, &list);
        assert!(shown.starts_with(start), "{shown}");
    }
}

#[test]
fn no_width_splits_a_code_a_key_or_a_word() {
    let fleet = Fleet::with_sessions(0);
    fleet.drain();
    let get = ["device", "get", DEVICE];
    // Times go on from one run to the next.
    let clock = |word: &&str| {
        !word
            .trim_start_matches('(')
            .starts_with(|letter: char| letter.is_ascii_digit())
    };
    let (wide, _) = Pty::wide(&fleet.lab, 0).run(None, &get);
    let whole: Vec<&str> = words(&wide).into_iter().filter(clock).collect();
    for columns in [20, 40, 60, 80] {
        let (shown, code) = Pty::wide(&fleet.lab, columns).run(None, &get);
        assert_eq!(code, 0);
        let shown: Vec<&str> = words(&shown).into_iter().filter(clock).collect();
        assert_eq!(shown, whole, "{columns}");
    }
    let (shown, _) = Pty::wide(&fleet.lab, 60).run(None, &get);
    assert_fits(&shown, 60);
}

#[test]
fn announcements_and_questions_are_wrapped_between_words() {
    let fleet = Fleet::with_sessions(1);
    for columns in [20, 40, 80] {
        let mut session =
            Pty::wide(&fleet.lab, columns).start(Some(&fleet.owner), &["device", "drain", DEVICE]);
        session.exp_string("[y/N] ").unwrap();
        session.send_line("n").unwrap();
        session.exp_eof().unwrap();
        assert_eq!(exit_code(&session), 1);
    }
    let drain = ["device", "drain", DEVICE, "--dry-run"];
    let said = |columns| {
        Pty::wide(&fleet.lab, columns)
            .run(Some(&fleet.owner), &drain)
            .0
    };
    for columns in [30, 80] {
        assert_fits(&said(columns), columns.into());
    }
    assert!(
        said(40).contains(
            "\n  ams-dz001 is being prepared for\n  removal: 1 session will be closed.\n  From"
        ),
        "{}",
        said(40)
    );
    assert_eq!(words(&said(0)).len(), words(&said(20)).len());
}

#[test]
fn help_is_wrapped_at_the_terminals_width() {
    let lab = Lab::new();
    let (help, code) = Pty::wide(&lab, 50).run(None, &["device", "undrain", "--help"]);
    assert_eq!(code, 0);
    assert!(help.contains("Usage: ebb device undrain"), "{help}");
}
