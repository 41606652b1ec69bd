//! The page as it is answered.

mod answers;
mod device_page;
mod fleet_page;

use {
    crate::{
        http::{router, state::tests::server, ServedLedger, State},
        ingest::History,
        store::tests::{append, open, tape},
        view::{
            tests::{device, view},
            Table, View, Views,
        },
    },
    axum::{
        body::{to_bytes, Body},
        extract::Request,
        http::{header, HeaderMap, StatusCode},
        Router,
    },
    ebb_sdk::{
        client::{Client, Keyed, Listing},
        event::EventKind,
        json::LedgerOptions,
        ledger::Finality::Confirmed,
        pda,
        state::{
            Device, Hold, HoldKind, HoldReason, Location, LocationHead, ProvisioningStatus,
            ProvisioningStatus::{Activated, Draining},
            Reason,
        },
        Role,
    },
    std::sync::Arc,
    tempfile::TempDir,
    tower::Service,
};

/// The ledger's time in all of these views: 2026-01-02T03:00:00Z.
const NOW: i64 = 1_767_322_800;
const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";
const HOSTILE: &str = "</bdi><script>alert(1)</script>\u{202e}'\"&\n";

/// A server of one view.
struct Site {
    router: Router,
    client: Client,
    ledger: Arc<ServedLedger>,
    _dir: TempDir,
}

/// What was answered.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Site {
    fn of(devices: Vec<Keyed<Device>>, locations: Vec<Keyed<Location>>) -> Self {
        Self::with_history(devices, locations, None)
    }

    fn with_history(
        devices: Vec<Keyed<Device>>,
        locations: Vec<Keyed<Location>>,
        history: Option<History>,
    ) -> Self {
        Self::of_ledger(devices, locations, history, LedgerOptions::default())
    }

    /// A server whose commands to copy name the ledger by these options.
    fn of_ledger(
        devices: Vec<Keyed<Device>>,
        locations: Vec<Keyed<Location>>,
        history: Option<History>,
        options: LedgerOptions,
    ) -> Self {
        let views = Views::keeping(100);
        let devices = devices.into_iter().map(|device| Keyed {
            address: pda::device(&ebb_sdk::ID, &device.account.code).0,
            ..device
        });
        let none = view(1, None, vec![]);
        let locations = Listing {
            items: locations,
            unreadable: vec![],
            slot: 123,
        };
        views.publish(View {
            time: NOW,
            slot: 123,
            locations: Arc::new(Table::new(locations, &none.locations)),
            ..view(1, None, devices.collect())
        });
        let (shared, _, dir) = server(views);
        let state = Arc::into_inner(shared).unwrap();
        let history = history.map_or(state.history, Arc::new);
        let ledger = Arc::new(ServedLedger::new(options));
        Self {
            client: state.client.clone(),
            ledger: Arc::clone(&ledger),
            router: router(State {
                history,
                ledger,
                ..state
            }),
            _dir: dir,
        }
    }

    async fn ask(&self, method: &str, path: &str, accept: &str) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = request.header(header::ACCEPT, accept).body(Body::empty());
        let response = self.router.clone().call(request.unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, BROWSER).await
    }
}

impl Answer {
    /// Asserts that it is a page that contains each of these, and returns it.
    fn contains(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.text.contains(part), "{part}\nin\n{}", self.text);
        }
        self
    }

    fn has_none_of(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(!self.text.contains(part), "{part}\nin\n{}", self.text);
        }
        self
    }

    /// The devices of the page, in its order.
    fn devices(&self) -> Vec<&str> {
        let rows = self.text.split("data-device=\"").skip(1);
        rows.filter_map(|row| row.split('"').next()).collect()
    }
}

/// A device that drains since an hour, with 3 of 12 sessions left, until these times.
fn draining(code: &str, deadline: i64, planned_return: i64) -> Keyed<Device> {
    let mut found = device(code, Draining);
    let head = &mut found.account.head;
    head.location = place().address;
    head.sessions = 3;
    head.max_sessions = 128;
    let drain = &mut head.drain;
    drain.started_at = NOW - 3_600;
    drain.sessions_at_start = 12;
    drain.deadline = deadline;
    drain.planned_return = planned_return;
    drain.reason = Reason::new("rack power").unwrap();
    for role in [
        &mut drain.role,
        &mut drain.reason_role,
        &mut drain.deadline_role,
    ] {
        *role = Role::Contributor;
    }
    found
}

/// A location with two activated devices, both of which must stay.
fn place() -> Keyed<Location> {
    let mut head = LocationHead::new(*b"NL", 0, 0, 2, 255);
    head.activated = 2;
    head.draining = 1;
    head.devices = 3;
    Keyed {
        address: pda::location(&ebb_sdk::ID, "ams").0,
        account: Location {
            head,
            code: "ams".to_owned(),
            name: "Amsterdam".to_owned(),
        },
    }
}

fn hold(reason: &str) -> Hold {
    Hold {
        expires_at: NOW + 7_200,
        id: 4,
        kind: HoldKind::PendingTask,
        role: Role::Authority,
        reason: HoldReason::new(reason).unwrap(),
        ..Hold::default()
    }
}

/// A text as an account holds it whose bytes nobody checked.
fn unchecked<const SIZE: usize>(text: &str) -> ebb_sdk::state::FixedText<SIZE> {
    let mut bytes = vec![u8::try_from(text.len()).unwrap()];
    bytes.extend_from_slice(text.as_bytes());
    bytes.resize(SIZE, 0);
    borsh::from_slice(&bytes).unwrap()
}
