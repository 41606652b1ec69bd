//! Whole screens, as `screens/*.txt` have them. With `EBB_UPDATE_SCREENS=1` these are written.

use {
    super::*,
    std::{env, fs, path::Path},
};

/// Asserts that a screen of 80 columns and 24 rows is the one of this name.
fn assert_shows(screen: &Screen, name: &str) {
    assert_shows_in(screen, (80, 24), name);
}

/// Asserts that a screen of so many columns and rows is the one of this name.
fn assert_shows_in(screen: &Screen, (width, height): (u16, u16), name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/render/top/tests/screens");
    let file = folder.join(name).with_extension("txt");
    let shown = rows(screen, width, height).join("\n") + "\n";
    if env::var_os("EBB_UPDATE_SCREENS").is_some() {
        fs::write(&file, &shown).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap();
    assert_eq!(shown, expected, "{name}:\n{shown}");
}

#[test]
fn devices_that_drain_come_first_with_the_one_that_is_selected_below() {
    let mut screen = screen(fleet());
    move_down(&mut screen, 2);
    assert_shows(&screen, "fleet");
}

#[test]
fn a_wide_terminal_has_more_columns() {
    assert_shows_in(&screen(fleet()), (170, 24), "wide");
}

#[test]
fn what_is_late_says_by_how_much() {
    assert_shows(&screen(fleet()), "overdue");
}

#[test]
fn a_hold_and_a_budget_refuse_the_command() {
    let mut screen = screen(fleet());
    move_down(&mut screen, 4);
    assert_shows(&screen, "blocked");
}

#[test]
fn a_drained_device_with_a_pending_task() {
    let mut screen = screen(fleet());
    move_down(&mut screen, 1);
    assert_shows(&screen, "held");
}

#[test]
fn no_devices() {
    assert_shows(&screen(vec![]), "empty");
}

#[test]
fn a_filter_leaves_what_contains_every_word() {
    let mut screen = screen(fleet());
    screen.set_typing(true);
    screen.edit_filter(|filter| filter.push_str("LD4 drain"));
    assert_shows(&screen, "filtered");
    screen.edit_filter(|filter| filter.push('x'));
    screen.set_typing(false);
    let rows = rows(&screen, 80, 24);
    assert_eq!(rows[2], "no device with LD4 drainx");
}

#[test]
fn locations_with_what_they_can_spare() {
    let mut screen = screen(fleet());
    screen.open(Pane::Locations);
    assert_shows(&screen, "locations");
    move_down(&mut screen, 5);
    assert!(rows(&screen, 80, 24)[2].starts_with("ld4 "));
}

#[test]
fn the_page_on_maintenance_windows_shows_the_screen_as_it_is() {
    let mut screen = screen(vec![
        device("ams-dz001", Draining, |head| head.sessions = 12),
        device("ams-dz002", Activated, |_| {}),
        device("ams-dz003", Draining, |head| {
            head.drain.deadline = NOW - 303;
            head.drain.started_at = NOW - 3_903;
            head.sessions = 3;
        }),
    ]);
    move_down(&mut screen, 1);
    let shown = rows(&screen, 80, 20).join("\n");
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/maintenance-window.md");
    let page = fs::read_to_string(page).unwrap();
    assert!(
        page.contains(&format!("```text\n{shown}\n```")),
        "\n{shown}\n"
    );
}
