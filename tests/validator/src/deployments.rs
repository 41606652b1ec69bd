use {
    crate::{Options, Validator},
    solana_sdk::{pubkey::Pubkey, signature::Keypair, signer::Signer},
    std::sync::Mutex,
};

/// A validator that the tests of a program share, with a deployment for each of them.
pub struct Deployments {
    pub validator: Validator,
    /// The programs' upgrade authority.
    pub authority: Keypair,
    free: Mutex<Vec<Pubkey>>,
}

impl Deployments {
    /// Starts a validator with so many deployments beside what the options name.
    pub fn start(count: usize, authority: Keypair, options: Options) -> Self {
        let free: Vec<Pubkey> = (0..count).map(|_| Pubkey::new_unique()).collect();
        let key = authority.pubkey();
        let options = free.iter().fold(options, |all, id| all.program(id, &key));
        Self {
            validator: Validator::start(options),
            authority,
            free: Mutex::new(free),
        }
    }

    /// The address of a deployment that no other test gets. It has no registry.
    pub fn take(&self) -> Pubkey {
        let free = self.free.lock().expect("no one panicked").pop();
        free.expect("there are as many deployments as tests that ask for one")
    }
}
