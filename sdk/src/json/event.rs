use {
    super::rfc3339,
    crate::{
        event::{Event, EventKind},
        history::Record,
        state::{present, AccountType, ProvisioningStatus},
    },
    serde::{Deserialize, Serialize},
    std::borrow::Cow,
};

/// An accepted mutation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventJson {
    /// What happened: the event's name in the design, in kebab case, as `drain-started`.
    pub event: String,
    /// The account that changed: registry, contributor, location or device.
    pub subject: Cow<'static, str>,
    /// Its code, where the transaction or the account has it.
    pub code: Option<String>,
    /// Its address.
    pub address: String,
    /// The account's mutations so far, this one included.
    pub sequence: u64,
    /// What it was before, where the event says: a status, a health, a time or a number.
    pub from: Option<ValueJson>,
    /// What it is, likewise.
    pub to: Option<ValueJson>,
    /// Who signed.
    pub actor: String,
    /// In which role.
    pub role: Cow<'static, str>,
    /// Whether the authority passed holds and budget by force.
    pub forced: bool,
    /// Why.
    pub reason: Option<String>,
    /// The other account or key that the event names, as the location of a change of status or the user of a session.
    pub related: Option<String>,
    /// When, by the ledger's clock.
    pub time: Option<String>,
    /// In which slot.
    pub slot: u64,
    /// The transaction.
    pub signature: String,
    /// Which of the transaction's events it is, from 0.
    pub place: u32,
    /// Whether the ledger can no longer drop it.
    #[serde(rename = "final")]
    pub is_final: bool,
}

/// What an event says of before or after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ValueJson {
    /// A count or an id.
    Number(i64),
    /// A status, a health or a time.
    Text(String),
}

impl From<&Record> for EventJson {
    fn from(record: &Record) -> Self {
        let event = &record.event;
        let (from, to) = values(event);
        let reason = event.reason.as_str().unwrap_or_default();
        Self {
            event: name(event.kind),
            subject: subject(event.kind).into(),
            code: record.code.clone(),
            address: event.subject.to_string(),
            sequence: event.sequence,
            from,
            to,
            actor: event.actor.to_string(),
            role: event.role.as_str().into(),
            forced: event.forced,
            reason: (!reason.is_empty()).then(|| reason.to_owned()),
            related: present(&event.related).map(ToString::to_string),
            time: rfc3339(event.time),
            slot: event.slot,
            signature: record.signature.to_string(),
            place: record.place,
            is_final: record.is_final,
        }
    }
}

/// `DrainStarted` as `drain-started`.
fn name(kind: EventKind) -> String {
    let mut name = String::new();
    for letter in format!("{kind:?}").chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

fn subject(kind: EventKind) -> &'static str {
    match kind.subject() {
        AccountType::Registry => "registry",
        AccountType::Contributor => "contributor",
        AccountType::Location => "location",
        _ => "device",
    }
}

/// What an event says of before and after.
fn values(event: &Event) -> (Option<ValueJson>, Option<ValueJson>) {
    if let Some((from, to)) = event.statuses() {
        return (text(from.as_str()), text(to.as_str()));
    }
    if let Some((from, to)) = event.healths() {
        return (text(from.as_str()), text(to.as_str()));
    }
    let (from, to) = (event.from, event.to);
    match event.kind {
        EventKind::DrainUpdated => (time(from), time(to)),
        EventKind::HoldPlaced => (number(from), time(to)),
        EventKind::DeviceRemoved => (status(from), None),
        EventKind::LocationCreated | EventKind::DeviceCreated => (None, number(to)),
        EventKind::PolicySet
        | EventKind::ContributorSuspended
        | EventKind::ContributorResumed
        | EventKind::BudgetSet
        | EventKind::DeviceUpdated
        | EventKind::HoldReleased
        | EventKind::SessionOpened
        | EventKind::SessionClosed
        | EventKind::DiskKeyRegistered => (number(from), number(to)),
        _ => (None, None),
    }
}

fn text(text: &str) -> Option<ValueJson> {
    Some(ValueJson::Text(text.to_owned()))
}

fn number(number: i64) -> Option<ValueJson> {
    Some(ValueJson::Number(number))
}

fn time(seconds: i64) -> Option<ValueJson> {
    rfc3339(seconds).map(ValueJson::Text)
}

fn status(number: i64) -> Option<ValueJson> {
    let mut all = ProvisioningStatus::ALL.into_iter();
    let status = all.find(|status| *status as i64 == number)?;
    text(status.as_str())
}
