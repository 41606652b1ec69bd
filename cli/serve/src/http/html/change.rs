//! What an event changed, in words.

use {
    ebb_sdk::{
        event::{Event, EventKind},
        json::rfc3339,
        state::present,
        text::count,
    },
    std::fmt::Display,
};

/// Returns what an event of a device changed; nothing where its name says all.
pub fn change(event: &Event) -> Option<String> {
    if let Some((from, to)) = event.statuses() {
        return Some(step(from, to));
    }
    if let Some((from, to)) = event.healths() {
        return Some(step(from, to));
    }
    let number = |number: i64| u32::try_from(number).unwrap_or_default();
    Some(match event.kind {
        EventKind::DeviceCreated => format!("(generation {})", event.to),
        EventKind::DeviceUpdated => format!("(at most {})", count(number(event.to), "session")),
        EventKind::DrainUpdated if event.from == event.to => return None,
        EventKind::DrainUpdated => {
            let [from, to] = [event.from, event.to].map(deadline);
            format!("(deadline from {from} to {to})")
        }
        EventKind::HoldPlaced => {
            let (id, kind) = (event.from, event.hold_kind.as_str());
            format!("#{id} {kind} until {}", deadline(event.to))
        }
        EventKind::HoldReleased if event.from == 0 => {
            let released = count(number(event.to), "hold");
            format!("({released}, all that the signer may release)")
        }
        EventKind::HoldReleased => format!("#{} {}", event.from, event.hold_kind.as_str()),
        EventKind::SessionOpened | EventKind::SessionClosed => format!("({} open)", event.to),
        EventKind::DiskKeyRegistered => format!("({})", count(number(event.to), "disk key")),
        EventKind::AgentSet | EventKind::CustodianReassigned => {
            format!("({})", present(&event.related)?)
        }
        _ => return None,
    })
}

fn step<T: Display + PartialEq>(from: T, to: T) -> String {
    if from == to {
        format!("(still {to})")
    } else {
        format!("from {from} to {to}")
    }
}

fn deadline(at: i64) -> String {
    rfc3339(at).unwrap_or_else(|| "none".to_owned())
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        ebb_sdk::{state::HoldKind, Role},
        solana_sdk::pubkey::Pubkey,
    };

    fn changed(kind: EventKind, from: i64, to: i64) -> Option<String> {
        let key = Pubkey::new_from_array([1; 32]);
        let mut event = Event::new(kind, &key, &key, Role::Authority);
        event.from = from;
        event.to = to;
        event.related = key;
        event.hold_kind = HoldKind::PendingTask;
        change(&event)
    }

    #[test]
    fn each_kind_says_what_it_changed() {
        let moment = 1_767_323_045;
        for (kind, from, to, expected) in [
            (EventKind::DeviceCreated, 0, 2, "(generation 2)"),
            (EventKind::DeviceUpdated, 64, 128, "(at most 128 sessions)"),
            (EventKind::DrainStarted, 1, 2, "from activated to draining"),
            (EventKind::DiskKeyDestroyed, 3, 3, "(still retiring)"),
            (EventKind::HealthReported, 0, 1, "from unknown to healthy"),
            (
                EventKind::DrainUpdated,
                0,
                moment,
                "(deadline from none to 2026-01-02T03:04:05Z)",
            ),
            (
                EventKind::HoldPlaced,
                4,
                moment,
                "#4 pending-task until 2026-01-02T03:04:05Z",
            ),
            (EventKind::HoldReleased, 4, 0, "#4 pending-task"),
            (
                EventKind::HoldReleased,
                0,
                2,
                "(2 holds, all that the signer may release)",
            ),
            (EventKind::SessionClosed, 3, 2, "(2 open)"),
            (EventKind::DiskKeyRegistered, 0, 1, "(1 disk key)"),
            (
                EventKind::AgentSet,
                0,
                0,
                "(4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi)",
            ),
        ] {
            assert_eq!(changed(kind, from, to).as_deref(), Some(expected));
        }
        assert_eq!(changed(EventKind::DrainUpdated, moment, moment), None);
        assert_eq!(changed(EventKind::DeviceRemoved, 4, 0), None);
    }
}
