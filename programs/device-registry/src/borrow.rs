//! Borrows of an account's data that are checked at run time, as a `RefCell`'s are.
//!
//! The same account may stand in two places of an instruction. Both then share one state, so
//! writing one while the other is borrowed is refused instead of aliasing it.

use {
    core::{
        cell::Cell,
        ops::{Deref, DerefMut},
    },
    ebb_sdk::EbbError,
};

/// Who borrows an account's data now.
#[repr(transparent)]
pub struct BorrowState(Cell<u8>);

impl BorrowState {
    /// Nobody. Each reader takes one off.
    pub const FREE: u8 = u8::MAX;
    /// One writer. The last reader that is admitted leaves 1, so this is never readers.
    const WRITTEN: u8 = 0;

    /// Registers a reader, unless there is a writer.
    pub fn share(&self) -> Result<Shared<'_>, EbbError> {
        match self.0.get() {
            Self::WRITTEN | 1 => Err(EbbError::DuplicateAccount),
            state => {
                self.0.set(state.wrapping_sub(1));
                Ok(Shared(self))
            }
        }
    }

    /// Registers a writer, unless there is anybody.
    pub fn claim(&self) -> Result<Exclusive<'_>, EbbError> {
        if self.0.get() != Self::FREE {
            return Err(EbbError::DuplicateAccount);
        }
        self.0.set(Self::WRITTEN);
        Ok(Exclusive(self))
    }
}

/// A reader's registration, which ends when it is dropped.
pub struct Shared<'a>(&'a BorrowState);

impl Drop for Shared<'_> {
    fn drop(&mut self) {
        self.0 .0.set(self.0 .0.get().wrapping_add(1));
    }
}

/// A writer's registration, which ends when it is dropped.
pub struct Exclusive<'a>(&'a BorrowState);

impl Drop for Exclusive<'_> {
    fn drop(&mut self) {
        self.0 .0.set(BorrowState::FREE);
    }
}

/// Data borrowed to read.
pub struct Ref<'a, T: ?Sized> {
    value: &'a T,
    registration: Shared<'a>,
}

impl<'a, T: ?Sized> Ref<'a, T> {
    pub fn new(value: &'a T, registration: Shared<'a>) -> Self {
        Self {
            value,
            registration,
        }
    }

    /// To borrow a part on: `Ref::new` takes both again.
    pub fn into_parts(self) -> (&'a T, Shared<'a>) {
        (self.value, self.registration)
    }
}

impl<T: ?Sized> Deref for Ref<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value
    }
}

/// Data borrowed to write.
pub struct RefMut<'a, T: ?Sized> {
    value: &'a mut T,
    registration: Exclusive<'a>,
}

impl<'a, T: ?Sized> RefMut<'a, T> {
    pub fn new(value: &'a mut T, registration: Exclusive<'a>) -> Self {
        Self {
            value,
            registration,
        }
    }

    /// As [`Ref::into_parts`].
    pub fn into_parts(self) -> (&'a mut T, Exclusive<'a>) {
        (self.value, self.registration)
    }
}

impl<T: ?Sized> Deref for RefMut<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value
    }
}

impl<T: ?Sized> DerefMut for RefMut<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value
    }
}
