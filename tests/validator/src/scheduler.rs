//! A validator alone leads in every slot, and then a thread of it looks for transactions without a pause: that takes a whole core.

use std::{
    fs::{read_dir, read_to_string},
    process::Command,
};

/// How the system names that thread.
const THREAD: &str = "solBnkTxSched";
/// Then it has a thirtieth of what anyone else gets who can use the core, and all of it if nobody can.
const NICENESS: &str = "15";

/// Lets all others go before the thread that schedules the transactions of a validator. Where the system has no `/proc`, it
/// stays as it is.
pub fn yield_to_others(validator: &str) {
    let Ok(threads) = read_dir(format!("/proc/{validator}/task")) else {
        return;
    };
    for thread in threads.filter_map(Result::ok) {
        // It may have ended by now.
        let name = read_to_string(thread.path().join("comm")).unwrap_or_default();
        if name.trim_end() == THREAD {
            let niced = Command::new("renice")
                .args(["-n", NICENESS, "-p"])
                .arg(thread.file_name())
                .output();
            let niced = niced.expect("renice starts");
            assert!(niced.status.success(), "{niced:?}");
        }
    }
}
