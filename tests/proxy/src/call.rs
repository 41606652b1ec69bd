use solana_program::{
    instruction::{AccountMeta, Instruction},
    pubkey::Pubkey,
};

/// The tag of [`touch`]; a number to add to the byte follows.
pub(crate) const TOUCH: u8 = 2;
const VAULT_SEED: &[u8] = b"vault";

/// The address of a vault, and its bump.
pub fn vault(program_id: &Pubkey, number: u8) -> (Pubkey, u8) {
    Pubkey::find_program_address(&seeds(&number), program_id)
}

/// The seeds of a vault, without its bump.
pub(crate) fn seeds(number: &u8) -> [&[u8]; 2] {
    [VAULT_SEED, core::slice::from_ref(number)]
}

/// Sends another program's instruction.
///
/// A vault signs it, or nobody does but who signed the transaction. What is to be logged is logged
/// as data before the call and after it. Accounts: the program to call, then its instruction's.
///
/// # Panics
/// If more than 255 bytes are to be logged.
pub fn call(
    program_id: &Pubkey,
    vault: Option<u8>,
    log: &[u8],
    instruction: &Instruction,
) -> Instruction {
    let log_len = u8::try_from(log.len()).unwrap_or_else(|_| panic!("a log of {}", log.len()));
    let head = [vault.is_some().into(), vault.unwrap_or(0), log_len];
    let mut accounts = vec![AccountMeta::new_readonly(instruction.program_id, false)];
    accounts.extend(instruction.accounts.iter().map(|meta| AccountMeta {
        // Nobody has the key of a program's address, so none signs a transaction.
        is_signer: meta.is_signer && meta.pubkey.is_on_curve(),
        ..meta.clone()
    }));
    let data = [&head, log, &instruction.data].concat();
    Instruction::new_with_bytes(*program_id, &data, accounts)
}

/// Stores the first byte of an account's data once more, which changes nothing. The account is read-only.
pub fn touch(program_id: &Pubkey, account: &Pubkey) -> Instruction {
    let accounts = vec![AccountMeta::new_readonly(*account, false)];
    Instruction::new_with_bytes(*program_id, &[TOUCH, 0], accounts)
}

/// What [`call`] writes as the instruction's data.
pub(crate) struct Call<'a> {
    pub vault: Option<u8>,
    pub log: &'a [u8],
    pub data: &'a [u8],
}

impl<'a> Call<'a> {
    pub fn unpack(data: &'a [u8]) -> Option<Self> {
        let [tag, number, log_len, rest @ ..] = data else {
            return None;
        };
        let vault = match tag {
            0 => None,
            1 => Some(*number),
            _ => return None,
        };
        let (log, data) = rest.split_at_checked(usize::from(*log_len))?;
        Some(Self { vault, log, data })
    }
}
