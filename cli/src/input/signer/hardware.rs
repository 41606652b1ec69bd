//! Keys that hardware wallets hold.
//!
//! A wallet's connection stays on the thread that made it, so each has a thread of its own that
//! signs what it is given.

use {
    crate::input::key::Key,
    solana_derivation_path::DerivationPath,
    solana_remote_wallet::{
        locator::Locator,
        remote_keypair::{generate_remote_keypair, RemoteKeypair},
        remote_wallet::{maybe_wallet_manager, RemoteWalletError},
    },
    solana_sdk::{
        pubkey::Pubkey,
        signature::Signature,
        signer::{Signer, SignerError},
    },
    std::{
        error::Error,
        sync::{
            mpsc::{channel, Sender},
            Arc, Mutex, PoisonError,
        },
        thread,
    },
};

/// What to sign, and where the signature goes.
struct SigningRequest {
    message: Vec<u8>,
    answer: Sender<Result<Signature, SignerError>>,
}

struct Wallet {
    pubkey: Pubkey,
    requests: Mutex<Sender<SigningRequest>>,
}

/// Finds the wallet and reads its public key. `name` is what it is called where several are asked about.
pub(super) fn connect(
    name: &str,
    locator: Locator,
    path: DerivationPath,
) -> Result<Key, Box<dyn Error>> {
    let (requests, asked) = channel::<SigningRequest>();
    let (connected, outcome) = channel();
    let name = name.to_owned();
    thread::spawn(move || {
        let wallet = match open(&name, locator, path) {
            Ok(wallet) => wallet,
            // Who asked has gone if nobody reads this.
            Err(error) => return drop(connected.send(Err(error))),
        };
        if connected.send(Ok(wallet.pubkey)).is_err() {
            return;
        }
        for SigningRequest { message, answer } in asked {
            if answer.send(wallet.try_sign_message(&message)).is_err() {
                return;
            }
        }
    });
    Ok(Arc::new(Wallet {
        pubkey: outcome.recv()??,
        requests: Mutex::new(requests),
    }))
}

fn open(
    name: &str,
    locator: Locator,
    path: DerivationPath,
) -> Result<RemoteKeypair, RemoteWalletError> {
    let manager = maybe_wallet_manager()?.ok_or(RemoteWalletError::NoDeviceFound)?;
    generate_remote_keypair(locator, path, &manager, false, name)
}

impl Signer for Wallet {
    fn try_pubkey(&self) -> Result<Pubkey, SignerError> {
        Ok(self.pubkey)
    }

    fn try_sign_message(&self, message: &[u8]) -> Result<Signature, SignerError> {
        let gone = || SignerError::Connection("the wallet's connection has ended".into());
        let (answer, signed) = channel();
        let request = SigningRequest {
            message: message.to_vec(),
            answer,
        };
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .send(request)
            .map_err(|_| gone())?;
        signed.recv().map_err(|_| gone())?
    }

    fn is_interactive(&self) -> bool {
        true
    }
}
