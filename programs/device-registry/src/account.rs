//! Checks of accounts: one helper for each.

use {
    core::ops::{Deref, DerefMut},
    ebb_sdk::{state::Head, EbbError},
    pinocchio::{
        account::{Ref, RefMut},
        cpi::{Seed, Signer},
        AccountView,
    },
    pinocchio_system::create_account_with_minimum_balance_signed,
    solana_program::{entrypoint::ProgramResult, program_error::ProgramError, pubkey::Pubkey},
    solana_sdk_ids::system_program,
};

/// The first `N` accounts.
pub fn take<const N: usize>(
    accounts: &mut [AccountView],
) -> Result<&mut [AccountView; N], EbbError> {
    accounts
        .first_chunk_mut()
        .ok_or(EbbError::NotEnoughAccounts)
}

/// The first `N` accounts, and the instruction's optional ones, which follow.
pub fn take_with_optional<const N: usize>(
    accounts: &mut [AccountView],
) -> Result<(&mut [AccountView; N], &mut [AccountView]), EbbError> {
    accounts
        .split_first_chunk_mut()
        .ok_or(EbbError::NotEnoughAccounts)
}

#[inline(always)]
pub fn check_signer(account: &AccountView) -> Result<(), EbbError> {
    if account.is_signer() {
        Ok(())
    } else {
        Err(EbbError::MissingSignature)
    }
}

#[inline(always)]
pub fn check_writable(account: &AccountView) -> Result<(), EbbError> {
    if account.is_writable() {
        Ok(())
    } else {
        Err(EbbError::NotWritable)
    }
}

#[inline(always)]
pub fn check_owner(program_id: &Pubkey, account: &AccountView) -> Result<(), EbbError> {
    if same_key(account.owner(), program_id) {
        Ok(())
    } else {
        Err(EbbError::WrongOwner)
    }
}

#[inline(always)]
pub fn check_key(
    account: &AccountView,
    expected: &Pubkey,
    error: EbbError,
) -> Result<(), EbbError> {
    if same_key(account.address(), expected) {
        Ok(())
    } else {
        Err(error)
    }
}

/// Compares two keys in words, which costs a fraction of comparing them byte by byte.
#[inline(always)]
pub fn same_key(a: &Pubkey, b: &Pubkey) -> bool {
    solana_address::address_eq(a, b)
}

/// An account's data, to read; refused while it is borrowed to write.
#[inline(always)]
pub fn borrow(account: &AccountView) -> Result<Ref<'_, [u8]>, EbbError> {
    account.try_borrow().map_err(|_| EbbError::DuplicateAccount)
}

/// An account's data, to write; refused while it is borrowed.
#[inline(always)]
fn borrow_mut(account: &mut AccountView) -> Result<RefMut<'_, [u8]>, EbbError> {
    account
        .try_borrow_mut()
        .map_err(|_| EbbError::DuplicateAccount)
}

/// An account's head, to read. The account is this program's and of the head's type.
#[inline(always)]
pub fn head<'a, H: Head>(
    program_id: &Pubkey,
    account: &'a AccountView,
) -> Result<Ref<'a, H>, EbbError> {
    check_owner(program_id, account)?;
    Ref::try_map(borrow(account)?, H::of).map_err(|(_, error)| error)
}

/// An account's head, to write in place. The account is this program's, of the head's type and
/// writable, and is borrowed once only: an account passed twice is refused.
#[inline(always)]
pub fn head_mut<'a, H: Head>(
    program_id: &Pubkey,
    account: &'a mut AccountView,
) -> Result<HeadMut<'a, H>, EbbError> {
    check_owner(program_id, account)?;
    check_writable(account)?;
    let view = *account;
    let data = borrow_mut(account)?;
    let head = RefMut::try_map(data, H::of_mut).map_err(|(_, error)| error)?;
    Ok(HeadMut { view, head })
}

/// A head borrowed to write, which leaves the account's address readable.
pub struct HeadMut<'a, H> {
    view: AccountView,
    head: RefMut<'a, H>,
}

impl<H> HeadMut<'_, H> {
    #[inline(always)]
    pub fn address(&self) -> &Pubkey {
        self.view.address()
    }
}

impl<H> Deref for HeadMut<'_, H> {
    type Target = H;

    #[inline(always)]
    fn deref(&self) -> &H {
        &self.head
    }
}

impl<H> DerefMut for HeadMut<'_, H> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut H {
        &mut self.head
    }
}

/// A new account's place: the canonical address of its seeds, writable, and nothing there yet but,
/// at the most, lamports that somebody sent ahead.
pub struct Vacancy<'a> {
    account: &'a mut AccountView,
    seeds: &'a [&'a [u8]],
    /// The canonical bump.
    pub bump: u8,
}

impl<'a> Vacancy<'a> {
    pub fn check(
        program_id: &Pubkey,
        account: &'a mut AccountView,
        seeds: &'a [&'a [u8]],
        taken: EbbError,
    ) -> Result<Self, EbbError> {
        let (address, bump) = Pubkey::find_program_address(seeds, program_id);
        check_key(account, &address, EbbError::WrongAddress)?;
        check_writable(account)?;
        if !same_key(account.owner(), &system_program::ID) || !account.is_data_empty() {
            return Err(taken);
        }
        Ok(Self {
            account,
            seeds,
            bump,
        })
    }

    /// Creates the account and lays down its head and tail.
    pub fn fill(
        self,
        program_id: &Pubkey,
        payer: &AccountView,
        head: &impl Head,
        tail: &[&str],
    ) -> ProgramResult {
        let head = bytemuck::bytes_of(head);
        self.create(program_id, payer, &Contents { head, tail })
    }

    /// Rent is what SIMD-0194 makes it: where that is not active, the runtime refuses the account.
    #[inline(never)]
    fn create(
        self,
        program_id: &Pubkey,
        payer: &AccountView,
        contents: &Contents,
    ) -> ProgramResult {
        let bump = [self.bump];
        let seeds = self.seeds.iter().copied().chain([bump.as_slice()]);
        let seeds: Vec<Seed> = seeds.map(Seed::from).collect();
        create_account_with_minimum_balance_signed(
            self.account,
            contents.len(),
            program_id,
            payer,
            None,
            &[Signer::from(seeds.as_slice())],
        )
        .map_err(borrow_conflict)?;
        contents
            .write(&mut borrow_mut(self.account)?)
            .ok_or(EbbError::CorruptAccount.into())
    }
}

/// The same account in two places is one error, wherever it is found.
fn borrow_conflict(error: ProgramError) -> ProgramError {
    match error {
        ProgramError::AccountBorrowFailed => EbbError::DuplicateAccount.into(),
        error => error,
    }
}

/// An account's bytes: its head, then its strings as Borsh encodes them.
struct Contents<'a> {
    head: &'a [u8],
    tail: &'a [&'a str],
}

impl Contents<'_> {
    fn len(&self) -> usize {
        self.tail.iter().fold(self.head.len(), |len, text| {
            len.saturating_add(size_of::<u32>())
                .saturating_add(text.len())
        })
    }

    fn write(&self, mut data: &mut [u8]) -> Option<()> {
        let mut put = |bytes: &[u8]| {
            let (place, rest) = core::mem::take(&mut data).split_at_mut_checked(bytes.len())?;
            place.copy_from_slice(bytes);
            data = rest;
            Some(())
        };
        put(self.head)?;
        self.tail.iter().try_for_each(|text| {
            put(&u32::try_from(text.len()).ok()?.to_le_bytes())?;
            put(text.as_bytes())
        })
    }
}

/// Who pays a new account's rent, and the program that takes it.
pub fn check_payer(payer: &AccountView, system: &AccountView) -> Result<(), EbbError> {
    check_signer(payer)?;
    check_writable(payer)?;
    check_key(system, &system_program::ID, EbbError::WrongSystemProgram)
}

/// Closes an account: its lamports go to the recorded payer, its bytes go, and the system program
/// owns it again, so lamports sent back within the transaction revive nothing.
pub fn close(
    account: &mut AccountView,
    recipient: &mut AccountView,
    recorded_payer: &Pubkey,
) -> ProgramResult {
    check_key(recipient, recorded_payer, EbbError::WrongRentRecipient)?;
    check_writable(recipient)?;
    if same_key(account.address(), recipient.address()) {
        return Err(EbbError::DuplicateAccount.into());
    }
    let lamports = recipient
        .lamports()
        .checked_add(account.lamports())
        .ok_or(EbbError::Overflow)?;
    recipient.set_lamports(lamports);
    account.set_lamports(0);
    account.close().map_err(borrow_conflict)
}
