/** The layout version that this crate writes and reads. An account of a newer one is `EbbError::UnsupportedVersion`. */
export const ACCOUNT_VERSION = 1;

/** The layout version of `Event`. */
export const EVENT_VERSION = 1;

/** The most live holds that a device's agent has on it. */
export const MAX_AGENT_HOLDS = 2;

/** The most live holds that the authority has on a device. */
export const MAX_AUTHORITY_HOLDS = 2;

/** The longest code in bytes. */
export const MAX_CODE_LEN = 32;

/** The most disk keys a device carries. */
export const MAX_DISK_KEYS = 32;

/** The longest deadline or planned return, in seconds: 365 days. */
export const MAX_DURATION_SECONDS = 31536000;

/** The most holds a device carries. */
export const MAX_HOLDS = 8;

/** The longest hold, in seconds: 7 days. */
export const MAX_HOLD_SECONDS = 604800;

/** The longest name of a location, in bytes. */
export const MAX_NAME_LEN = 64;

/** The longest path of a disk key, in bytes. */
export const MAX_PATH_LEN = 64;

/** The nearest a deadline may lie to the instruction that sets it, in seconds. */
export const MIN_DEADLINE_SECONDS = 60;

/** How long a device must have been reported dead before that allows evictions and its retirement, in seconds: no shorter than the nearest deadline. */
export const MIN_DEAD_SECONDS = 60;
