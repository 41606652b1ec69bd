use {
    super::document::document,
    crate::{
        context::Context,
        error::{CliError, Exit},
        terminal::{Cell, Field},
    },
    serde::Serialize,
};

/// What verbs show of one kind of thing, of which there are several.
pub trait View: Serialize {
    /// What several of them are called in JSON and in messages, as `locations`.
    const PLURAL: &'static str;
    /// The columns of a list.
    const COLUMNS: &'static [&'static str];

    /// Its row in a list.
    fn row(&self) -> Vec<Cell>;

    /// Its fields, for itself alone; those of its row unless there are more.
    fn fields(&self) -> Vec<Field> {
        Self::COLUMNS.iter().copied().zip(self.row()).collect()
    }
}

impl<V: View> View for &V {
    const PLURAL: &'static str = V::PLURAL;
    const COLUMNS: &'static [&'static str] = V::COLUMNS;

    fn row(&self) -> Vec<Cell> {
        (**self).row()
    }

    fn fields(&self) -> Vec<Field> {
        (**self).fields()
    }
}

/// Writes one thing.
pub fn show<V: View>(context: &Context, view: &V) -> Result<Exit, CliError> {
    document(context, view, &view.fields())
}
