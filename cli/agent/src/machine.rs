//! That one agent of a device runs on a machine, whatever its state folder is.

use {
    crate::state::Identity,
    sha2::{Digest, Sha256},
    std::io,
};

/// Keeps other agents of a device off this machine, until the process ends in whatever way.
#[derive(Debug)]
pub struct DeviceLock {
    #[cfg(target_os = "linux")]
    _socket: std::os::unix::net::UnixListener,
}

impl DeviceLock {
    /// Takes the lock of a device; `None` if another process has it. The lock is a name of the network namespace: in another one,
    /// as another container, there is another.
    ///
    /// # Errors
    /// The system has no such names.
    pub fn take(identity: &Identity) -> io::Result<Option<Self>> {
        let Identity {
            genesis,
            program,
            device,
        } = identity;
        let name = Sha256::digest(format!("{genesis} {program} {device}"));
        let name = format!("ebb-agent/{name:x}");
        bound(&name)
    }
}

#[cfg(target_os = "linux")]
fn bound(name: &str) -> io::Result<Option<DeviceLock>> {
    use std::os::{
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixListener},
    };
    let address = SocketAddr::from_abstract_name(name)?;
    match UnixListener::bind_addr(&address) {
        Ok(socket) => Ok(Some(DeviceLock { _socket: socket })),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Ok(None),
        Err(error) => Err(error),
    }
}

/// Elsewhere there are no names that end with their process.
#[cfg(not(target_os = "linux"))]
fn bound(_name: &str) -> io::Result<Option<DeviceLock>> {
    Ok(Some(DeviceLock {}))
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    fn identity(device: &str) -> Identity {
        Identity {
            genesis: "G".into(),
            program: format!("of process {}", std::process::id()),
            device: device.into(),
        }
    }

    #[test]
    fn a_device_has_one_lock_which_is_free_again_at_once() {
        let first = DeviceLock::take(&identity("A")).unwrap();
        assert!(first.is_some());
        assert!(DeviceLock::take(&identity("A")).unwrap().is_none());
        assert!(DeviceLock::take(&identity("B")).unwrap().is_some());
        drop(first);
        assert!(DeviceLock::take(&identity("A")).unwrap().is_some());
    }
}
