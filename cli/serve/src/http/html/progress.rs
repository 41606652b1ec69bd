//! How far a drain is: a bar, and a line of how many sessions there were over time.

use {
    super::part::Moment,
    crate::view::TrailPoint,
    ebb_sdk::{state::DeviceHead, text::count},
    std::fmt::Write,
};

/// How wide and how high the line is, in its own units.
const WIDTH: i64 = 100;
const HEIGHT: i64 = 20;

/// How far a drain is.
pub struct DrainBar {
    /// Sessions that are open.
    pub left: u32,
    /// Sessions that were open when it started.
    pub at_start: u32,
    /// The bar's full length, which is never 0.
    pub most: u32,
    /// The points of the line, as SVG has them; nothing where there is nothing to show.
    pub line: Option<String>,
}

impl DrainBar {
    /// The progress of a draining device at a time of the ledger.
    pub fn of(device: &DeviceHead, trail: &[TrailPoint], now: i64) -> Self {
        let (left, at_start) = (device.sessions, device.drain.sessions_at_start);
        Self {
            left,
            at_start,
            most: at_start.max(left).max(1),
            line: line(trail, left, now),
        }
    }
}

/// The steps from one count to the next, up to now.
fn line(trail: &[TrailPoint], left: u32, now: i64) -> Option<String> {
    let (first, last) = (trail.first()?, trail.last()?);
    let span = now.max(last.time).saturating_sub(first.time).max(1);
    let counts = trail.iter().map(|point| point.sessions);
    let most = i64::from(counts.chain([left]).max()?.max(1));
    let x = |time: i64| WIDTH * time.saturating_sub(first.time) / span;
    let y = |sessions: u32| HEIGHT - HEIGHT * i64::from(sessions) / most;
    let mut points = format!("0,{}", y(first.sessions));
    let now = TrailPoint {
        time: now.max(last.time),
        sessions: left,
    };
    let mut before = first.sessions;
    for point in trail.iter().skip(1).chain([&now]) {
        let x = x(point.time);
        // Writing to a string cannot fail.
        let _ = write!(points, " {x},{} {x},{}", y(before), y(point.sessions));
        before = point.sessions;
    }
    Some(points)
}

/// Why a drain is overdue.
pub struct Overdue {
    /// The deadline, if it passed with sessions left.
    pub deadline: Option<Moment>,
    /// These sessions, in words.
    pub left: String,
    /// The planned return, if it passed.
    pub planned_return: Option<Moment>,
}

impl Overdue {
    /// Why the drain of a device is overdue at a time of the ledger, if it is.
    pub fn of(device: &DeviceHead, now: i64) -> Option<Self> {
        let drain = &device.drain;
        let is_late = device.sessions > 0 && device.is_deadline_passed(now);
        let passed = |at: i64| {
            let moment = Moment::new(at, now).filter(|_| at <= now);
            moment.map(Moment::brief)
        };
        device.is_overdue(now).then(|| Self {
            deadline: passed(drain.deadline).filter(|_| is_late),
            left: count(device.sessions, "session"),
            planned_return: passed(drain.planned_return),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_has_a_step_where_the_count_changed() {
        let point = |time, sessions| TrailPoint { time, sessions };
        let trail = [point(100, 10), point(150, 5)];
        assert_eq!(
            line(&trail, 5, 200).unwrap(),
            "0,0 50,0 50,10 100,10 100,10"
        );
        assert_eq!(line(&trail[..1], 0, 100).unwrap(), "0,0 0,0 0,20");
        assert_eq!(
            line(&[point(100, 0)], 0, 200).unwrap(),
            "0,20 100,20 100,20"
        );
        assert_eq!(line(&[], 0, 200), None);
    }
}
