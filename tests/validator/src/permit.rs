use std::{
    env,
    fs::{File, OpenOptions},
    thread,
    time::Duration,
};

/// A validator that does little takes a quarter of a core, and a whole one for a few seconds when it starts.
const PER_CORE: usize = 2;
/// How often it is tried again.
const POLL: Duration = Duration::from_millis(100);

/// Permission to run a validator. All test programs together run only as many at once as the machine carries.
pub struct Permit {
    /// The lock goes with the file, so also when the process ends.
    _lock: File,
}

impl Permit {
    /// Waits until there is one.
    pub fn wait() -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        loop {
            if let Some(lock) = (0..cores * PER_CORE).find_map(lock) {
                return Self { _lock: lock };
            }
            thread::sleep(POLL);
        }
    }
}

fn lock(number: usize) -> Option<File> {
    let path = env::temp_dir().join(format!("ebb-validator-{number}.lock"));
    let file = OpenOptions::new().create(true).append(true).open(path);
    let file = file.expect("a file in the folder for temporary ones");
    file.try_lock().is_ok().then_some(file)
}
