//! The metrics of the history.

use {
    super::series::{counters, series},
    crate::ingest::{Reached, Status},
    prometheus_client::{collector::Collector, encoding::DescriptorEncoder},
    std::fmt,
};

/// What a history has reached; nothing where it is not known.
#[derive(Debug)]
pub struct OfHistory(pub Reached);

impl Collector for OfHistory {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let Reached {
            is_kept, status, ..
        } = &self.0;
        if *is_kept {
            let is_writing = status.as_ref().is_some_and(|status| status.is_ingesting);
            let help = "1 if this server writes to the store of the history, 0 if another does or none can";
            one(
                &mut encoder,
                "ebb_history_writing",
                help,
                Some(is_writing.into()),
            )?;
        }
        if let Some(status) = status {
            reading(&mut encoder, status)?;
        }
        let Some(transitions) = &self.0.transitions else {
            return Ok(());
        };
        let transitions = transitions.iter().map(|(transition, count)| {
            let forced = if transition.forced { "true" } else { "false" };
            let labels = [
                ("from", transition.from),
                ("to", transition.to),
                ("role", transition.role),
                ("forced", forced),
            ];
            (labels, *count)
        });
        let help = "Changes of devices' provisioning statuses in the history";
        counters(&mut encoder, "ebb_transitions", help, transitions)
    }
}

fn reading(out: &mut DescriptorEncoder, status: &Status) -> fmt::Result {
    let slots = [
        ("confirmed", status.confirmed_slot),
        ("final", status.final_slot),
    ];
    let slots = slots.into_iter().filter_map(|(finality, slot)| {
        let slot = i64::try_from(slot?).unwrap_or(i64::MAX);
        Some(([("finality", finality)], slot))
    });
    let help = "The slot up to which the ledger was read into the history";
    series(out, "ebb_history_cursor_slot", help, slots)?;
    let help =
        "When the ledger was asked the last time that all it had was read into the history then";
    one(
        out,
        "ebb_history_read_timestamp_seconds",
        help,
        status.read_at,
    )?;
    for (name, help, count) in [
        (
            "ebb_history_gaps",
            "Holes in the history that may still be filled",
            status.gaps,
        ),
        (
            "ebb_history_lost_ranges",
            "Holes in the history that no node can fill",
            status.lost_ranges,
        ),
        (
            "ebb_history_dead_letters",
            "Transactions that the history cannot read",
            Some(status.dead_letters),
        ),
    ] {
        let count = count.map(|count| i64::try_from(count).unwrap_or(i64::MAX));
        one(out, name, help, count)?;
    }
    Ok(())
}

/// Writes a gauge without labels, where its value is known.
fn one(out: &mut DescriptorEncoder, name: &str, help: &str, value: Option<i64>) -> fmt::Result {
    series(out, name, help, value.map(|value| ([("", ""); 0], value)))
}

#[cfg(test)]
mod tests {
    use {super::*, crate::ingest::History, prometheus_client::registry::Registry, std::sync::Arc};

    fn samples(history: &History, status: Option<Status>) -> Vec<String> {
        let reached = Reached {
            status,
            ..history.now()
        };
        let mut registry = Registry::default();
        registry.register_collector(Box::new(OfHistory(reached)));
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines.map(str::to_owned).collect()
    }

    #[test]
    fn what_is_not_known_has_no_series() {
        assert!(samples(&History::none(), None).is_empty());
        let history = History::opening();
        let mut expected = vec!["ebb_history_writing 0"];
        assert_eq!(samples(&history, None), expected);
        expected.push("ebb_history_dead_letters 0");
        assert_eq!(samples(&history, Some(Status::default())), expected);
        let status = Status {
            is_ingesting: true,
            confirmed_slot: Some(9),
            read_at: Some(1_700_000_000),
            missing: Some(Arc::default()),
            gaps: Some(0),
            lost_ranges: Some(2),
            dead_letters: 1,
            ..Status::default()
        };
        let known = [
            "ebb_history_writing 1",
            "ebb_history_cursor_slot{finality=\"confirmed\"} 9",
            "ebb_history_read_timestamp_seconds 1700000000",
            "ebb_history_gaps 0",
            "ebb_history_lost_ranges 2",
            "ebb_history_dead_letters 1",
        ];
        assert_eq!(samples(&history, Some(status)), known);
    }
}
