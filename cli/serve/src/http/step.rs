//! What streams are sent when they come from one view to another.

use {super::filter::Filter, crate::view::Position, axum::response::sse::Event, std::sync::Arc};

/// From which position streams of a filter come to a view.
pub type FilteredStep = (Arc<Filter>, Position);
/// What they are sent then, however many they are; `None` if the position is too old.
pub type StepEvents = Option<Arc<[Event]>>;
