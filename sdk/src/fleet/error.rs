//! Why something was not done, for one device or for all.

use {
    crate::{
        error::EbbError,
        ledger::LedgerError,
        role::Role,
        state::{AccountType, ProvisioningStatus},
    },
    serde::{ser::SerializeStruct, Serialize, Serializer},
    solana_program::pubkey::Pubkey,
    std::sync::Arc,
};

/// Why a device, or a whole run, was not done. It is cheap to clone, as one outage fails many devices.
#[derive(Clone, Debug, thiserror::Error)]
pub enum FleetError {
    /// A rule refuses it, before anything is sent or by the program.
    #[error("{rule}")]
    Refused {
        /// The rule.
        rule: EbbError,
        /// The transaction's log lines, if one was sent.
        logs: Vec<String>,
    },
    /// The devices before it in the same plan use up its location's disruption budget.
    #[error("the devices before it in this plan use up the disruption budget")]
    BudgetReserved,
    /// The signer has no role that may do it.
    #[error("{}", role_text(.signer, *.held))]
    Role {
        /// The signer.
        signer: Pubkey,
        /// A role that it has.
        held: Option<Role>,
        /// The roles that may.
        allowed: Vec<Role>,
    },
    /// This has to be signed or paid for, and the fleet has no key for that, or its key cannot be read.
    #[error("there is no signer: {0}")]
    NoSigner(String),
    /// There is no such account.
    #[error("there is no {} at {address}", account_name(*.kind))]
    NotFound {
        /// What was not found.
        kind: AccountType,
        /// Where.
        address: Pubkey,
    },
    /// Another party removed the device meanwhile.
    #[error("another party removed the device")]
    Removed,
    /// The code is taken by a device that is retiring or retired.
    #[error("the code is taken by a device that is {0}")]
    CodeInUse(ProvisioningStatus),
    /// What exists under this code differs from what was asked for.
    #[error("it exists already and differs in {}", .0.join(", "))]
    Differs(Vec<&'static str>),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(Arc<LedgerError>),
}

impl FleetError {
    /// A refusal for which nothing was sent.
    pub fn refused(rule: EbbError) -> Self {
        Self::Refused { rule, logs: vec![] }
    }

    /// That there is no account of a kind at an address.
    pub(super) fn not_found(kind: AccountType, address: &Pubkey) -> Self {
        Self::NotFound {
            kind,
            address: *address,
        }
    }

    /// The rule that refuses it, if one does.
    pub fn rule(&self) -> Option<EbbError> {
        match self {
            Self::Refused { rule, .. } => Some(*rule),
            Self::BudgetReserved => Some(EbbError::BudgetExceeded),
            Self::CodeInUse(_) | Self::Differs(_) => Some(EbbError::AlreadyExists),
            Self::Role { held: Some(_), .. } => Some(EbbError::RoleNotAllowed),
            Self::Role { held: None, .. } => Some(EbbError::Unauthorized),
            _ => None,
        }
    }

    /// Whether the cluster did not answer; that may pass.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Ledger(error) if error.is_outage())
    }

    /// Whether it concerns every device alike: nothing can be signed.
    pub fn is_of_signer(&self) -> bool {
        matches!(self, Self::NoSigner(_))
    }

    /// Whether it is about one device alone, and stays: the device is gone, or an account cannot be decoded.
    pub(super) fn is_of_device(&self) -> bool {
        match self {
            Self::Removed | Self::NotFound { .. } => true,
            Self::Ledger(error) => matches!(**error, LedgerError::Account { .. }),
            _ => false,
        }
    }

    /// Whether it goes away by waiting: a hold that expires or is released, a budget that frees up.
    pub fn is_blocker(&self) -> bool {
        let rule = self.rule();
        matches!(rule, Some(EbbError::LiveHold | EbbError::BudgetExceeded))
    }

    /// Whether the cluster may have lost the transaction, so that sending it again may help.
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Ledger(error) if error.is_lost())
    }

    /// Whether the transaction may have landed, or may land yet.
    pub fn may_land(&self) -> bool {
        matches!(self, Self::Ledger(error) if error.may_land())
    }
}

impl From<LedgerError> for FleetError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Refused { error, logs, .. } => Self::Refused { rule: error, logs },
            error => Self::Ledger(Arc::new(error)),
        }
    }
}

impl From<EbbError> for FleetError {
    fn from(rule: EbbError) -> Self {
        Self::refused(rule)
    }
}

impl Serialize for FleetError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rule = self.rule();
        let mut body = serializer.serialize_struct("FleetError", 3)?;
        body.serialize_field("code", &rule.map(EbbError::number))?;
        body.serialize_field("name", rule.map_or(self.name(), EbbError::name))?;
        body.serialize_field("message", &self.to_string())?;
        body.end()
    }
}

impl FleetError {
    const fn name(&self) -> &'static str {
        match self {
            Self::NoSigner(_) => "NoSigner",
            Self::NotFound { .. } => "NotFound",
            Self::Removed => "Removed",
            _ => "Ledger",
        }
    }
}

fn role_text(signer: &Pubkey, held: Option<Role>) -> String {
    match held {
        Some(role) => format!("{signer} is the {role}, which may not do this"),
        None => format!("{signer} has no role here"),
    }
}

const fn account_name(kind: AccountType) -> &'static str {
    match kind {
        AccountType::Registry => "registry",
        AccountType::Contributor => "contributor",
        AccountType::Location => "location",
        AccountType::Device => "device",
        AccountType::Session => "session",
        AccountType::DiskKey => "disk key",
    }
}
