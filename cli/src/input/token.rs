//! Tokens that servers ask for.

use {
    crate::error::CliError,
    std::{fs, path::Path},
};

/// Reads a token: the only line of the file that an option names.
pub fn read(option: &str, path: &Path) -> Result<String, CliError> {
    let at = |problem: String| CliError::usage(format!("{option} {}: {problem}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| at(error.to_string()))?;
    let token = text.trim();
    let is_token = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    if is_token {
        Ok(token.to_owned())
    } else {
        Err(at(
            "right is one line of letters, digits and marks, as `openssl rand -hex 32` prints"
                .to_owned(),
        ))
    }
}
