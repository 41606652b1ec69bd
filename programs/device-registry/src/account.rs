//! Checks of accounts: one helper for each.

use {
    core::cell::{Ref, RefMut},
    ebb_sdk::{state::Head, EbbError},
    solana_program::{
        account_info::AccountInfo,
        program::{invoke, invoke_signed},
        program_error::ProgramError,
        pubkey::Pubkey,
        rent::Rent,
        sysvar::Sysvar,
    },
    solana_sdk_ids::system_program,
    solana_system_interface::instruction as system_instruction,
};

/// The first `N` accounts; those beyond are the instruction's optional ones.
pub fn take<'a, 'info, const N: usize>(
    accounts: &'a [AccountInfo<'info>],
) -> Result<&'a [AccountInfo<'info>; N], EbbError> {
    accounts.first_chunk().ok_or(EbbError::NotEnoughAccounts)
}

pub fn check_signer(account: &AccountInfo) -> Result<(), EbbError> {
    if account.is_signer {
        Ok(())
    } else {
        Err(EbbError::MissingSignature)
    }
}

pub fn check_writable(account: &AccountInfo) -> Result<(), EbbError> {
    if account.is_writable {
        Ok(())
    } else {
        Err(EbbError::NotWritable)
    }
}

pub fn check_owner(program_id: &Pubkey, account: &AccountInfo) -> Result<(), EbbError> {
    if same_key(account.owner, program_id) {
        Ok(())
    } else {
        Err(EbbError::WrongOwner)
    }
}

pub fn check_key(
    account: &AccountInfo,
    expected: &Pubkey,
    error: EbbError,
) -> Result<(), EbbError> {
    if same_key(account.key, expected) {
        Ok(())
    } else {
        Err(error)
    }
}

/// Compares two keys in words, which costs a fraction of comparing them byte by byte.
pub fn same_key(a: &Pubkey, b: &Pubkey) -> bool {
    solana_address::address_eq(a, b)
}

/// An account's head, to read. The account is this program's and of the head's type.
pub fn head<'a, H: Head>(
    program_id: &Pubkey,
    account: &'a AccountInfo,
) -> Result<Ref<'a, H>, EbbError> {
    check_owner(program_id, account)?;
    let data = account
        .try_borrow_data()
        .map_err(|_| EbbError::DuplicateAccount)?;
    let mut refusal = EbbError::CorruptAccount;
    Ref::filter_map(data, |data| {
        H::of(data).map_err(|error| refusal = error).ok()
    })
    .map_err(|_| refusal)
}

/// An account's head, to write in place. The account is this program's, of the head's type and
/// writable, and is borrowed once only: an account passed twice is refused.
pub fn head_mut<'a, H: Head>(
    program_id: &Pubkey,
    account: &'a AccountInfo,
) -> Result<RefMut<'a, H>, EbbError> {
    check_owner(program_id, account)?;
    check_writable(account)?;
    let data = account
        .try_borrow_mut_data()
        .map_err(|_| EbbError::DuplicateAccount)?;
    let mut refusal = EbbError::CorruptAccount;
    RefMut::filter_map(data, |data| {
        H::of_mut(data).map_err(|error| refusal = error).ok()
    })
    .map_err(|_| refusal)
}

/// A new account's place: the canonical address of its seeds, writable, and nothing there yet but,
/// at the most, lamports that somebody sent ahead.
pub struct Vacancy<'a, 'info> {
    account: &'a AccountInfo<'info>,
    seeds: &'a [&'a [u8]],
    /// The canonical bump.
    pub bump: u8,
}

impl<'a, 'info> Vacancy<'a, 'info> {
    pub fn check(
        program_id: &Pubkey,
        account: &'a AccountInfo<'info>,
        seeds: &'a [&'a [u8]],
        taken: EbbError,
    ) -> Result<Self, EbbError> {
        let (address, bump) = Pubkey::find_program_address(seeds, program_id);
        check_key(account, &address, EbbError::WrongAddress)?;
        check_writable(account)?;
        if !same_key(account.owner, &system_program::ID) || !account.data_is_empty() {
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
        payer: &AccountInfo<'info>,
        system: &AccountInfo<'info>,
        head: &impl Head,
        tail: &[&str],
    ) -> Result<(), ProgramError> {
        let contents = Contents {
            head: bytemuck::bytes_of(head),
            tail,
        };
        self.create(program_id, payer, system, contents.len())?;
        let mut data = self
            .account
            .try_borrow_mut_data()
            .map_err(|_| EbbError::DuplicateAccount)?;
        contents
            .write(&mut data)
            .ok_or(EbbError::CorruptAccount.into())
    }

    fn create(
        &self,
        program_id: &Pubkey,
        payer: &AccountInfo<'info>,
        system: &AccountInfo<'info>,
        len: usize,
    ) -> Result<(), ProgramError> {
        let (address, space) = (self.account.key, len as u64);
        let rent = Rent::get()?.minimum_balance(len);
        let bump = [self.bump];
        let mut seeds = self.seeds.to_vec();
        seeds.push(&bump);
        let accounts = [payer.clone(), self.account.clone(), system.clone()];

        let present = self.account.lamports();
        if present == 0 {
            let create =
                system_instruction::create_account(payer.key, address, rent, space, program_id);
            return invoke_signed(&create, &accounts, &[&seeds]);
        }
        // `create_account` refuses an address that holds lamports, so anybody could block a code by
        // sending it one.
        let missing = rent.saturating_sub(present);
        if missing > 0 {
            invoke(
                &system_instruction::transfer(payer.key, address, missing),
                &accounts,
            )?;
        }
        invoke_signed(
            &system_instruction::allocate(address, space),
            &accounts,
            &[&seeds],
        )?;
        invoke_signed(
            &system_instruction::assign(address, program_id),
            &accounts,
            &[&seeds],
        )
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
pub fn check_payer(payer: &AccountInfo, system: &AccountInfo) -> Result<(), EbbError> {
    check_signer(payer)?;
    check_writable(payer)?;
    check_key(system, &system_program::ID, EbbError::WrongSystemProgram)
}

/// Closes an account: its lamports go to the recorded payer, its bytes go, and the system program
/// owns it again, so lamports sent back within the transaction revive nothing.
pub fn close(
    account: &AccountInfo,
    recipient: &AccountInfo,
    recorded_payer: &Pubkey,
) -> Result<(), ProgramError> {
    check_key(recipient, recorded_payer, EbbError::WrongRentRecipient)?;
    check_writable(recipient)?;
    {
        let mut from = account
            .try_borrow_mut_lamports()
            .map_err(|_| EbbError::DuplicateAccount)?;
        let mut to = recipient
            .try_borrow_mut_lamports()
            .map_err(|_| EbbError::DuplicateAccount)?;
        **to = to.checked_add(**from).ok_or(EbbError::Overflow)?;
        **from = 0;
    }
    account.resize(0)?;
    account.assign(&system_program::ID);
    Ok(())
}
