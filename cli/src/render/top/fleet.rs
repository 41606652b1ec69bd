//! The devices, contributors and locations that were read last, and the registry.

use {
    super::{sort::Sort, trend::Trend},
    crate::render::device::DeviceView,
    ebb_sdk::json::{unix_seconds, ContributorJson, DeviceJson, LocationJson, RegistryJson},
    std::{
        cmp::{Ordering, Reverse},
        collections::HashMap,
    },
};

/// What was read.
#[derive(Default)]
pub struct Fleet {
    rows: Vec<Row>,
    contributors: Vec<ContributorJson>,
    registry: Option<RegistryJson>,
    locations: Vec<LocationJson>,
    trends: HashMap<String, Trend>,
    /// How many devices cannot be read.
    pub unreadable: usize,
}

/// A device, with what sorting and filtering ask for again and again.
struct Row {
    device: DeviceJson<'static>,
    /// The deadline and the planned return of its drain in Unix seconds; what is not there comes last.
    ends: (i64, i64),
    /// Its texts in small letters.
    text: String,
}

impl Row {
    fn new(device: DeviceJson<'static>) -> Self {
        let end = |time: Option<&str>| match unix_seconds(time) {
            0 => i64::MAX,
            at => at,
        };
        let drain = device.drain.as_ref();
        let status = if device.drained { "drained" } else { "" };
        let text = [
            &*device.code,
            &*device.contributor,
            &*device.location,
            device.provisioning_status.as_str(),
            status,
            drain.map_or("", |drain| &drain.reason),
        ];
        Self {
            ends: (
                end(drain.and_then(|drain| drain.deadline.as_deref())),
                end(drain.and_then(|drain| drain.until.as_deref())),
            ),
            text: text.join("\n").to_lowercase(),
            device,
        }
    }

    fn compare(&self, other: &Self, sort: Sort) -> Ordering {
        let (a, b) = (&self.device, &other.device);
        match sort {
            Sort::Deadline => self.ends.cmp(&other.ends),
            Sort::Code => Ordering::Equal,
            Sort::Sessions => Reverse(a.sessions).cmp(&Reverse(b.sessions)),
            Sort::Location => a.location.cmp(&b.location),
        }
        .then_with(|| a.code.cmp(&b.code))
    }
}

impl Fleet {
    /// Takes the devices as they are at `now` (Unix seconds).
    pub fn take(&mut self, devices: Vec<DeviceView>, now: i64) {
        let mut before = std::mem::take(&mut self.trends);
        for DeviceView { device, .. } in &devices {
            let Some(drain) = &device.drain else {
                continue;
            };
            let started_at = unix_seconds(drain.started_at.as_deref());
            let known = before
                .remove(&*device.code)
                .filter(|trend| trend.is_of(device.generation, started_at));
            let mut trend = known.unwrap_or_else(|| {
                Trend::new(device.generation, started_at, drain.sessions_at_start)
            });
            trend.push(now, device.sessions);
            self.trends.insert(device.code.to_string(), trend);
        }
        self.rows = devices.into_iter().map(|it| Row::new(it.device)).collect();
    }

    /// Takes the contributors, the registry where it could be read, and the locations.
    pub fn take_context(
        &mut self,
        contributors: Vec<ContributorJson>,
        registry: Option<RegistryJson>,
        locations: Vec<LocationJson>,
    ) {
        self.contributors = contributors;
        self.contributors.sort_by(|a, b| a.code.cmp(&b.code));
        self.registry = registry;
        self.locations = locations;
        self.locations.sort_by(|a, b| a.code.cmp(&b.code));
    }

    /// The places of the devices whose texts contain each of the filter's words: draining ones first, and then as sorted.
    pub fn order(&self, filter: &str, sort: Sort, is_reversed: bool) -> Vec<usize> {
        let filter = filter.to_lowercase();
        let words: Vec<&str> = filter.split_whitespace().collect();
        let rows = self.rows.iter().enumerate();
        let mut order: Vec<(usize, &Row)> = rows
            .filter(|(_, row)| words.iter().all(|word| row.text.contains(word)))
            .collect();
        order.sort_by(|(_, a), (_, b)| {
            let group = |row: &Row| row.device.drain.is_none();
            let sorted = a.compare(b, sort);
            group(a).cmp(&group(b)).then(if is_reversed {
                sorted.reverse()
            } else {
                sorted
            })
        });
        order.into_iter().map(|(place, _)| place).collect()
    }

    /// The device at a place.
    pub fn device(&self, place: usize) -> Option<&DeviceJson<'static>> {
        self.rows.get(place).map(|row| &row.device)
    }

    /// How the sessions of a draining device went down.
    pub fn trend(&self, device: &DeviceJson<'_>) -> Option<&Trend> {
        self.trends.get(&*device.code)
    }

    /// The contributor of this code.
    pub fn contributor(&self, code: &str) -> Option<&ContributorJson> {
        let place = self
            .contributors
            .binary_search_by(|contributor| contributor.code.as_str().cmp(code));
        self.contributors.get(place.ok()?)
    }

    /// The registry, where it could be read.
    pub fn registry(&self) -> Option<&RegistryJson> {
        self.registry.as_ref()
    }

    /// The location of this code.
    pub fn location(&self, code: &str) -> Option<&LocationJson> {
        let place = self
            .locations
            .binary_search_by(|location| location.code.as_str().cmp(code));
        self.locations.get(place.ok()?)
    }

    /// The locations, in the order of their codes.
    pub fn locations(&self) -> &[LocationJson] {
        &self.locations
    }

    /// How many devices there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// How many of them are draining.
    pub fn draining(&self) -> usize {
        self.trends.len()
    }

    /// How many of them are late at `now` (Unix seconds).
    pub fn overdue(&self, now: i64) -> usize {
        let rows = self.rows.iter();
        rows.filter(|row| row.device.is_overdue(now)).count()
    }
}
