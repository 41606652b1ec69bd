//! Several instructions in one transaction, as many as fit.
//!
//! Messages name their accounts in full, and not by an address lookup table: packing without one is enough. What fills a
//! transaction is the addresses that no other transaction names, and writing one of these to a table takes the same 32
//! bytes of another transaction.

use {
    crate::ledger::MAX_TRANSACTION_LEN,
    solana_message::Message,
    solana_program::{instruction::Instruction, pubkey::Pubkey},
};

/// What a ledger may add of its own, such as a compute budget, in bytes.
const RESERVED_LEN: usize = 64;
/// A signature's length in bytes.
const SIGNATURE_LEN: usize = 64;

/// Cuts jobs into packs, in their order, the instructions of each of which fit one transaction that `fee_payer`
/// pays. One that fits none stands alone, for the ledger to refuse.
pub fn pack<T>(
    jobs: Vec<T>,
    instructions: impl Fn(&T) -> &[Instruction],
    fee_payer: &Pubkey,
) -> Vec<Vec<T>> {
    let mut packs: Vec<Vec<T>> = vec![];
    let mut run: Vec<Instruction> = vec![];
    for job in jobs {
        let added = instructions(&job);
        run.extend_from_slice(added);
        match packs.last_mut() {
            Some(pack) if fits(&run, fee_payer) => pack.push(job),
            _ => {
                run.drain(..run.len().saturating_sub(added.len()));
                packs.push(vec![job]);
            }
        }
    }
    packs
}

fn fits(run: &[Instruction], fee_payer: &Pubkey) -> bool {
    let message = Message::new(run, Some(fee_payer));
    let signatures = usize::from(message.header.num_required_signatures);
    let len = message.serialize().len() + signatures * SIGNATURE_LEN + 1;
    len + RESERVED_LEN <= MAX_TRANSACTION_LEN
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::instruction::{close_session, Expect},
        std::slice,
    };

    fn close(user: u8) -> Instruction {
        let key = |n| Pubkey::new_from_array([n; 32]);
        close_session(
            &crate::ID,
            &key(1),
            &key(2),
            &key(user),
            &key(user),
            Some(&key(3)),
            Expect::default(),
        )
    }

    #[test]
    fn runs_are_full_and_keep_the_order() {
        let all: Vec<_> = (10..60).map(close).collect();
        let payer = Pubkey::new_from_array([1; 32]);
        let runs = pack(all.clone(), slice::from_ref, &payer);
        assert!(runs.len() < 8, "{}", runs.len());
        assert_eq!(runs.concat(), all);
        for run in runs {
            let message = Message::new(&run, Some(&payer));
            assert!(message.serialize().len() + 65 <= MAX_TRANSACTION_LEN);
        }
    }
}
