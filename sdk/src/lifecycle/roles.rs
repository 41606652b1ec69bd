//! Who may sign which instruction.

use crate::{
    instruction::EbbInstruction,
    role::Role::{self, Agent, Authority, Contributor, Custodian, HealthOracle, Operator},
};

/// The network operator, who admits contributors and devices.
pub const AUTHORITY: &[Role] = &[Authority];
/// The contributor's authority, without its operator.
pub const CONTRIBUTOR: &[Role] = &[Contributor];
/// Who disposes of a device.
pub const OWNERS: &[Role] = &[Contributor, Authority];
/// Who runs drains and evicts.
pub const DRAINERS: &[Role] = &[Contributor, Operator, Authority];
/// Who places and releases holds.
pub const HOLDERS: &[Role] = &[Contributor, Operator, Authority, Agent];
/// Who closes sessions: the agent as users leave, the others to evict.
pub const CLOSERS: &[Role] = &[Agent, Contributor, Operator, Authority];
/// Who reports health.
pub const REPORTERS: &[Role] = &[HealthOracle, Authority, Agent];
/// The device's controller.
pub const AGENT: &[Role] = &[Agent];
/// Who registered a disk key.
pub const CUSTODIAN: &[Role] = &[Custodian];
/// Who consents, beside the custodian, to a new disk key.
pub const DISK_KEY_OWNERS: &[Role] = &[Contributor, Agent];

impl EbbInstruction {
    /// The roles that may sign it in some state, as its event names them. Who initializes a registry or accepts a
    /// nomination signs in the role that it takes on.
    pub const fn roles(&self) -> &'static [Role] {
        match self {
            Self::Initialize(_)
            | Self::SetPolicy { .. }
            | Self::SetHealthOracle { .. }
            | Self::NominateAuthority { .. }
            | Self::AcceptAuthority
            | Self::CreateContributor(_)
            | Self::SuspendContributor
            | Self::ResumeContributor
            | Self::CreateLocation(_)
            | Self::SetBudget { .. }
            | Self::ActivateDevice(_)
            | Self::ReassignCustodian { .. } => AUTHORITY,
            Self::SetOperator { .. }
            | Self::AcceptContributorAuthority
            | Self::CreateDevice(_)
            | Self::UpdateDevice(_) => CONTRIBUTOR,
            Self::NominateContributorAuthority { .. }
            | Self::RetireDevice(_)
            | Self::RemoveDevice(_)
            | Self::SetAgent { .. } => OWNERS,
            Self::DrainDevice(_) | Self::UpdateDrain(_) | Self::UndrainDevice(_) => DRAINERS,
            Self::PlaceHold(_) | Self::ReleaseHold { .. } => HOLDERS,
            Self::CloseSession(_) => CLOSERS,
            Self::ReportHealth { .. } => REPORTERS,
            Self::OpenSession { .. } => AGENT,
            Self::RegisterDiskKey(_) | Self::DestroyDiskKey(_) => CUSTODIAN,
        }
    }
}
