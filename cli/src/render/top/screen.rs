//! What is on the screen, and how it changes.

use {
    super::{fleet::Fleet, palette::Palette, sort::Sort},
    crate::render::device::DeviceView,
    ebb_sdk::json::{ContributorJson, DeviceJson, LedgerOptions, LocationJson, RegistryJson},
    solana_sdk::hash::Hash,
};

/// How many columns most terminals have.
const USUAL_WIDTH: u16 = 80;

/// What fills the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// The devices, and the one that is selected.
    #[default]
    Devices,
    /// All about the device that is selected.
    Details,
    /// The locations.
    Locations,
    /// The keys.
    Help,
}

/// That nothing can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Since when, in Unix seconds.
    pub since: i64,
    /// Why.
    pub why: String,
}

/// Which ledger the devices are on, as far as that is known.
#[derive(Clone, Debug, Default)]
pub struct NamedLedger {
    /// The options with which commands to copy name it.
    pub options: LedgerOptions,
    /// The program's id.
    pub program_id: Option<String>,
    /// Its genesis.
    pub genesis: Option<Hash>,
}

/// The screen.
pub struct Screen {
    ledger: NamedLedger,
    fleet: Fleet,
    source: &'static str,
    palette: Palette,
    now: i64,
    last_seen: i64,
    outage: Option<Outage>,
    width: u16,
    pane: Pane,
    scrolled: usize,
    sort: Sort,
    is_reversed: bool,
    filter: String,
    is_typing: bool,
    order: Vec<usize>,
    cursor: usize,
}

impl Screen {
    /// A screen without devices. `source` is where they are read: a ledger or a server.
    pub fn new(source: &'static str, is_coloured: bool) -> Self {
        Self {
            ledger: NamedLedger::default(),
            fleet: Fleet::default(),
            source,
            palette: Palette::new(is_coloured),
            now: 0,
            last_seen: 0,
            outage: None,
            width: USUAL_WIDTH,
            pane: Pane::default(),
            scrolled: 0,
            sort: Sort::default(),
            is_reversed: false,
            filter: String::new(),
            is_typing: false,
            order: vec![],
            cursor: 0,
        }
    }

    /// The same for this ledger.
    pub fn of(self, ledger: NamedLedger) -> Self {
        Self { ledger, ..self }
    }

    /// Takes the devices that were read at `now` (Unix seconds); `unreadable` is how many could not be.
    pub fn take_devices(&mut self, devices: Vec<DeviceView>, unreadable: usize, now: i64) {
        let selected = self.selected().map(|device| device.code.to_string());
        self.fleet.unreadable = unreadable;
        self.fleet.take(devices, now);
        self.arrange(selected.as_deref());
        self.seen(now);
    }

    /// Takes the contributors, the registry and the locations that were read at `now` (Unix seconds).
    pub fn take_context(
        &mut self,
        contributors: Vec<ContributorJson>,
        registry: Option<RegistryJson>,
        locations: Vec<LocationJson>,
        now: i64,
    ) {
        self.fleet.take_context(contributors, registry, locations);
        self.seen(now);
    }

    /// Sets how many columns it is drawn in.
    pub fn set_width(&mut self, columns: u16) {
        self.width = columns;
    }

    /// Takes that nothing can be read from `now` (Unix seconds) on.
    pub fn take_outage(&mut self, why: String, now: i64) {
        let since = self.outage.as_ref().map_or(now, |outage| outage.since);
        self.outage = Some(Outage { since, why });
    }

    /// Sets the ledger's time, in Unix seconds.
    pub fn set_now(&mut self, now: i64) {
        self.now = self.now.max(now);
    }

    fn seen(&mut self, now: i64) {
        self.set_now(now);
        self.last_seen = self.last_seen.max(now);
        self.outage = None;
    }

    /// Sorts and filters anew, and leaves the same device selected, or where it is gone the one in its place.
    fn arrange(&mut self, selected: Option<&str>) {
        self.order = self.fleet.order(&self.filter, self.sort, self.is_reversed);
        let is_selected = |place: &usize| {
            let device = self.fleet.device(*place);
            device.map(|device| &*device.code) == selected
        };
        let found = self.order.iter().position(is_selected);
        self.cursor = found.unwrap_or(self.cursor).min(self.last());
    }

    fn last(&self) -> usize {
        self.order.len().saturating_sub(1)
    }

    /// Arranges anew after a change of sort or filter.
    fn rearrange(&mut self) {
        let selected = self.selected().map(|device| device.code.to_string());
        self.arrange(selected.as_deref());
    }

    /// Shows another pane from its top.
    pub fn open(&mut self, pane: Pane) {
        (self.pane, self.scrolled) = (pane, 0);
    }

    /// Selects the device so many rows below, or scrolls what has no rows to select: `most` lines at most are above the screen.
    pub fn move_down(&mut self, rows: usize, most: usize) {
        match self.pane {
            Pane::Devices => self.cursor = self.cursor.saturating_add(rows).min(self.last()),
            _ => self.scrolled = self.scrolled.saturating_add(rows).min(most),
        }
    }

    /// Selects the device so many rows above, or scrolls likewise: what was scrolled to may be shorter by now.
    pub fn move_up(&mut self, rows: usize, most: usize) {
        match self.pane {
            Pane::Devices => self.cursor = self.cursor.saturating_sub(rows),
            _ => self.scrolled = self.scrolled.min(most).saturating_sub(rows),
        }
    }

    /// Sorts by what comes next.
    pub fn sort_next(&mut self) {
        self.sort = self.sort.next();
        self.rearrange();
    }

    /// Turns the order around, draining devices still first.
    pub fn reverse(&mut self) {
        self.is_reversed = !self.is_reversed;
        self.rearrange();
    }

    /// Begins or ends typing a filter.
    pub fn set_typing(&mut self, is_typing: bool) {
        self.is_typing = is_typing;
    }

    /// Changes the filter.
    pub fn edit_filter(&mut self, edit: impl FnOnce(&mut String)) {
        edit(&mut self.filter);
        self.rearrange();
    }

    /// The device that is selected.
    pub fn selected(&self) -> Option<&DeviceJson<'static>> {
        self.order
            .get(self.cursor)
            .and_then(|place| self.fleet.device(*place))
    }

    /// Which ledger it is.
    pub fn ledger(&self) -> &NamedLedger {
        &self.ledger
    }

    /// What was read.
    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// Where it was read.
    pub fn source(&self) -> &'static str {
        self.source
    }

    /// The styles.
    pub fn palette(&self) -> Palette {
        self.palette
    }

    /// The ledger's time, in Unix seconds.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// When something was read last, in Unix seconds.
    pub fn last_seen(&self) -> i64 {
        self.last_seen
    }

    /// Why nothing can be read; `None` if something can.
    pub fn outage(&self) -> Option<&Outage> {
        self.outage.as_ref()
    }

    /// How many columns it is drawn in.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// What fills the screen.
    pub fn pane(&self) -> Pane {
        self.pane
    }

    /// How many lines of the pane are above the screen.
    pub fn scrolled(&self) -> usize {
        self.scrolled
    }

    /// How devices are sorted.
    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// Whether that order is turned around.
    pub fn is_reversed(&self) -> bool {
        self.is_reversed
    }

    /// The words that devices are filtered by.
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// Whether a filter is being typed.
    pub fn is_typing(&self) -> bool {
        self.is_typing
    }

    /// The places of the devices that pass the filter, in the order in which they are shown.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// Which of these is selected.
    pub fn cursor(&self) -> usize {
        self.cursor
    }
}
