//! What keys do.

use {
    crate::{
        render::top::{longest_scroll, Pane, Screen},
        signal::Signal,
    },
    ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers},
};

/// How many rows a page is.
const PAGE: usize = 10;

/// What a key asks of the terminal or of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// To end as done.
    Quit,
    /// To end as by a signal.
    End(Signal),
    /// To go back to the shell for a while.
    Suspend,
    /// To draw everything anew.
    Refresh,
}

/// Takes a key.
pub fn press(screen: &mut Screen, key: KeyEvent) -> Option<Request> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return match key.code {
            KeyCode::Char('c') => Some(Request::End(Signal::Interrupt)),
            KeyCode::Char('z') => Some(Request::Suspend),
            KeyCode::Char('l') => Some(Request::Refresh),
            _ => None,
        };
    }
    if screen.is_typing() {
        type_filter(screen, key.code);
        return None;
    }
    match key.code {
        KeyCode::Char('q') => return Some(Request::Quit),
        KeyCode::Esc => return close(screen),
        code => command(screen, code),
    }
    None
}

/// Closes what is open, the filter last; where nothing is, the run ends.
fn close(screen: &mut Screen) -> Option<Request> {
    match (screen.pane(), screen.filter()) {
        (Pane::Devices, "") => return Some(Request::Quit),
        (Pane::Devices, _) => screen.edit_filter(String::clear),
        _ => screen.open(Pane::Devices),
    }
    None
}

fn command(screen: &mut Screen, code: KeyCode) {
    match code {
        KeyCode::Up | KeyCode::Char('k') => move_up(screen, 1),
        KeyCode::Down | KeyCode::Char('j') => move_down(screen, 1),
        KeyCode::PageUp => move_up(screen, PAGE),
        KeyCode::PageDown => move_down(screen, PAGE),
        KeyCode::Home => move_up(screen, usize::MAX),
        KeyCode::End => move_down(screen, usize::MAX),
        KeyCode::Enter => toggle(screen, Pane::Details),
        KeyCode::Tab => toggle(screen, Pane::Locations),
        KeyCode::Char('?') => toggle(screen, Pane::Help),
        KeyCode::Char('/') => {
            screen.open(Pane::Devices);
            screen.set_typing(true);
        }
        KeyCode::Char('s') => screen.sort_next(),
        KeyCode::Char('r') => screen.reverse(),
        _ => {}
    }
}

fn move_up(screen: &mut Screen, rows: usize) {
    screen.move_up(rows, longest_scroll(screen));
}

fn move_down(screen: &mut Screen, rows: usize) {
    screen.move_down(rows, longest_scroll(screen));
}

/// Opens a pane, or if it is open, the devices.
fn toggle(screen: &mut Screen, pane: Pane) {
    if screen.pane() == pane {
        screen.open(Pane::Devices)
    } else {
        screen.open(pane)
    }
}

fn type_filter(screen: &mut Screen, code: KeyCode) {
    match code {
        KeyCode::Char(letter) => screen.edit_filter(|filter| filter.push(letter)),
        KeyCode::Backspace => screen.edit_filter(|filter| {
            filter.pop();
        }),
        KeyCode::Enter => screen.set_typing(false),
        KeyCode::Esc => {
            screen.set_typing(false);
            screen.edit_filter(String::clear);
        }
        KeyCode::Up => move_up(screen, 1),
        KeyCode::Down => move_down(screen, 1),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::render::top::testing::{device, screen},
        ebb_sdk::state::ProvisioningStatus::{Activated, Draining},
    };

    fn fleet() -> Screen {
        let drained = |number| device(&format!("ams-dz{number:03}"), Draining, |_| {});
        let in_service = |number| device(&format!("ld4-dz{number:03}"), Activated, |_| {});
        screen(
            (1..=3)
                .map(drained)
                .chain((1..=20).map(in_service))
                .collect(),
        )
    }

    /// Takes keys, of which only the last may ask for anything.
    fn type_keys(screen: &mut Screen, codes: &[KeyCode]) -> Option<Request> {
        let mut last = None;
        for code in codes {
            assert_eq!(last, None);
            last = press(screen, KeyEvent::from(*code));
        }
        last
    }

    fn type_text(screen: &mut Screen, text: &str) -> Option<Request> {
        let codes: Vec<KeyCode> = text.chars().map(KeyCode::Char).collect();
        type_keys(screen, &codes)
    }

    fn selected(screen: &Screen) -> Option<&str> {
        screen.selected().map(|device| &*device.code)
    }

    #[test]
    fn what_ends_the_run() {
        let mut screen = fleet();
        let control = |letter| KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL);
        assert_eq!(type_text(&mut screen, "q"), Some(Request::Quit));
        assert_eq!(type_keys(&mut screen, &[KeyCode::Esc]), Some(Request::Quit));
        for is_typing in [false, true] {
            screen.set_typing(is_typing);
            for (letter, request) in [
                ('c', Some(Request::End(Signal::Interrupt))),
                ('z', Some(Request::Suspend)),
                ('l', Some(Request::Refresh)),
                ('q', None),
            ] {
                assert_eq!(press(&mut screen, control(letter)), request, "{letter}");
            }
        }
        let mut released = KeyEvent::from(KeyCode::Char('q'));
        released.kind = KeyEventKind::Release;
        screen.set_typing(false);
        assert_eq!(press(&mut screen, released), None);
    }

    #[test]
    fn esc_closes_one_after_the_other() {
        let mut screen = fleet();
        assert_eq!(type_text(&mut screen, "/ams"), None);
        assert_eq!(
            type_keys(&mut screen, &[KeyCode::Enter, KeyCode::Enter]),
            None
        );
        assert_eq!((screen.pane(), screen.filter()), (Pane::Details, "ams"));
        assert_eq!(type_keys(&mut screen, &[KeyCode::Esc]), None);
        assert_eq!((screen.pane(), screen.filter()), (Pane::Devices, "ams"));
        assert_eq!(type_keys(&mut screen, &[KeyCode::Esc]), None);
        assert_eq!((screen.pane(), screen.filter()), (Pane::Devices, ""));
        assert_eq!(type_keys(&mut screen, &[KeyCode::Esc]), Some(Request::Quit));
    }

    #[test]
    fn a_filter_is_typed_and_corrected() {
        let mut screen = fleet();
        assert_eq!(type_text(&mut screen, "/dz002q"), None);
        assert_eq!((screen.is_typing(), selected(&screen)), (true, None));
        assert_eq!(type_keys(&mut screen, &[KeyCode::Backspace]), None);
        assert_eq!(screen.filter(), "dz002");
        assert_eq!(screen.order().len(), 2);
        assert_eq!(type_keys(&mut screen, &[KeyCode::Down]), None);
        assert_eq!(selected(&screen), Some("ld4-dz002"));
        assert_eq!(type_keys(&mut screen, &[KeyCode::Esc]), None);
        assert_eq!((screen.is_typing(), screen.filter()), (false, ""));
        assert_eq!(selected(&screen), Some("ld4-dz002"));
        // An empty one has nothing to take back.
        assert_eq!(type_text(&mut screen, "/"), None);
        assert_eq!(type_keys(&mut screen, &[KeyCode::Backspace]), None);
        assert_eq!(screen.filter(), "");
    }

    #[test]
    fn what_moves_the_selection() {
        let mut screen = fleet();
        for (code, expected) in [
            (KeyCode::Down, "ams-dz002"),
            (KeyCode::Char('j'), "ams-dz003"),
            (KeyCode::Up, "ams-dz002"),
            (KeyCode::Char('k'), "ams-dz001"),
            (KeyCode::Up, "ams-dz001"),
            (KeyCode::PageDown, "ld4-dz008"),
            (KeyCode::PageUp, "ams-dz001"),
            (KeyCode::End, "ld4-dz020"),
            (KeyCode::Down, "ld4-dz020"),
            (KeyCode::Home, "ams-dz001"),
            (KeyCode::F(1), "ams-dz001"),
        ] {
            assert_eq!(type_keys(&mut screen, &[code]), None);
            assert_eq!(selected(&screen), Some(expected), "{code:?}");
        }
    }

    #[test]
    fn keys_open_panes_and_close_them() {
        let mut screen = fleet();
        for (code, pane) in [
            (KeyCode::Enter, Pane::Details),
            (KeyCode::Tab, Pane::Locations),
            (KeyCode::Char('?'), Pane::Help),
        ] {
            assert_eq!(type_keys(&mut screen, &[code]), None);
            assert_eq!(screen.pane(), pane);
        }
        assert_eq!(type_text(&mut screen, "?"), None);
        assert_eq!(screen.pane(), Pane::Devices);
        assert_eq!(type_keys(&mut screen, &[KeyCode::Tab]), None);
        assert_eq!(type_text(&mut screen, "/"), None);
        assert_eq!((screen.pane(), screen.is_typing()), (Pane::Devices, true));
    }

    #[test]
    fn keys_sort() {
        let mut screen = fleet();
        let mut sorts = vec![screen.sort().as_str()];
        for _ in 0..4 {
            assert_eq!(type_text(&mut screen, "s"), None);
            sorts.push(screen.sort().as_str());
        }
        assert_eq!(
            sorts,
            ["deadline", "code", "sessions", "location", "deadline"]
        );
        assert_eq!(type_text(&mut screen, "r"), None);
        assert!(screen.is_reversed());
    }
}
