//! The program's input, read where the loader laid it.
//!
//! The loader hands a program one buffer: the accounts, the instruction's data and the program's
//! id. `solana_program`'s `AccountInfo` allocates twice for each account to describe it; an
//! [`Account`] is a pointer into the buffer, which leaves nearly all of that cost.

use {
    crate::borrow::{BorrowState, Ref, RefMut},
    core::{cell::Cell, marker::PhantomData, mem::MaybeUninit, ptr::NonNull, slice},
    ebb_sdk::EbbError,
    solana_program::{
        account_info::{AccountInfo, MAX_PERMITTED_DATA_INCREASE},
        entrypoint::{ProgramResult, NON_DUP_MARKER},
        instruction::Instruction,
        program::invoke_signed,
        pubkey::Pubkey,
    },
    solana_sdk_ids::system_program,
};

/// The most accounts that an instruction takes. Those beyond are passed over.
pub const MAX_ACCOUNTS: usize = 7;

/// What stands where an account was laid down before: its place, in one byte of eight.
const DUPLICATE_LEN: usize = 8;

/// What follows an account's data: room to grow and eight bytes that once told its rent epoch.
const AFTER_DATA_LEN: usize = MAX_PERMITTED_DATA_INCREASE + size_of::<u64>();

/// The alignment of each account.
const ALIGNMENT: usize = 8;

/// An account as the loader lays it down; its data follows.
#[repr(C)]
struct Header {
    /// [`NON_DUP_MARKER`] tells an account from a duplicate's place. Nobody looks at it once the
    /// input is read, so it keeps the borrows from then on.
    borrows: BorrowState,
    is_signer: u8,
    is_writable: u8,
    executable: u8,
    padding: [u8; 4],
    key: Pubkey,
    owner: Cell<Pubkey>,
    lamports: Cell<u64>,
    data_len: Cell<u64>,
}

// A fresh account is one that nobody borrows, and its data begins aligned as a head must be.
const _: () = assert!(NON_DUP_MARKER == BorrowState::FREE);
const _: () = assert!(size_of::<Header>() == 88 && align_of::<Header>() == ALIGNMENT);

/// An account that the instruction was given. Copies and duplicates are views of the same account.
#[derive(Clone, Copy)]
pub struct Account<'a> {
    header: NonNull<Header>,
    input: PhantomData<&'a Header>,
}

impl Account<'_> {
    fn header(&self) -> &Header {
        // SAFETY: `Input::read` made this view of a header that the loader laid down, which lives
        // as long as the view. Nothing makes a unique reference to a header, and what changes in
        // it is in cells.
        unsafe { self.header.as_ref() }
    }

    pub fn key(&self) -> &Pubkey {
        &self.header().key
    }

    pub fn is_signer(&self) -> bool {
        self.header().is_signer != 0
    }

    pub fn is_writable(&self) -> bool {
        self.header().is_writable != 0
    }

    pub fn is_owned_by(&self, program: &Pubkey) -> bool {
        solana_address::address_eq(&self.header().owner.get(), program)
    }

    pub fn lamports(&self) -> u64 {
        self.header().lamports.get()
    }

    pub fn set_lamports(&self, lamports: u64) {
        self.header().lamports.set(lamports);
    }

    pub fn is_empty(&self) -> bool {
        self.header().data_len.get() == 0
    }

    /// The data, to read.
    ///
    /// # Errors
    /// [`EbbError::DuplicateAccount`] while it is borrowed to write.
    pub fn borrow(&self) -> Result<Ref<'_, [u8]>, EbbError> {
        let registration = self.header().borrows.share()?;
        let (data, len) = self.data();
        // SAFETY: the loader laid these bytes down for as long as the view lives, and no one
        // writes them while the registration lasts.
        Ok(Ref::new(
            unsafe { slice::from_raw_parts(data, len) },
            registration,
        ))
    }

    /// The data, to write.
    ///
    /// # Errors
    /// [`EbbError::DuplicateAccount`] while it is borrowed.
    pub fn borrow_mut(&self) -> Result<RefMut<'_, [u8]>, EbbError> {
        let registration = self.header().borrows.claim()?;
        let (data, len) = self.data();
        // SAFETY: as in `borrow`, and the registration is the only one while it lasts.
        Ok(RefMut::new(
            unsafe { slice::from_raw_parts_mut(data, len) },
            registration,
        ))
    }

    /// Where the data begins, and its length. The runtime keeps the length within the room that
    /// the loader laid down.
    fn data(&self) -> (*mut u8, usize) {
        // SAFETY: the data follows the header in the same buffer.
        let data = unsafe { self.header.add(1) };
        (data.as_ptr().cast(), self.header().data_len.get() as usize)
    }

    /// Takes the data away and gives the account back to the system program.
    ///
    /// # Errors
    /// [`EbbError::DuplicateAccount`] while the data is borrowed.
    pub fn clear(&self) -> Result<(), EbbError> {
        let _registration = self.header().borrows.claim()?;
        self.header().data_len.set(0);
        self.header().owner.set(system_program::ID);
        Ok(())
    }
}

/// Calls another program, signing for the addresses that the seeds derive.
///
/// # Errors
/// [`EbbError::DuplicateAccount`] if the same account stands twice in `accounts` or is borrowed;
/// else as the program refuses.
pub fn invoke<const N: usize>(
    instruction: &Instruction,
    accounts: [&Account; N],
    seeds: &[&[&[u8]]],
) -> ProgramResult {
    let mut data = Vec::with_capacity(N);
    for account in accounts {
        data.push(account.borrow_mut()?);
    }
    let infos: Vec<AccountInfo> = accounts
        .iter()
        .zip(&mut data)
        .map(|(account, data)| {
            let header = account.header();
            // SAFETY: the account's data is claimed, so it is lent to this call only and stands in
            // it once. Until the call returns, nothing else reads or writes lamports and owner.
            let (lamports, owner) =
                unsafe { (&mut *header.lamports.as_ptr(), &*header.owner.as_ptr()) };
            AccountInfo::new(
                &header.key,
                account.is_signer(),
                account.is_writable(),
                lamports,
                data,
                owner,
                header.executable != 0,
            )
        })
        .collect();
    invoke_signed(instruction, &infos, seeds)
}

/// Where [`Input::read`] puts the accounts.
pub type Places<'a> = [MaybeUninit<Account<'a>>; MAX_ACCOUNTS];

/// What the program was called with.
pub struct Input<'a> {
    pub program_id: &'a Pubkey,
    /// The accounts, as far as an instruction takes that many.
    pub accounts: &'a [Account<'a>],
    pub data: &'a [u8],
}

impl<'a> Input<'a> {
    /// Reads the input.
    ///
    /// # Safety
    /// `input` points to what the loader serialised for this invocation, aligned to eight bytes,
    /// which lives for `'a` and which nothing but this input uses meanwhile. It has not been read
    /// before.
    #[inline(always)]
    pub unsafe fn read(input: *mut u8, places: &'a mut Places<'a>) -> Self {
        let mut cursor = Cursor(input);

        // SAFETY: the loader lays down the count, so many accounts, the length of the data, the
        // data and the program's id. A duplicate names the place of an account before it, which is
        // filled. `filled` counts the places that are, and a `MaybeUninit` has the layout of what
        // it holds.
        unsafe {
            let count = *cursor.take::<u64>() as usize;
            let filled = count.min(MAX_ACCOUNTS);
            for place in 0..MAX_ACCOUNTS {
                if place == filled {
                    break;
                }
                let view = match cursor.account() {
                    Ok(header) => Account {
                        header,
                        input: PhantomData,
                    },
                    Err(first) => places.get_unchecked(first).assume_init(),
                };
                places.get_unchecked_mut(place).write(view);
            }
            for _ in filled..count {
                let _ = cursor.account();
            }
            let data_len = *cursor.take::<u64>() as usize;
            Self {
                data: slice::from_raw_parts(cursor.skip(data_len), data_len),
                program_id: &*cursor.take::<Pubkey>(),
                accounts: slice::from_raw_parts(places.as_ptr().cast(), filled),
            }
        }
    }
}

/// A place in the input.
struct Cursor(*mut u8);

impl Cursor {
    /// # Safety
    /// So many bytes of the input follow.
    #[inline(always)]
    unsafe fn skip(&mut self, len: usize) -> *mut u8 {
        let here = self.0;
        // SAFETY: the caller's promise.
        self.0 = unsafe { here.add(len) };
        here
    }

    /// # Safety
    /// A `T` follows.
    #[inline(always)]
    unsafe fn take<T>(&mut self) -> *mut T {
        // SAFETY: the caller's promise.
        unsafe { self.skip(size_of::<T>()).cast() }
    }

    /// Passes an account, or a duplicate, which names the place of the account.
    ///
    /// # Safety
    /// An account or a duplicate follows.
    #[inline(always)]
    unsafe fn account(&mut self) -> Result<NonNull<Header>, usize> {
        // SAFETY: the caller's promise: the first byte tells which of the two follows, and an
        // account's data and what follows it end at a multiple of eight bytes.
        unsafe {
            let marker = *self.0;
            if marker != NON_DUP_MARKER {
                self.skip(DUPLICATE_LEN);
                return Err(usize::from(marker));
            }
            let header = NonNull::new_unchecked(self.take::<Header>());
            let data_len = header.as_ref().data_len.get() as usize;
            self.skip(data_len.next_multiple_of(ALIGNMENT));
            self.skip(AFTER_DATA_LEN);
            Ok(header)
        }
    }
}

#[cfg(test)]
mod tests;
