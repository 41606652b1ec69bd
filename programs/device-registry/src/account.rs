//! Checks of accounts: one helper for each.

use {
    crate::{
        borrow::{Ref, RefMut},
        input::{invoke, Account},
    },
    ebb_sdk::{state::Head, EbbError},
    solana_program::{entrypoint::ProgramResult, pubkey::Pubkey, rent::Rent, sysvar::Sysvar},
    solana_sdk_ids::system_program,
    solana_system_interface::instruction as system_instruction,
};

/// The first `N` accounts; those beyond are the instruction's optional ones.
pub fn take<'a, 'input, const N: usize>(
    accounts: &'a [Account<'input>],
) -> Result<&'a [Account<'input>; N], EbbError> {
    accounts.first_chunk().ok_or(EbbError::NotEnoughAccounts)
}

#[inline(always)]
pub fn check_signer(account: &Account) -> Result<(), EbbError> {
    if account.is_signer() {
        Ok(())
    } else {
        Err(EbbError::MissingSignature)
    }
}

#[inline(always)]
pub fn check_writable(account: &Account) -> Result<(), EbbError> {
    if account.is_writable() {
        Ok(())
    } else {
        Err(EbbError::NotWritable)
    }
}

#[inline(always)]
pub fn check_owner(program_id: &Pubkey, account: &Account) -> Result<(), EbbError> {
    if account.is_owned_by(program_id) {
        Ok(())
    } else {
        Err(EbbError::WrongOwner)
    }
}

#[inline(always)]
pub fn check_key(account: &Account, expected: &Pubkey, error: EbbError) -> Result<(), EbbError> {
    if same_key(account.key(), expected) {
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

/// An account's head, to read. The account is this program's and of the head's type.
#[inline(always)]
pub fn head<'a, H: Head>(
    program_id: &Pubkey,
    account: &'a Account,
) -> Result<Ref<'a, H>, EbbError> {
    check_owner(program_id, account)?;
    let (data, registration) = account.borrow()?.into_parts();
    Ok(Ref::new(H::of(data)?, registration))
}

/// An account's head, to write in place. The account is this program's, of the head's type and
/// writable, and is borrowed once only: an account passed twice is refused.
#[inline(always)]
pub fn head_mut<'a, H: Head>(
    program_id: &Pubkey,
    account: &'a Account,
) -> Result<RefMut<'a, H>, EbbError> {
    check_owner(program_id, account)?;
    check_writable(account)?;
    let (data, registration) = account.borrow_mut()?.into_parts();
    Ok(RefMut::new(H::of_mut(data)?, registration))
}

/// A new account's place: the canonical address of its seeds, writable, and nothing there yet but,
/// at the most, lamports that somebody sent ahead.
pub struct Vacancy<'a> {
    account: &'a Account<'a>,
    seeds: &'a [&'a [u8]],
    /// The canonical bump.
    pub bump: u8,
}

impl<'a> Vacancy<'a> {
    pub fn check(
        program_id: &Pubkey,
        account: &'a Account<'a>,
        seeds: &'a [&'a [u8]],
        taken: EbbError,
    ) -> Result<Self, EbbError> {
        let (address, bump) = Pubkey::find_program_address(seeds, program_id);
        check_key(account, &address, EbbError::WrongAddress)?;
        check_writable(account)?;
        if !account.is_owned_by(&system_program::ID) || !account.is_empty() {
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
        &self,
        program_id: &Pubkey,
        payer: &Account,
        system: &Account,
        head: &impl Head,
        tail: &[&str],
    ) -> ProgramResult {
        let contents = Contents {
            head: bytemuck::bytes_of(head),
            tail,
        };
        self.create(program_id, payer, system, contents.len())?;
        contents
            .write(&mut self.account.borrow_mut()?)
            .ok_or(EbbError::CorruptAccount.into())
    }

    fn create(
        &self,
        program_id: &Pubkey,
        payer: &Account,
        system: &Account,
        len: usize,
    ) -> ProgramResult {
        let (address, space) = (self.account.key(), len as u64);
        let rent = Rent::get()?.minimum_balance(len);
        let bump = [self.bump];
        let mut seeds = self.seeds.to_vec();
        seeds.push(&bump);
        let accounts = [payer, self.account, system];

        let present = self.account.lamports();
        if present == 0 {
            let create =
                system_instruction::create_account(payer.key(), address, rent, space, program_id);
            return invoke(&create, accounts, &[&seeds]);
        }
        // `create_account` refuses an address that holds lamports, so anybody could block a code by
        // sending it one.
        let missing = rent.saturating_sub(present);
        if missing > 0 {
            let transfer = system_instruction::transfer(payer.key(), address, missing);
            invoke(&transfer, accounts, &[])?;
        }
        let allocate = system_instruction::allocate(address, space);
        invoke(&allocate, accounts, &[&seeds])?;
        let assign = system_instruction::assign(address, program_id);
        invoke(&assign, accounts, &[&seeds])
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
pub fn check_payer(payer: &Account, system: &Account) -> Result<(), EbbError> {
    check_signer(payer)?;
    check_writable(payer)?;
    check_key(system, &system_program::ID, EbbError::WrongSystemProgram)
}

/// Closes an account: its lamports go to the recorded payer, its bytes go, and the system program
/// owns it again, so lamports sent back within the transaction revive nothing.
pub fn close(account: &Account, recipient: &Account, recorded_payer: &Pubkey) -> ProgramResult {
    check_key(recipient, recorded_payer, EbbError::WrongRentRecipient)?;
    check_writable(recipient)?;
    if same_key(account.key(), recipient.key()) {
        return Err(EbbError::DuplicateAccount.into());
    }
    let lamports = recipient
        .lamports()
        .checked_add(account.lamports())
        .ok_or(EbbError::Overflow)?;
    recipient.set_lamports(lamports);
    account.set_lamports(0);
    account.clear()?;
    Ok(())
}
