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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_shares_what_it_has_to_send_and_holds_nothing_of_what_it_sent() {
        let events: Arc<[Bytes]> = ["one", "two"].map(|it| Bytes::from(it.to_owned())).into();
        let mut unsent = Unsent::from(Arc::clone(&events));
        for event in events.iter() {
            assert_eq!(unsent.take().unwrap().as_ptr(), event.as_ptr());
        }
        assert_eq!(Arc::strong_count(&events), 2);
        assert_eq!(unsent.take(), None);
        assert_eq!(Arc::strong_count(&events), 1);
        assert_eq!(unsent.take(), None);
    }
}
