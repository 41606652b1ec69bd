//! Reading a ledger that does not answer while a shell waits, in a process that nobody waits for.

use std::{
    env,
    process::{Command, Stdio},
};

/// Set for such a process.
const VARIABLE: &str = "EBB_COMPLETE_DETACHED";

/// Whether nobody waits for this process.
pub fn is_this_process() -> bool {
    env::var_os(VARIABLE).is_some()
}

/// Asks the same in another process, which outlives this one. If there can be none, the cache stays as it is.
pub fn ask_again() {
    let Ok(program) = env::current_exe() else {
        return;
    };
    let mut command = Command::new(program);
    command
        .args(env::args_os().skip(1))
        .env(VARIABLE, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // What is typed at the prompt is not for it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let _ = command.spawn();
}
