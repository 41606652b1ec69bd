use super::secret::PADDED;

/// Reads the path of a disk.
pub fn path(text: &str) -> Result<String, String> {
    if text.trim() != text {
        return Err(format!("{PADDED}; right is, for example, /dev/nvme0n1p3"));
    }
    ebb_sdk::value::check_path(text)
        .map(|()| text.to_owned())
        .map_err(|error| format!("{error}, as in /dev/nvme0n1p3"))
}
