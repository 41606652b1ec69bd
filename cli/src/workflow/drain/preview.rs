use {
    crate::{render::drain::preview::Preview, workflow::device::targets::Targets},
    ebb_sdk::fleet::{DrainAction, DrainPlan},
};

/// Finds out why each device of a plan is refused that is.
pub async fn preview<'a>(targets: &Targets<'_>, plan: &'a DrainPlan, rolling: bool) -> Preview<'a> {
    let mut errors = vec![];
    for (row, device) in plan.devices().iter().enumerate() {
        errors.push(match &device.action {
            DrainAction::Refuse(error) => {
                Some(targets.explain(row, device.subject.as_deref(), error).await)
            }
            _ => None,
        });
    }
    Preview {
        plan,
        codes: targets.planned_codes(plan),
        errors,
        rolling,
    }
}
