//! The errors of the program: one enum whose numbers are frozen.

use solana_program::program_error::ProgramError;

/// Defines [`EbbError`] so that number, name, documentation and message of an error stand on one
/// line and cannot drift apart.
macro_rules! errors {
    ($($name:ident = $number:literal, $message:literal;)*) => {
        /// Why the program refused an instruction or an account could not be read.
        ///
        /// Numbers are the program's custom error codes. They are frozen; new ones are appended.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
        #[repr(u32)]
        pub enum EbbError {
            $(#[doc = $message] #[error($message)] $name = $number,)*
        }

        impl EbbError {
            /// Every error, in the order of their numbers.
            pub const ALL: &'static [EbbError] = &[$(EbbError::$name,)*];

            /// The name that program, SDK and CLI share, as in `LiveHold`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(EbbError::$name => stringify!($name),)*
                }
            }
        }
    };
}

errors! {
    // Instruction and accounts
    InvalidInstruction = 6000, "the instruction data is malformed: unknown number, truncated, or trailing bytes";
    NotEnoughAccounts = 6001, "the instruction was given fewer accounts than it takes";
    MissingSignature = 6002, "an account that must sign did not sign";
    NotWritable = 6003, "an account that must be writable is not";
    WrongOwner = 6004, "an account is not owned by this program";
    WrongAccountType = 6005, "an account is of another type than the instruction takes";
    UnsupportedVersion = 6006, "an account was written by a newer version of the program";
    CorruptAccount = 6007, "an account's bytes are truncated or hold an unknown value";
    WrongAddress = 6008, "an account is not at the address derived for it";
    AlreadyExists = 6009, "an account with this code exists already";
    WrongSystemProgram = 6010, "the system program's place holds another account";
    DuplicateAccount = 6011, "two accounts that must differ are the same";
    WrongProgramData = 6012, "the program or ProgramData account is not this program's";
    NotUpgradeAuthority = 6013, "only the program's upgrade authority may initialise the registry";
    WrongContributor = 6014, "the contributor account is not the one that owns the device";
    WrongLocation = 6015, "the location account is not the device's";
    WrongDevice = 6016, "the session or disk key belongs to another device";
    WrongRentRecipient = 6017, "rent goes to the recorded payer only";

    // Authority
    Unauthorized = 6020, "the signer holds no role under the credential it passed";
    RoleNotAllowed = 6021, "the signer's role may not do this";
    ContributorSuspended = 6022, "the contributor is suspended";
    NotNominee = 6023, "only the nominated key may accept the authority";
    AgentSignatureRequired = 6024, "while sessions are open, the old agent must sign its replacement too";
    ForceNotAllowed = 6025, "only the authority may force a drain";
    AlreadySuspended = 6026, "the contributor is suspended already";
    NotSuspended = 6027, "the contributor is not suspended";

    // Values
    InvalidCode = 6030, "a code is 1 to 32 of a-z 0-9 . _ - and begins with a letter or digit";
    InvalidName = 6031, "a name is 1 to 64 bytes of UTF-8, not all blanks, without control or invisible characters";
    InvalidCountry = 6032, "a country is two capital letters (ISO 3166-1 alpha-2)";
    InvalidCoordinates = 6033, "latitude lies within 90 degrees and longitude within 180";
    InvalidPublicIp = 6034, "a device's IPv4 address is a unicast host address";
    InvalidKey = 6035, "the zero key is no key";
    InvalidReason = 6036, "a reason is UTF-8, not all blanks, without control or invisible characters, up to 64 bytes (a hold's 32)";
    DeadlineTooSoon = 6037, "a deadline lies at least 60 seconds ahead";
    DurationTooLong = 6038, "a duration is longer than allowed: 365 days, for a hold 7";
    InvalidPath = 6039, "a disk key's path is 1 to 64 bytes of UTF-8, not all blanks, without control or invisible characters";
    MaxSessionsBelowSessions = 6040, "max_sessions may not be below the sessions that are open";
    NothingToChange = 6041, "the instruction changes nothing";
    InvalidDuration = 6042, "a hold lasts at least one second";
    InvalidCommitment = 6043, "a commitment is a SHA-256 digest and not all zeros";
    InvalidMaxSessions = 6044, "a device takes at least one session";

    // Lifecycle
    AlreadyInStatus = 6050, "the device is in that provisioning status already";
    TransitionNotAllowed = 6051, "the lifecycle has no such transition";
    StatusMismatch = 6052, "the device is not in the expected provisioning status";
    GenerationMismatch = 6053, "the device is not of the expected generation: it was removed and registered anew";
    DeviceUnfit = 6054, "the device's health is unhealthy or dead";
    HealthNotProven = 6055, "policy asks for healthy, reported by oracle or authority since the last change of status, address, location or agent";
    LiveHold = 6056, "a live hold blocks the drain";
    BudgetExceeded = 6057, "the location would keep fewer activated devices than its disruption budget";
    NotDrained = 6058, "the device still has sessions";
    PendingTask = 6059, "a live pending-task hold blocks retirement";
    DiskKeysLeft = 6060, "the device still has disk keys";
    NotDead = 6061, "an activated device must be drained before it retires, unless its health is dead";
    NotDraining = 6062, "the device is not draining";
    HealthFrozen = 6063, "a retired device's health is frozen";
    AgentHealth = 6064, "an agent may report unknown, healthy or unhealthy, and moves nothing off dead";
    NotUpdatable = 6065, "a device is updated while pending or drained only";
    AgentFixed = 6066, "a retired device's agent is fixed";
    LocationFixed = 6067, "a device changes its location while pending only";
    ContributorMismatch = 6068, "the device is not of the expected contributor: it was removed and registered anew";
    SequenceMismatch = 6069, "the device has changed since it was read";

    // Sessions
    SessionsClosed = 6070, "sessions open on activated devices only";
    DeviceDead = 6071, "a dead device opens no session";
    DeviceFull = 6072, "the device has max_sessions sessions";
    NotEvictable = 6073, "only the agent may close a session before the drain's deadline has passed or the device is dead";
    NotAgent = 6074, "the signer is not the device's agent";
    NoAgent = 6075, "the device has no agent";
    SessionExists = 6076, "the user has a session on this device already";
    DeathUnconfirmed = 6077, "a dead device is evicted or retired once it has been reported dead for 60 seconds";

    // Holds
    TooManyHolds = 6080, "a device has at most 8 live holds, at most 2 by the agent and 2 by the authority";
    HoldNotFound = 6081, "the device has no live hold of this id";
    HoldNotReleasable = 6082, "the signer may not release this hold";
    HoldNotAllowed = 6083, "holds are placed on activated and draining devices only";

    // Disk keys
    DiskKeyNotRegistrable = 6090, "disk keys are registered while pending, activated or draining only";
    TooManyDiskKeys = 6091, "a device has at most 32 disk keys";
    DiskKeyNotDestroyable = 6092, "disk keys are destroyed while retiring only";
    NotCustodian = 6093, "only the disk key's custodian may attest its destruction";
    DiskKeyExists = 6094, "the device has a disk key at this path already";
    ContributorSignatureRequired = 6095, "while a device drains, its contributor must sign for a new disk key";

    // Arithmetic
    Overflow = 6100, "a counter or a time would leave its range";
}

impl EbbError {
    /// The custom error code, 6000 and up.
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// The error of a custom error code, if it is one of Ebb's.
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.iter().copied().find(|e| e.number() == number)
    }
}

impl From<EbbError> for ProgramError {
    fn from(error: EbbError) -> Self {
        ProgramError::Custom(error.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_ascending_and_round_trip() {
        for pair in EbbError::ALL.windows(2) {
            assert!(pair[0].number() < pair[1].number());
        }
        for error in EbbError::ALL {
            assert_eq!(EbbError::from_number(error.number()), Some(*error));
        }
        assert_eq!(EbbError::ALL[0].number(), 6000);
        assert_eq!(EbbError::from_number(5999), None);
    }

    #[test]
    fn the_name_is_the_variant() {
        for error in EbbError::ALL {
            assert_eq!(error.name(), format!("{error:?}"));
        }
    }
}
