//! What was shown of devices, and what is new in a reading.

use {
    crate::{
        render::{
            device::DeviceView,
            watch::{Change, ChangeKind},
        },
        workflow::reader::DeviceState,
    },
    solana_sdk::pubkey::Pubkey,
    std::collections::BTreeMap,
};

/// The devices that were shown, by their addresses. One that left stays, so that its sequences go on where it returns.
#[derive(Default)]
pub struct ShownDevices {
    devices: BTreeMap<Pubkey, Device>,
    has_begun: bool,
}

/// What was shown of a device last.
struct Device {
    code: String,
    state: DeviceState,
    is_selected: bool,
}

impl Device {
    fn of(view: &DeviceView, state: DeviceState, is_selected: bool) -> Self {
        Self {
            code: view.device.code.to_string(),
            state,
            is_selected,
        }
    }

    fn is_registration_of(&self, state: &DeviceState) -> bool {
        self.state.contributor == state.contributor && self.state.generation == state.generation
    }

    fn removed(&self, address: &Pubkey, now: i64) -> Change {
        Change {
            kind: ChangeKind::Removed,
            code: self.code.clone(),
            address: address.to_string(),
            generation: self.state.generation,
            after: Some(self.state.sequence),
            sequence: None,
            now,
            device: None,
        }
    }
}

impl ShownDevices {
    /// The devices that were in the selection and are not among these.
    pub fn absent(&self, selection: &[Pubkey]) -> Vec<Pubkey> {
        let mut selected = self.selected();
        for address in selection {
            selected.remove(address);
        }
        selected.into_keys().collect()
    }

    /// Whether a device that is in the selection is to be shown, as this state of it was not.
    pub fn is_news(&self, state: &DeviceState) -> bool {
        let shown = self.devices.get(&state.address);
        let same = shown.filter(|shown| shown.is_registration_of(state));
        same.is_none_or(|shown| {
            if shown.is_selected {
                shown.state.sequence < state.sequence
            } else {
                shown.state.sequence <= state.sequence
            }
        })
    }

    /// Whether something newer was shown of a device, in the same registration.
    pub fn is_newer(&self, state: &DeviceState) -> bool {
        let shown = self.devices.get(&state.address);
        shown.is_some_and(|shown| {
            shown.is_registration_of(state) && state.sequence < shown.state.sequence
        })
    }

    fn selected(&self) -> BTreeMap<Pubkey, &Device> {
        let selected = self.devices.iter().filter(|(_, it)| it.is_selected);
        selected.map(|(address, it)| (*address, it)).collect()
    }

    /// Takes a reading: what of the selection is [news](Self::is_news), and of each device that is [absent](Self::absent) from
    /// it, as it is if it is there, nothing [older](Self::is_newer) than what was shown. Returns what is to be shown.
    pub fn take(
        &mut self,
        news: Vec<(DeviceState, DeviceView)>,
        absent: Vec<(Pubkey, Option<DeviceView>)>,
        now: i64,
    ) -> Vec<Change> {
        let mut changes = vec![];
        for (state, view) in news {
            self.take_selected(state, view, &mut changes);
        }
        for (address, view) in absent {
            self.take_absent(address, view, now, &mut changes);
        }
        self.has_begun = true;
        changes
    }

    fn take_selected(&mut self, state: DeviceState, view: DeviceView, changes: &mut Vec<Change>) {
        let (kind, after) = match self.devices.get(&state.address) {
            None if self.has_begun => (ChangeKind::Entered, None),
            None => (ChangeKind::Present, None),
            Some(before) if !before.is_registration_of(&state) => {
                let removed = before.removed(&state.address, view.now);
                changes.extend(before.is_selected.then_some(removed));
                (ChangeKind::Entered, None)
            }
            Some(before) if !before.is_selected => {
                (ChangeKind::Entered, Some(before.state.sequence))
            }
            Some(before) => (ChangeKind::Changed, Some(before.state.sequence)),
        };
        let shown = Device::of(&view, state, true);
        self.devices.insert(state.address, shown);
        changes.push(Change::of(kind, after, view));
    }

    fn take_absent(
        &mut self,
        address: Pubkey,
        view: Option<DeviceView>,
        now: i64,
        changes: &mut Vec<Change>,
    ) {
        let Some(before) = self.devices.get(&address) else {
            return;
        };
        let same = view.and_then(|view| {
            let state = DeviceState::of(&view)?;
            before.is_registration_of(&state).then_some((state, view))
        });
        let Some((state, view)) = same else {
            changes.push(before.removed(&address, now));
            self.devices.remove(&address);
            return;
        };
        let after = Some(before.state.sequence);
        self.devices
            .insert(address, Device::of(&view, state, false));
        changes.push(Change::of(ChangeKind::Left, after, view));
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        ebb_sdk::{
            client::Keyed,
            json::DeviceJson,
            state::{self, DeviceHead},
        },
    };

    const NOW: i64 = 1_767_323_045;

    fn key(number: u8) -> Pubkey {
        Pubkey::new_from_array([number; 32])
    }

    /// The device at an address, of a generation, with so many mutations.
    fn device(number: u8, generation: u64, sequence: u64) -> DeviceView {
        let mut head = DeviceHead::new(key(101), key(102), key(103), 1, 255);
        (head.generation, head.sequence) = (generation, sequence);
        let found = Keyed {
            address: key(number),
            account: state::Device {
                head,
                code: format!("dz{number}"),
            },
        };
        DeviceView {
            device: DeviceJson::new(&found, "co01", "ams", NOW).into_owned(),
            now: NOW,
        }
    }

    fn state(view: &DeviceView) -> DeviceState {
        DeviceState::of(view).unwrap()
    }

    /// What a reading shows: the change, the code, and the sequences.
    fn take(
        shown: &mut ShownDevices,
        selection: &[DeviceView],
        others: &[DeviceView],
    ) -> Vec<(ChangeKind, String, Option<u64>, Option<u64>)> {
        let addresses: Vec<Pubkey> = selection.iter().map(|it| state(it).address).collect();
        let absent = shown.absent(&addresses).into_iter().map(|at| {
            let there = others.iter().find(|it| state(it).address == at);
            (at, there.cloned())
        });
        let absent = absent.collect();
        let news = selection.iter().filter(|it| shown.is_news(&state(it)));
        let news = news.map(|it| (state(it), it.clone())).collect();
        let changes = shown.take(news, absent, NOW);
        let changes = changes.into_iter();
        changes
            .map(|it| (it.kind, it.code, it.after, it.sequence))
            .collect()
    }

    fn line(
        kind: ChangeKind,
        code: &str,
        after: Option<u64>,
        sequence: Option<u64>,
    ) -> (ChangeKind, String, Option<u64>, Option<u64>) {
        (kind, code.to_owned(), after, sequence)
    }

    #[test]
    fn each_sequence_is_shown_once() {
        let mut shown = ShownDevices::default();
        let first = [device(1, 1, 3), device(2, 2, 1)];
        assert_eq!(
            take(&mut shown, &first, &[]),
            [
                line(ChangeKind::Present, "dz1", None, Some(3)),
                line(ChangeKind::Present, "dz2", None, Some(1)),
            ]
        );
        assert_eq!(take(&mut shown, &first, &[]), []);
        // A jump is one line, and what is older than what was shown is none.
        let second = [device(1, 1, 6), device(2, 2, 0)];
        assert_eq!(
            take(&mut shown, &second, &[]),
            [line(ChangeKind::Changed, "dz1", Some(3), Some(6))]
        );
        assert_eq!(take(&mut shown, &first, &[]), []);
    }

    #[test]
    fn a_device_that_leaves_goes_on_where_it_left() {
        let mut shown = ShownDevices::default();
        take(&mut shown, &[device(1, 1, 3)], &[]);
        assert_eq!(
            take(&mut shown, &[], &[device(1, 1, 5)]),
            [line(ChangeKind::Left, "dz1", Some(3), Some(5))]
        );
        assert_eq!(take(&mut shown, &[], &[device(1, 1, 7)]), []);
        assert_eq!(
            take(&mut shown, &[device(1, 1, 8)], &[]),
            [line(ChangeKind::Entered, "dz1", Some(5), Some(8))]
        );
        // It may leave though nothing happened to it, as a deadline passes.
        assert_eq!(
            take(&mut shown, &[], &[device(1, 1, 8)]),
            [line(ChangeKind::Left, "dz1", Some(8), Some(8))]
        );
        assert!(shown.is_newer(&state(&device(1, 1, 7))));
        assert!(!shown.is_newer(&state(&device(1, 1, 8))));
        assert!(!shown.is_newer(&state(&device(1, 2, 1))));
    }

    #[test]
    fn a_removed_device_is_said_also_where_its_code_is_registered_again() {
        let mut shown = ShownDevices::default();
        take(&mut shown, &[device(1, 1, 3), device(2, 2, 4)], &[]);
        assert_eq!(
            take(&mut shown, &[device(2, 3, 1)], &[]),
            [
                line(ChangeKind::Removed, "dz2", Some(4), None),
                line(ChangeKind::Entered, "dz2", None, Some(1)),
                line(ChangeKind::Removed, "dz1", Some(3), None),
            ]
        );
        assert_eq!(
            take(&mut shown, &[], &[device(2, 4, 9)]),
            [line(ChangeKind::Removed, "dz2", Some(1), None)]
        );
        assert_eq!(
            take(&mut shown, &[device(2, 4, 9)], &[]),
            [line(ChangeKind::Entered, "dz2", None, Some(9))]
        );
    }
}
