//! What streams are sent when they come from one view to another.

use {
    super::{answers::Answer, filter::Filter},
    crate::view::Position,
    axum::body::Bytes,
    std::sync::Arc,
};

/// From which position streams of a filter come to a view.
pub type FilteredStep = (Arc<Filter>, Position);
/// The events that they are sent then, however many they are; `None` if the position is too old.
pub type StepEvents = Option<Arc<[Bytes]>>;

impl Answer for StepEvents {
    fn kept_bytes(&self) -> Option<usize> {
        let events = self.as_ref()?;
        let bytes = events.iter().map(|event| size_of::<Bytes>() + event.len());
        Some(bytes.sum())
    }
}

/// What one stream still has to send of the events of a step, which it shares with others.
#[derive(Default)]
pub struct Unsent {
    events: Arc<[Bytes]>,
    sent: usize,
}

impl Unsent {
    /// Takes the next event. Behind the last, nothing of the step is held.
    pub fn take(&mut self) -> Option<Bytes> {
        let next = self.events.get(self.sent).cloned();
        self.sent += 1;
        if next.is_none() {
            *self = Self::default();
        }
        next
    }
}

impl From<Arc<[Bytes]>> for Unsent {
    fn from(events: Arc<[Bytes]>) -> Self {
        Self { events, sent: 0 }
    }
}
