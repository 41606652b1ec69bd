use crate::{
    error::EbbError,
    lifecycle::Budget,
    state::{DeviceHead, HoldKind},
    text::count,
};

/// How things stand with a device of which something is refused.
#[derive(Clone, Copy, Debug)]
pub struct RefusedDevice<'a> {
    /// The owner's code.
    pub contributor: &'a str,
    /// The location's code.
    pub location: &'a str,
    /// The location's disruption budget, where that is known.
    pub budget: Option<Budget>,
    /// The device's account.
    pub head: &'a DeviceHead,
    /// The ledger's time, in Unix seconds.
    pub now: i64,
}

impl RefusedDevice<'_> {
    /// Why it is refused, in a short sentence: how things stand, and where there is no more to say of that, the rule.
    pub fn reason(&self, refusal: EbbError) -> String {
        let head = self.head;
        match (refusal, self.budget) {
            (EbbError::ContributorSuspended, _) => {
                format!("the contributor {} is suspended", self.contributor)
            }
            (EbbError::DeviceUnfit, _) => format!("its health is {}", head.health),
            (EbbError::LiveHold, _) => self.holds(None),
            (EbbError::PendingTask, _) => self.holds(Some(HoldKind::PendingTask)),
            (EbbError::BudgetExceeded, Some(budget)) => format!(
                "{} has {} and keeps at least {}",
                self.location,
                count(budget.activated, "activated device"),
                budget.min_activated
            ),
            (EbbError::NotDrained, _) => format!("{} open", count(head.sessions, "session")),
            (EbbError::DiskKeysLeft, _) => format!("{} left", count(head.disk_keys, "disk key")),
            (other, _) => other.to_string(),
        }
    }

    /// The live holds, of one kind or all.
    fn holds(&self, kind: Option<HoldKind>) -> String {
        let live = self.head.live_holds(self.now);
        let ids: Vec<String> = live
            .filter(|hold| kind.is_none_or(|kind| hold.kind == kind))
            .map(|hold| format!("#{} ({})", hold.id, hold.kind.as_str()))
            .collect();
        match ids.as_slice() {
            [only] => format!("hold {only}"),
            _ => format!("holds {}", ids.join(", ")),
        }
    }
}
