mod commands;
mod screens;
mod scrolling;

use {
    super::{
        draw, longest_scroll,
        testing::{device, hold, screen, NOW},
        NamedLedger, Pane, Screen,
    },
    crate::render::device::DeviceView,
    ebb_sdk::{
        json::LedgerOptions,
        state::{Health, HoldKind, ProvisioningStatus, Reason},
    },
    ratatui::{
        backend::TestBackend,
        buffer::Buffer,
        style::{Color, Modifier},
        Terminal,
    },
    solana_sdk::hash::Hash,
    ProvisioningStatus::{Activated, Draining, Pending, Retiring},
};

fn drawn(screen: &Screen, width: u16, height: u16) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, screen)).unwrap();
    terminal.backend().buffer().clone()
}

/// The rows of the screen without the blanks at their ends.
fn rows(screen: &Screen, width: u16, height: u16) -> Vec<String> {
    let buffer = drawn(screen, width, height);
    let rows = buffer.content().chunks(width.into());
    rows.map(|row| {
        let mut text = String::new();
        let mut covered = 0;
        for cell in row {
            if covered == 0 {
                text.push_str(cell.symbol());
                covered = crate::terminal::display_width(cell.symbol());
            }
            covered = covered.saturating_sub(1);
        }
        text.trim_end().to_owned()
    })
    .collect()
}

fn move_down(screen: &mut Screen, rows: usize) {
    screen.move_down(rows, longest_scroll(screen));
}

/// One that is on time, one that is late with sessions left, one that is drained, and three in service.
fn fleet() -> Vec<DeviceView> {
    vec![
        device("ams-dz001", Draining, |head| head.sessions = 12),
        device("ams-dz002", Activated, |_| {}),
        device("ams-dz003", Activated, |head| {
            head.holds[0] = hold(3, HoldKind::CriticalTraffic);
        }),
        device("ld4-dz001", Draining, |head| {
            head.sessions = 96;
            head.drain.deadline = NOW - 303;
            head.drain.planned_return = NOW - 60;
        }),
        device("ld4-dz002", Draining, |head| {
            head.sessions = 0;
            head.drain.deadline = NOW - 5;
            head.drain.reason = Reason::default();
            head.holds[0] = hold(9, HoldKind::PendingTask);
        }),
        device("ld4-dz003", Pending, |head| {
            head.sessions = 0;
            head.health = Health::Dead;
        }),
    ]
}

#[test]
fn sorted_by_sessions_and_turned_around() {
    let mut screen = screen(fleet());
    let codes = |screen: &Screen| -> Vec<String> {
        let rows = rows(screen, 80, 24).into_iter().skip(2).take(6);
        rows.map(|row| row.split(' ').next().unwrap().to_owned())
            .collect()
    };
    let by =
        |numbers: [&str; 6]| numbers.map(|it| it.replace("a", "ams-dz00").replace("l", "ld4-dz00"));
    assert_eq!(codes(&screen), by(["l1", "l2", "a1", "a2", "a3", "l3"]));
    for (sort, expected, reversed) in [
        (
            "code",
            ["a1", "l1", "l2", "a2", "a3", "l3"],
            ["l2", "l1", "a1", "l3", "a3", "a2"],
        ),
        (
            "sessions",
            ["l1", "a1", "l2", "a2", "a3", "l3"],
            ["l2", "a1", "l1", "l3", "a3", "a2"],
        ),
        (
            "location",
            ["a1", "l1", "l2", "a2", "a3", "l3"],
            ["l2", "l1", "a1", "l3", "a3", "a2"],
        ),
    ] {
        screen.sort_next();
        let keys = rows(&screen, 80, 24)[23].clone();
        assert!(
            keys.contains(&format!("s sort: {sort}  r reverse  ")),
            "{keys}"
        );
        assert_eq!(codes(&screen), by(expected), "{sort}");
        screen.reverse();
        let keys = rows(&screen, 80, 24)[23].clone();
        assert!(keys.contains("r reversed"), "{keys}");
        assert_eq!(codes(&screen), by(reversed), "{sort}");
        screen.reverse();
    }
    // The same device stays selected, wherever it is.
    assert_eq!(screen.selected().map(|it| &*it.code), Some("ld4-dz001"));
}

#[test]
fn while_nothing_can_be_read_the_screen_says_how_old_it_is() {
    let mut screen = screen(fleet());
    screen.take_outage("cannot reach http://127.0.0.1:8080".to_owned(), NOW + 12);
    screen.take_outage("connection refused".to_owned(), NOW + 15);
    screen.set_now(NOW + 20);
    let stale = rows(&screen, 80, 24);
    assert_eq!(
        stale[..2],
        [
            "ebb top  6 devices, 3 draining, 1 overdue                   2026-01-02T03:04:25Z",
            "last seen at 2026-01-02T03:04:05Z, ledger unreachable since 2026-01-02T03:04:17…",
        ]
    );
    let wide = rows(&screen, 110, 24);
    assert_eq!(
        wide[1],
        "last seen at 2026-01-02T03:04:05Z, ledger unreachable since 2026-01-02T03:04:17Z: connection refused"
    );
    screen.take_context(vec![], None, vec![], NOW + 21);
    assert!(rows(&screen, 80, 24)[1].starts_with("CODE "));
}

#[test]
fn commands_name_the_ledger_and_a_long_one_goes_on_in_the_next_line() {
    let mut screen = screen(vec![device("ams-dz001", Draining, |_| {})]);
    let options = LedgerOptions::new(Some("embedded:tour"), None);
    screen = screen.of(NamedLedger {
        options,
        program_id: Some("EbbPr0gram".to_owned()),
        genesis: Some(Hash::new_from_array([1; 32])),
    });
    screen.open(Pane::Details);
    assert_eq!(
        rows(&screen, 80, 24)[7..17],
        [
            "Commands  ebb -u embedded:tour device undrain ams-dz001",
            "          # bring it back into service",
            "          ebb -u embedded:tour device retire ams-dz001",
            "          # refused: 5 sessions open",
            "          ebb -u embedded:tour device drain ams-dz001 --wait",
            "          # wait until it is drained",
            "          ebb -u embedded:tour device drain ams-dz001 --update --deadline 1h",
            "          # move its deadline",
            "Program   EbbPr0gram",
            "Genesis   4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi",
        ]
    );
    let narrow = rows(&screen, 60, 40);
    let update = narrow.iter().position(|row| row.contains("--update"));
    assert_eq!(
        narrow[update.unwrap() - 1..][..2],
        [
            "          ebb -u embedded:tour device drain ams-dz001 \\",
            "          --update --deadline 1h",
        ]
    );
}

#[test]
fn the_keys_fit_the_smallest_screen() {
    let mut screen = screen(fleet());
    screen.open(Pane::Help);
    let help = rows(&screen, 80, 24);
    assert_eq!(
        help[3],
        "  q, Esc, Ctrl-C      quit; Esc first closes what is open"
    );
    assert_eq!(
        help[18],
        "  RETURN    when the device is planned to be back in service"
    );
    assert!(help.iter().all(|row| !row.contains('…')), "{help:#?}");
}

#[test]
fn a_small_terminal_shows_less_and_one_that_is_smaller_says_what_it_takes() {
    let screen = screen(fleet());
    assert_eq!(
        rows(&screen, 40, 8),
        [
            "ebb top  6 devices… 2026-01-02T03:04:05Z",
            "CODE       STATUS    LEFT",
            "ld4-dz001  draining  ████████",
            "ld4-dz002  drained   ░░░░░░░░",
            "ams-dz001  draining  █░░░░░░░",
            "ams-dz002  activated",
            "ams-dz003  activated",
            "q quit  ? help  / filter  s sort: deadl…",
        ]
    );
    assert_eq!(
        rows(&screen, 39, 8)[..4],
        [
            "ebb top takes 40 columns and 8 rows;",
            "this terminal has 39 and 8. Make it",
            "larger, or press q.",
            "",
        ]
    );
    assert_eq!(
        rows(&screen, 80, 7)[0],
        "ebb top takes 40 columns and 8 rows; this terminal has 80 and 7. Make it larger,"
    );
    // Nothing has room there, and nothing fails.
    assert_eq!(rows(&screen, 1, 1).len(), 1);
}

#[test]
fn what_a_terminal_would_obey_is_shown_as_an_escape() {
    let mut hostile = device("ams-dz001", Draining, |_| {});
    let drain = hostile.device.drain.as_mut().unwrap();
    drain.reason = "\u{1b}[2J\u{202e}gpj\u{9b}\n".to_owned();
    let long_code = "x\u{1b}]0;y\u{7}; reboot".to_owned();
    hostile.device.code = long_code.into();
    hostile.device.contributor = "co\u{202e}01".to_owned().into();
    let mut screen = screen(vec![hostile]);
    screen.take_outage("\u{1b}[2J".to_owned(), NOW);
    screen.edit_filter(|filter| filter.push('x'));
    for pane in [Pane::Devices, Pane::Details] {
        screen.open(pane);
        let rows = rows(&screen, 240, 30).join("\n");
        assert!(rows.contains(r"\u{1b}[2J\u{202e}gpj\u{9b}\n"), "{rows}");
        assert!(
            rows.contains(r"x\u{1b}]0;y\u{7}; reboot · co\u{202e}01"),
            "{rows}"
        );
        assert!(
            rows.contains(r"since 2026-01-02T03:04:05Z: \u{1b}[2J"),
            "{rows}"
        );
        // Of what is no code there is no command to copy.
        assert!(!rows.contains("ebb device"), "{rows}");
        assert!(rows.chars().all(|it| it == '\n' || !it.is_control()));
    }
}

#[test]
fn without_colours_letters_are_bold_or_reversed() {
    let colourless = drawn(&screen(fleet()), 80, 24);
    let colours = |buffer: &Buffer| buffer.content().iter().any(|cell| cell.fg != Color::Reset);
    assert!(!colours(&colourless));
    let mut coloured = Screen::new("ledger", true);
    coloured.take_devices(fleet(), 0, NOW);
    let coloured = drawn(&coloured, 80, 24);
    assert!(colours(&coloured));
    // The deadline of the first row, which is late.
    for (buffer, color) in [(&colourless, Color::Reset), (&coloured, Color::Red)] {
        let cell = &buffer[(51, 2)];
        assert_eq!((cell.symbol(), cell.fg), ("o", color));
        assert!(cell.modifier.contains(Modifier::BOLD | Modifier::REVERSED));
    }
}

#[test]
fn a_device_of_which_there_is_little_to_say_has_its_commands_too() {
    let shown = rows(
        &screen(vec![device("ld4-dz001", Activated, |_| {})]),
        80,
        24,
    );
    assert_eq!(
        shown[18..23],
        [
            "── ld4-dz001 · co01 · ld4 · hybrid · 0.0.0.0 ───────────────────────────────────",
            "Status    activated, since 2026-01-02T03:02:05Z (2m ago); health unknown",
            "Sessions  5/128",
            "Location  3 devices activated, 1 must stay: 2 to spare",
            "Commands  ebb device drain ld4-dz001  # take it out of service",
        ]
    );
}

#[test]
fn the_selection_stays_on_its_device_as_others_come_and_go() {
    let mut screen = screen(fleet());
    move_down(&mut screen, 3);
    let selected = |screen: &Screen| screen.selected().map(|it| it.code.to_string());
    assert_eq!(selected(&screen).as_deref(), Some("ams-dz002"));
    let mut devices = fleet();
    devices[2] = device("ams-dz003", Draining, |_| {});
    screen.take_devices(devices.clone(), 1, NOW + 1);
    assert_eq!(selected(&screen).as_deref(), Some("ams-dz002"));
    devices.remove(1);
    screen.take_devices(devices, 1, NOW + 2);
    // What follows it takes its place.
    assert_eq!(selected(&screen).as_deref(), Some("ld4-dz003"));
    assert!(rows(&screen, 80, 24)[0].contains("1 overdue, 1 unreadable "));
    screen.take_devices(vec![], 0, NOW + 3);
    assert_eq!(selected(&screen), None);
    move_down(&mut screen, 1);
    assert_eq!(selected(&screen), None);
}

#[test]
fn the_trend_of_a_drain_is_what_was_seen_of_it() {
    let mut screen = screen(vec![]);
    for (at, sessions) in [(0, 72), (40, 24), (80, 0)] {
        let device = device("ams-dz001", Draining, |head| {
            head.drain.started_at = NOW;
            head.sessions = sessions;
        });
        screen.take_devices(vec![device], 0, NOW + at);
    }
    let trend =
        |screen: &Screen| -> String { rows(screen, 80, 24)[2].chars().skip(42).take(8).collect() };
    assert_eq!(trend(&screen), "▇▇▇▃▃▃▃▁");
    // Another drain of the same device.
    let again = device("ams-dz001", Draining, |head| {
        head.drain.started_at = NOW + 100;
        head.sessions = 96;
    });
    screen.take_devices(vec![again], 0, NOW + 180);
    assert_eq!(trend(&screen), "█······█");
}
