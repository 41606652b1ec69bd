//! How the sessions of a draining device went down, as far as that was seen.

/// How many changes are kept of a drain.
const MOST_SAMPLES: usize = 128;

const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// What stands for a time in which nobody watched.
const UNSEEN: char = '·';

/// The sessions of one drain over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trend {
    generation: u64,
    started_at: i64,
    at_start: u32,
    /// When a number of sessions was first seen, and the number.
    samples: Vec<(i64, u32)>,
}

impl Trend {
    /// A drain that began with `at_start` sessions.
    pub fn new(generation: u64, started_at: i64, at_start: u32) -> Self {
        Self {
            generation,
            started_at,
            at_start,
            samples: vec![],
        }
    }

    /// Whether it is the trend of this drain.
    pub fn is_of(&self, generation: u64, started_at: i64) -> bool {
        (self.generation, self.started_at) == (generation, started_at)
    }

    /// Takes the sessions that were seen at a time. Of many changes every other one is kept.
    pub fn push(&mut self, now: i64, sessions: u32) {
        if self.samples.last().is_some_and(|last| last.1 == sessions) {
            return;
        }
        if self.samples.len() >= MOST_SAMPLES {
            let mut place = 0_usize;
            self.samples.retain(|_| {
                place = place.wrapping_add(1);
                place % 2 == 1
            });
        }
        self.samples.push((now, sessions));
    }

    /// The time since the drain's start in so many columns, each with the sessions at its end.
    pub fn sparkline(&self, now: i64, columns: usize) -> String {
        let elapsed = now.saturating_sub(self.started_at).max(0);
        let columns = i64::try_from(columns).unwrap_or(0);
        (1..=columns)
            .map(|column| {
                let into = elapsed.saturating_mul(column) / columns;
                self.at(self.started_at.saturating_add(into), column == 1)
                    .map_or(UNSEEN, |sessions| self.level(sessions))
            })
            .collect()
    }

    /// The sessions at a time, or at the drain's start in its first column.
    fn at(&self, time: i64, is_first: bool) -> Option<u32> {
        let seen = self.samples.iter().rev().find(|(at, _)| *at <= time);
        seen.map(|(_, sessions)| *sessions)
            .or(is_first.then_some(self.at_start))
    }

    /// A level above the lowest as long as one session is left.
    fn level(&self, sessions: u32) -> char {
        let most = u64::from(self.at_start.max(1));
        let level = u64::from(sessions).saturating_mul(7).div_ceil(most).min(7);
        usize::try_from(level)
            .ok()
            .and_then(|level| LEVELS.get(level))
            .copied()
            .unwrap_or(UNSEEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_saw_is_not_drawn() {
        let mut trend = Trend::new(1, 1_000, 70);
        assert_eq!(trend.sparkline(1_080, 8), "█·······");
        trend.push(1_040, 40);
        trend.push(1_050, 40);
        trend.push(1_060, 1);
        trend.push(1_080, 0);
        assert_eq!(trend.sparkline(1_080, 8), "█··▅▅▂▂▁");
        assert_eq!(trend.sparkline(1_160, 8), "█▅▂▁▁▁▁▁");
        assert_eq!(trend.sparkline(1_000, 8), "█·······");
    }

    #[test]
    fn the_newest_of_many_changes_stay() {
        let mut trend = Trend::new(1, 0, 1_000);
        for (at, sessions) in (0..1_000).zip((0..1_000).rev()) {
            trend.push(at, sessions);
        }
        assert!(trend.samples.len() <= MOST_SAMPLES);
        assert_eq!(trend.samples.first(), Some(&(0, 999)));
        assert_eq!(trend.samples.last(), Some(&(999, 0)));
    }
}
