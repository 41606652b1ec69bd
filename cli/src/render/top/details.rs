//! All about the device that is selected, with the commands to copy.

use {
    super::{
        fleet::Fleet,
        palette::Palette,
        screen::{NamedLedger, Pane, Screen},
        text::{draw_lines, fit},
    },
    crate::{
        render::{
            device_table::{describe_hold, sessions, set_by},
            NONE,
        },
        terminal::{
            display_width, escaped,
            time::{count, moment, span},
            wrapped,
        },
    },
    ebb_sdk::json::{unix_seconds, DeviceCommand, DeviceJson, DrainJson, LocationJson},
    ratatui::{
        layout::Rect,
        style::{Color, Style},
        text::Line,
        Frame,
    },
};

/// The fewest rows that are worth it.
pub const MIN_HEIGHT: u16 = 6;
/// How wide the labels are, with the blanks behind them.
const LABEL: usize = 10;
/// What a line of a command ends with that goes on in the next.
const CONTINUED: &str = " \\";

/// What is said of a device, a text behind each label; texts of the same label stand below each other.
struct Details<'a> {
    ledger: &'a NamedLedger,
    fleet: &'a Fleet,
    palette: Palette,
    now: i64,
    width: usize,
    fields: Vec<(&'static str, String, Style)>,
}

/// How many rows it takes.
pub fn height(screen: &Screen, width: u16) -> u16 {
    let lines = lines(screen, width.into());
    u16::try_from(lines.len()).unwrap_or(u16::MAX)
}

/// Draws it, without the first lines that were scrolled away.
pub fn draw(frame: &mut Frame<'_>, area: Rect, screen: &Screen, scrolled: usize) {
    let lines = lines(screen, area.width.into());
    let skipped = scrolled.min(lines.len().saturating_sub(1));
    draw_lines(frame, area, lines.into_iter().skip(skipped));
}

fn lines(screen: &Screen, width: usize) -> Vec<Line<'static>> {
    let Some(device) = screen.selected() else {
        return vec![];
    };
    let mut details = Details {
        ledger: screen.ledger(),
        fleet: screen.fleet(),
        palette: screen.palette(),
        now: screen.now(),
        width,
        fields: vec![],
    };
    details.describe(device);
    if screen.pane() == Pane::Details {
        details.name_ledger();
    }
    let rest = details.fields.into_iter();
    let rest = rest.flat_map(|(label, text, style)| field(label, &text, style, width));
    [title(device, width)].into_iter().chain(rest).collect()
}

fn title(device: &DeviceJson<'_>, width: usize) -> Line<'static> {
    let named = [
        &*device.code,
        &device.contributor,
        &device.location,
        &device.device_type,
        &device.public_ip,
    ];
    let named = format!("── {} ", escaped(&named.join(" · ")));
    let rule = "─".repeat(width.saturating_sub(display_width(&named)));
    Line::styled(fit(&format!("{named}{rule}"), width), Style::new().bold())
}

/// The lines of a field, none of which is broken within a word that fits.
fn field(label: &str, text: &str, style: Style, width: usize) -> Vec<Line<'static>> {
    let texts = wrapped(&escaped(text), Some(width.saturating_sub(LABEL).max(1)));
    let labels = [label].into_iter().chain(std::iter::repeat(""));
    texts
        .into_iter()
        .zip(labels)
        .map(|(text, label)| Line::styled(format!("{}{text}", fit(label, LABEL)), style))
        .collect()
}

impl Details<'_> {
    fn describe(&mut self, device: &DeviceJson<'_>) {
        let location = self.fleet.location(&device.location);
        self.status(device);
        match &device.drain {
            Some(drain) => self.drain(device, drain),
            None => {
                self.plain("Sessions", sessions(device));
                self.location(location);
            }
        }
        let mut label = "Holds";
        for hold in device.live_holds(self.now) {
            let text = describe_hold(hold, self.now);
            self.push(label, text, self.palette.fg(Color::Yellow));
            label = "";
        }
        let mut label = "Commands";
        let contributor = self.fleet.contributor(&device.contributor);
        let registry = self.fleet.registry();
        for command in device.commands(contributor, registry, location, self.now) {
            let refusals = command.refusals.iter();
            let reasons = refusals.map(|refusal| device.reason(*refusal, location, self.now));
            let reasons = reasons.collect::<Vec<_>>().join("; ");
            self.command(label, &command, &reasons);
            label = "";
        }
    }

    fn name_ledger(&mut self) {
        let NamedLedger {
            program_id,
            genesis,
            ..
        } = self.ledger;
        if let Some(program_id) = program_id {
            self.plain("Program", program_id.clone());
        }
        if let Some(genesis) = genesis {
            self.plain("Genesis", genesis.to_string());
        }
    }

    fn push(&mut self, label: &'static str, text: String, style: Style) {
        self.fields.push((label, text, style));
    }

    fn plain(&mut self, label: &'static str, text: String) {
        self.push(label, text, Style::new());
    }

    fn status(&mut self, device: &DeviceJson<'_>) {
        let drained = if device.drained { ", drained" } else { "" };
        let since = unix_seconds(device.status_changed_at.as_deref());
        let silent = if device.agent_silent {
            "; its agent is silent"
        } else {
            ""
        };
        let text = format!(
            "{}{drained}, since {}; health {}{silent}",
            device.provisioning_status,
            moment(since, self.now),
            device.health
        );
        self.plain("Status", text);
    }

    fn drain(&mut self, device: &DeviceJson<'_>, drain: &DrainJson) {
        let reason = match drain.reason.as_str() {
            "" => NONE,
            reason => reason,
        };
        self.plain("Reason", reason.to_owned());
        self.plain("By", format!("{} ({})", drain.started_by, drain.role));
        let starter = (&drain.started_by, &drain.role);
        let setter = (&drain.deadline_by, &drain.deadline_role);
        let deadline = unix_seconds(drain.deadline.as_deref());
        let text = match deadline {
            0 => format!("{NONE}: no session will be evicted"),
            at => moment(at, self.now),
        };
        let is_late = deadline != 0 && deadline <= self.now && !device.drained;
        self.end("Deadline", text, is_late.then_some(deadline));
        if let Some(setter) = set_by(starter, setter) {
            self.plain("", setter);
        }
        let until = unix_seconds(drain.until.as_deref());
        if until != 0 {
            let is_late = until <= self.now;
            self.end("Return", moment(until, self.now), is_late.then_some(until));
        }
    }

    /// A time that something is to be done by; `passed` is that time once it has passed.
    fn end(&mut self, label: &'static str, text: String, passed: Option<i64>) {
        match passed {
            Some(at) => {
                let late = span(self.now.abs_diff(at));
                let text = format!("overdue by {late}: {text}");
                self.push(label, text, self.palette.late());
            }
            None => self.plain(label, text),
        }
    }

    fn location(&mut self, location: Option<&LocationJson>) {
        let Some(location) = location else {
            return;
        };
        let text = format!(
            "{} activated, {} must stay: {} to spare",
            count(location.activated, "device"),
            location.min_activated,
            location.budget().spare()
        );
        self.plain("Location", text);
    }

    /// The command, and as a shell's comment what it does or what refuses it: behind it where there is room, else below it.
    fn command(&mut self, label: &'static str, command: &DeviceCommand, reasons: &str) {
        let (text, color) = if reasons.is_empty() {
            (command.effect.to_owned(), Color::Green)
        } else {
            (format!("refused: {reasons}"), Color::DarkGray)
        };
        let style = self.palette.fg(color);
        let room = self.width.saturating_sub(LABEL);
        let command = self.ledger.options.line(&command.arguments);
        let line = format!("{command}  # {text}");
        if display_width(&line) <= room {
            return self.push(label, line, style);
        }
        // A shell that is given several lines must not run a part of the command.
        let parts = wrapped(&command, Some(room.saturating_sub(CONTINUED.len())));
        let last = parts.len().saturating_sub(1);
        for (place, part) in parts.iter().enumerate() {
            let label = if place == 0 { label } else { "" };
            let end = if place < last { CONTINUED } else { "" };
            self.push(label, format!("{part}{end}"), style);
        }
        for line in wrapped(&text, Some(room.saturating_sub(2))) {
            self.push("", format!("# {line}"), style);
        }
    }
}
