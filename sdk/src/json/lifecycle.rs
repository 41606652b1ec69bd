use {
    crate::{
        lifecycle::{Rule, RULES},
        role::Role,
        state::ProvisioningStatus,
    },
    serde::Serialize,
};

/// Who may do what, and when. Every other transition is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LifecycleJson {
    /// Every allowed transition.
    pub rules: Vec<RuleJson>,
}

impl LifecycleJson {
    /// The rules that the program enforces.
    pub fn new() -> Self {
        Self {
            rules: RULES.iter().map(RuleJson::from).collect(),
        }
    }
}

impl Default for LifecycleJson {
    fn default() -> Self {
        Self::new()
    }
}

/// An allowed transition. A status is null before the device exists and after it is removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleJson {
    /// The status that it leaves.
    pub from: Option<&'static str>,
    /// The status that it leads to.
    pub to: Option<&'static str>,
    /// What is done.
    pub action: &'static str,
    /// Who may sign it.
    pub roles: Vec<&'static str>,
    /// What must hold.
    pub guards: Vec<&'static str>,
}

impl From<&Rule> for RuleJson {
    fn from(rule: &Rule) -> Self {
        Self {
            from: rule.from.map(ProvisioningStatus::as_str),
            to: rule.to.map(ProvisioningStatus::as_str),
            action: rule.action.as_str(),
            roles: rule.roles.iter().copied().map(Role::as_str).collect(),
            guards: rule.guards.iter().map(|guard| guard.as_str()).collect(),
        }
    }
}
