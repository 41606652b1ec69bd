//! The addresses of accounts. Each derives from the id of the program it runs under.

use {solana_program::pubkey::Pubkey, solana_sdk_ids::bpf_loader_upgradeable};

/// Seeds' first parts.
pub const REGISTRY_SEED: &[u8] = b"registry";
/// See [`contributor`].
pub const CONTRIBUTOR_SEED: &[u8] = b"contributor";
/// See [`location`].
pub const LOCATION_SEED: &[u8] = b"location";
/// See [`device`].
pub const DEVICE_SEED: &[u8] = b"device";
/// See [`session`].
pub const SESSION_SEED: &[u8] = b"session";
/// See [`disk_key`].
pub const DISK_KEY_SEED: &[u8] = b"disk-key";

/// The singleton registry and its bump: `["registry"]`.
pub fn registry(program_id: &Pubkey) -> (Pubkey, u8) {
    Pubkey::find_program_address(&[REGISTRY_SEED], program_id)
}

/// A contributor and its bump: `["contributor", code]`.
pub fn contributor(program_id: &Pubkey, code: &str) -> (Pubkey, u8) {
    Pubkey::find_program_address(&[CONTRIBUTOR_SEED, code.as_bytes()], program_id)
}

/// A location and its bump: `["location", code]`.
pub fn location(program_id: &Pubkey, code: &str) -> (Pubkey, u8) {
    Pubkey::find_program_address(&[LOCATION_SEED, code.as_bytes()], program_id)
}

/// A device and its bump: `["device", code]`.
pub fn device(program_id: &Pubkey, code: &str) -> (Pubkey, u8) {
    Pubkey::find_program_address(&[DEVICE_SEED, code.as_bytes()], program_id)
}

/// A user's session on a device and its bump: `["session", device, user]`.
pub fn session(program_id: &Pubkey, device: &Pubkey, user: &Pubkey) -> (Pubkey, u8) {
    Pubkey::find_program_address(&[SESSION_SEED, device.as_ref(), user.as_ref()], program_id)
}

/// A disk key and its bump: `["disk-key", device, sha256(path)]`.
pub fn disk_key(program_id: &Pubkey, device: &Pubkey, path: &str) -> (Pubkey, u8) {
    let digest = solana_program::hash::hash(path.as_bytes());
    Pubkey::find_program_address(
        &[DISK_KEY_SEED, device.as_ref(), digest.as_ref()],
        program_id,
    )
}

/// The upgradeable loader's account that holds a program's code and upgrade authority.
pub fn program_data(program_id: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(&[program_id.as_ref()], &bpf_loader_upgradeable::ID).0
}
