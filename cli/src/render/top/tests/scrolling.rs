//! What is above the screen and below it.

use super::*;

fn move_up(screen: &mut Screen, rows: usize) {
    screen.move_up(rows, longest_scroll(screen));
}

#[test]
fn all_about_a_device_scrolls() {
    let mut screen = screen(fleet());
    screen.open(Pane::Details);
    let whole = rows(&screen, 80, 24);
    assert!(whole[1].starts_with("── ld4-dz001 · co01 · ld4 "));
    move_down(&mut screen, 1);
    let scrolled = rows(&screen, 80, 24);
    assert_eq!(whole[2..22], scrolled[1..21]);
    move_down(&mut screen, usize::MAX);
    move_up(&mut screen, usize::MAX);
    assert_eq!(rows(&screen, 80, 24), whole);
}

/// The last line of the pane, above the keys.
fn last_line(rows: &[String]) -> String {
    let (_keys, above) = rows.split_last().unwrap();
    let mut lines = above.iter().filter(|row| !row.is_empty());
    lines.next_back().unwrap().clone()
}

#[test]
fn the_last_line_can_be_reached_on_the_smallest_screen() {
    let mut screen = screen(fleet());
    for pane in [Pane::Details, Pane::Help] {
        screen.open(pane);
        screen.set_width(40);
        let last = last_line(&rows(&screen, 40, 60));
        move_down(&mut screen, usize::MAX);
        assert_eq!(
            rows(&screen, 40, 8)[1..3],
            [last, String::new()],
            "{pane:?}"
        );
        // In a wider one there may be fewer lines above it, and up goes on from there.
        screen.set_width(80);
        let above = |screen: &Screen| rows(screen, 80, 8)[2].clone();
        move_up(&mut screen, 1);
        assert_ne!(above(&screen), "", "{pane:?}");
    }
}

#[test]
fn of_many_devices_those_around_the_selection_are_shown() {
    let devices = (0..10_000).map(|number| device(&format!("ams-{number:05}"), Retiring, |_| {}));
    let mut screen = screen(devices.collect());
    let first = |screen: &Screen| rows(screen, 80, 24)[2][..9].to_owned();
    assert_eq!(first(&screen), "ams-00000");
    move_down(&mut screen, 5_000);
    assert_eq!(screen.selected().map(|it| &*it.code), Some("ams-05000"));
    assert_eq!(first(&screen), "ams-04992");
    move_down(&mut screen, usize::MAX);
    let shown = rows(&screen, 80, 24);
    assert_eq!(shown[2][..9], *"ams-09984");
    assert_eq!(shown[17][..9], *"ams-09999");
}
