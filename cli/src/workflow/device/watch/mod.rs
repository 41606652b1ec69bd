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
            reader::{DeviceState, Devices, Reader},
            stream::Outages,
        },
    },
    shown::ShownDevices,
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
        shown: ShownDevices::default(),
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
    shown: ShownDevices,
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
        let ReadSelection { addresses, news } = ReadSelection::of(devices, &self.shown)?;
        let mut absent = vec![];
        for address in self.shown.absent(&addresses) {
            match self.reader.device(&Identifier::Address(address)).await {
                Ok(device) if is_older(&device, &self.shown) => {
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
        Ok(self.shown.take(news, absent, devices.now))
    }
}

fn is_older(device: &DeviceView, shown: &ShownDevices) -> bool {
    DeviceState::of(device).is_some_and(|state| shown.is_newer(&state))
}

/// What a reading has.
struct ReadSelection {
    /// The devices.
    addresses: Vec<Pubkey>,
    /// Those of them that are to be shown. Of others no view is made, as most of a selection is as it was.
    news: Vec<(DeviceState, DeviceView)>,
}

impl ReadSelection {
    fn of(devices: &Devices, shown: &ShownDevices) -> Result<Self, CliError> {
        let (mut addresses, mut news) = (vec![], vec![]);
        for item in devices.items() {
            let item = item?;
            let Some(state) = item.state() else { continue };
            addresses.push(state.address);
            if shown.is_news(&state) {
                news.push((state, item.view()));
            }
        }
        Ok(Self { addresses, news })
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        ebb_sdk::{
            client::Keyed,
            json::DeviceJson,
            state::{Device, DeviceHead},
        },
    };

    /// Devices of these sequences.
    fn devices(sequences: &[u64]) -> Devices {
        let views = sequences.iter().zip(1..).map(|(sequence, number)| {
            let key = Pubkey::new_from_array([9; 32]);
            let mut head = DeviceHead::new(key, key, key, 1, 255);
            head.sequence = *sequence;
            let found = Keyed {
                address: Pubkey::new_from_array([number; 32]),
                account: Device {
                    head,
                    code: format!("dz{number}"),
                },
            };
            DeviceView {
                device: DeviceJson::new(&found, "co01", "ams", 0).into_owned(),
                now: 0,
            }
        });
        Devices::new(0, views.collect(), vec![])
    }

    #[test]
    fn a_view_is_made_only_of_what_is_to_be_shown() {
        let mut shown = ShownDevices::default();
        let mut codes = |sequences: &[u64]| -> Vec<String> {
            let ReadSelection { addresses, news } =
                ReadSelection::of(&devices(sequences), &shown).unwrap();
            assert_eq!(addresses.len(), sequences.len());
            let views = news.iter().map(|(_, view)| view.device.code.to_string());
            let codes = views.collect();
            shown.take(news, vec![], 0);
            codes
        };
        assert_eq!(codes(&[1, 1, 1]), ["dz1", "dz2", "dz3"]);
        assert_eq!(codes(&[1, 2, 1]), ["dz2"]);
        assert_eq!(codes(&[1, 1, 1]), Vec::<String>::new());
        assert_eq!(codes(&[2, 3, 1]), ["dz1", "dz2"]);
    }
}
