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
        if let Some(status) = &self.0.status {
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
        series(out, name, help, count.map(|count| ([("", ""); 0], count)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use {super::*, prometheus_client::registry::Registry, std::sync::Arc};

    fn samples(status: Status) -> Vec<String> {
        let reached = Reached {
            store: Err("none".to_owned()),
            status: Some(status),
            transitions: None,
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
        let unknown = ["ebb_history_dead_letters 0"];
        assert_eq!(samples(Status::default()), unknown);
        let status = Status {
            confirmed_slot: Some(9),
            missing: Some(Arc::default()),
            gaps: Some(0),
            lost_ranges: Some(2),
            dead_letters: 1,
            ..Status::default()
        };
        let known = [
            "ebb_history_cursor_slot{finality=\"confirmed\"} 9",
            "ebb_history_gaps 0",
            "ebb_history_lost_ranges 2",
            "ebb_history_dead_letters 1",
        ];
        assert_eq!(samples(status), known);
    }
}
