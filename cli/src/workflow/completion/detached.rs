//! Reading a ledger that does not answer while a shell waits, in a process that nobody waits for.

use std::{
    env,
    ffi::OsString,
    process::{Command, Stdio},
    sync::OnceLock,
};

/// Set for such a process.
const VARIABLE: &str = "EBB_COMPLETE_DETACHED";

/// The variable that names the shell, and its value.
static SHELL: OnceLock<(&str, OsString)> = OnceLock::new();

/// Keeps which shell asks: its variable is removed before candidates are made.
pub fn remember(variable: &'static str) {
    if let Some(shell) = env::var_os(variable) {
        SHELL.get_or_init(|| (variable, shell));
    }
}

/// Whether nobody waits for this process.
pub fn is_this_process() -> bool {
    env::var_os(VARIABLE).is_some()
}

/// Asks the same in another process, which outlives this one. If there can be none, the cache stays as it is.
pub fn ask_again() {
    let (Ok(program), Some((variable, shell))) = (env::current_exe(), SHELL.get()) else {
        return;
    };
    let mut command = Command::new(program);
    command
        .args(env::args_os().skip(1))
        .env(variable, shell)
        .env(VARIABLE, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // What is typed at the prompt is not for it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let _ = command.spawn();
}
