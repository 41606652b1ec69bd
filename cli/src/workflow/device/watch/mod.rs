//! Printing the changes of a selection of devices.

mod shown;

use {
    crate::{
        error::{CliError, Kind},
        input::{filter::FilterArgs, value::Identifier},
        render::{
            device::DeviceView,
            warn_unreadable,
            watch::{self as render, Change},
        },
        terminal::{status, Format},
        workflow::{
            reader::{Devices, Reader},
            stream::Outages,
        },
    },
    shown::Shown,
    solana_sdk::pubkey::Pubkey,
    std::{collections::BTreeSet, time::Duration},
    tokio::time::sleep,
};

/// How long after an outage what is open is read again.
const PAUSE: Duration = Duration::from_secs(1);

/// Prints the devices that pass a filter, and then each change, until a signal ends it.
///
/// # Errors
/// Of the first reading; later any but an outage, which is waited for.
pub async fn watch(
    format: Format,
    reader: &dyn Reader,
    filter: &FilterArgs,
) -> Result<(), CliError> {
    let mut readings = reader.watch(filter);
    let mut watching = Watching {
        reader,
        shown: Shown::default(),
        unreadable: BTreeSet::new(),
    };
    let mut outages = Outages::default();
    let mut devices = readings.next().await?;
    if devices.views().next().is_none() && !format.output.is_json() {
        status("no devices");
    }
    loop {
        let changes = loop {
            if let Some(changes) = outages.tolerate(watching.changes(&devices).await)? {
                break changes;
            }
            // The next reading may be long in coming.
            sleep(PAUSE).await;
        };
        for change in &changes {
            render::change(format, change)?;
        }
        devices = loop {
            if let Some(devices) = outages.tolerate(readings.next().await)? {
                break devices;
            }
        };
    }
}

/// What was shown of a selection.
struct Watching<'a> {
    reader: &'a dyn Reader,
    shown: Shown,
    /// The accounts that were reported as unreadable.
    unreadable: BTreeSet<Pubkey>,
}

impl Watching<'_> {
    /// What changed since the reading before.
    async fn changes(&mut self, devices: &Devices) -> Result<Vec<Change>, CliError> {
        for (address, error) in &devices.unreadable {
            if self.unreadable.insert(*address) {
                warn_unreadable(&[(*address, *error)]);
            }
        }
        let views: Vec<DeviceView> = devices.views().collect::<Result<_, _>>()?;
        let mut absent = vec![];
        for address in self.shown.absent(&views) {
            match self.reader.device(&Identifier::Address(address)).await {
                Ok(device) if self.shown.is_newer(&address, &device) => {
                    let code = &device.device.code;
                    let older = format!("{code} was read as it had been before it was last shown");
                    return Err(CliError::unreachable(older));
                }
                Ok(device) => absent.push((address, Some(device))),
                Err(error) if error.kind() == Kind::NotFound => absent.push((address, None)),
                // Nobody knows whether it left.
                Err(error) if error.is_unreadable() => {
                    if self.unreadable.insert(address) {
                        status(format_args!("warning: {error}"));
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(self.shown.take(views, absent, devices.now))
    }
}
