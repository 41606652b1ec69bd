use {crate::terminal::Cell, serde::Serialize};

/// What verbs show of one kind of thing, of which there are several.
pub trait View: Serialize {
    /// What several of them are called in JSON and in messages, as `locations`.
    const PLURAL: &'static str;
    /// The columns of a list.
    const COLUMNS: &'static [&'static str];

    /// Its row in a list.
    fn row(&self) -> Vec<Cell>;
}

impl<V: View> View for &V {
    const PLURAL: &'static str = V::PLURAL;
    const COLUMNS: &'static [&'static str] = V::COLUMNS;

    fn row(&self) -> Vec<Cell> {
        (**self).row()
    }
}
